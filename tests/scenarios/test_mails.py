"""Customers are told of payments that failed, once each, with a link, until one succeeds. (C2)"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from billing.invoicing.policy import Mails
from models.tables.base import table
from models.tables.customer import PortalSessionRow
from models.tables.environment import SequenceRow
from models.tables.journal import OutboxRow
from models.tables.subscription import SubscriptionRow
from plangate.mailing.mailers import Folder, MailNotTaken, MailRefused
from plangate.mailing.postman import MOST_ATTEMPTS, Postman
from plangate.worker import Worker
from tests.races.arena import Arena
from tests.scenarios.documents import UPSERT
from tests.scenarios.paying import MARK_PAID, invoices, payer
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY
from tests.scenarios.test_dunning import bill
from tests.world import START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from sqlalchemy import Delete, Update

    from billing.ports import Mail, Mailer
    from tests.scenarios.story import Story
    from tests.world import World

SENDER = "Acme <pay@acme.example>"


@pytest.fixture
async def telling(story: Story) -> Story:
    """A world whose customers are told by mail."""
    await bill(story, mails=Mails(payment_failed=True))
    return story


async def owing(story: Story, reference: str, **about: Any) -> str:
    """Somebody with an address, whose payments do as their method says."""
    acme = await payer(story, reference)
    await story.world.ask(UPSERT, input={"externalId": "acme", "email": "ann@acme.example", **about})
    return acme


async def sent(story: Story, folder: Path) -> list[EmailMessage]:
    """Let the worker carry out what waits; answers every mail so far, in order."""
    await carry(story, Folder(folder, SENDER))
    return list(read(folder))


async def carry(story: Story, mailer: Mailer) -> None:
    """Let the worker carry out what waits."""
    world = story.world
    carriers = Postman(world.contexts, mailer, "s" * 40, timedelta(days=7)).carriers
    await Worker(world.database, world.clock, world.contexts.ids, idle_seconds=0.01, mails=carriers).catch_up()


@dataclass
class Refusing:
    """A mail server that takes nothing, and says why."""

    said: MailNotTaken
    heard: list[str] = field(default_factory=list[str])

    async def send(self, mail: Mail) -> None:
        """Refuse a mail."""
        self.heard.append(next(line for line in mail.text.splitlines() if "/portal/open/" in line))
        raise self.said


@dataclass
class Taking:
    """A mail server that takes everything; what is broken while it does is broken afterwards."""

    world: World
    breaking: Update | Delete
    heard: list[str] = field(default_factory=list[str])

    async def send(self, mail: Mail) -> None:
        """Take a mail."""
        self.heard.append(mail.to)
        async with self.world.database.working() as session:
            await session.execute(self.breaking)


def read(folder: Path) -> Iterator[EmailMessage]:
    """Every mail in a folder, in order."""
    for file in sorted(folder.glob("*.eml")):
        yield message_from_bytes(file.read_bytes(), policy=policy.default)


async def test_each_attempt_that_fails_is_told_with_a_link_and_success_ends_it(telling: Story, tmp_path: Path) -> None:
    await owing(telling, "sandbox_fails_2_times", locale="de")
    counted: list[int] = []
    for day in ("2024-01-01T00:00:01", "2024-01-02T00:00:01", "2024-01-03T00:00:01", "2024-01-31"):
        await telling.advance(day)
        counted.append(len(await sent(telling, tmp_path)))
    first, second = await sent(telling, tmp_path)

    assert counted == [1, 2, 2, 2]
    assert (first["To"], first["From"], first["Content-Language"]) == ("ann@acme.example", SENDER, "de")
    assert first["Subject"] == "Ihre Zahlung an Main ist fehlgeschlagen"
    said = first.get_content()
    assert "10,00\xa0$" in said
    assert "Am 2. Januar 2024 wird es erneut versucht." in said
    assert "3. Januar 2024" in second.get_content()
    (link,) = [line for line in said.splitlines() if "/portal/open/" in line]
    kept = {each["link_digest"] for each in await Arena([telling.world]).of(PortalSessionRow)}
    assert len(kept) == 2
    assert telling.world.contexts.secrets.digest(link.rpartition("/")[2]) in kept


async def test_a_mail_that_is_tried_again_holds_the_same_link_for_a_week_and_ends_in_the_end(telling: Story) -> None:
    await owing(telling, "sandbox_declines_insufficient_funds")
    await telling.advance("2024-01-01T00:00:01")
    busy, never = Refusing(MailNotTaken(450)), Refusing(MailRefused(550))
    clock = telling.world.clock
    began = clock.now()
    for _ in range(3):
        await carry(telling, busy)
        clock.move(timedelta(minutes=5))

    (link,) = await Arena([telling.world]).of(PortalSessionRow)
    assert (len(busy.heard), len(set(busy.heard))) == (3, 1)
    assert link["expires_at"] - began >= timedelta(days=7)
    with capture_logs() as logs:
        await carry(telling, never)
        clock.move(timedelta(days=1))
        await carry(telling, never)
    assert len(never.heard) == 1
    assert [(each["event"], each["said"]) for each in logs] == [("mail_dropped", "550")]

    await telling.advance("2024-01-02T00:00:01")
    await carry(telling, busy)
    async with telling.world.database.working() as session:
        await session.execute(update(table(OutboxRow)).values(attempts=MOST_ATTEMPTS))
    clock.move(timedelta(minutes=1))
    with capture_logs() as logs:
        await carry(telling, busy)
    assert len(busy.heard) == 4
    assert [(each["event"], each["said"]) for each in logs] == [("mail_dropped", "tried too often")]


async def test_what_is_not_so_any_more_is_not_told(telling: Story, tmp_path: Path) -> None:
    await owing(telling, "sandbox_declines_insufficient_funds", locale="en")
    await telling.advance("2024-01-03T00:00:01")
    (late,) = await sent(telling, tmp_path)
    await telling.advance("2024-01-05T00:00:01")
    ((invoice),) = await invoices(telling)
    await telling.act(MARK_PAID, invoiceId=invoice["id"])

    assert "January 5, 2024" in late.get_content()
    assert len(await sent(telling, tmp_path)) == 1


async def test_the_hosts_own_page_is_linked_where_it_has_one_and_who_has_no_address_gets_nothing(
    telling: Story, tmp_path: Path
) -> None:
    await bill(telling, mails=Mails(payment_failed=True, payment_url="https://shop.example/pay"))
    await owing(telling, "sandbox_declines_expired_card")
    await payer(telling, "sandbox_declines_expired_card", "silent")
    await telling.advance("2024-01-01T00:00:01")

    (told,) = await sent(telling, tmp_path)
    assert "https://shop.example/pay" in told.get_content()
    assert await Arena([telling.world]).of(PortalSessionRow) == []


async def test_a_mail_that_went_out_does_not_go_again_where_nothing_can_be_settled_or_written_down(
    telling: Story,
) -> None:
    await bill(telling, mails=Mails(payment_failed=True, payment_url="https://shop.example/pay"))
    await owing(telling, "sandbox_fails_2_times")
    await telling.advance("2024-01-01T00:00:01")
    unsettled = update(table(SubscriptionRow)).values(zone="Nowhere", due_at=START)
    taking = Taking(telling.world, unsettled)
    await carry_often(telling, taking)
    mailed = [each for each in await telling.events("acme") if each["type"] == "mail.sent"]

    assert (len(taking.heard), len(mailed)) == (1, 1)

    async with telling.world.database.working() as session:
        await session.execute(update(table(SubscriptionRow)).values(zone="UTC", due_at=None))
    await telling.advance("2024-01-02T00:00:01")
    unnumbered = Taking(telling.world, delete(table(SequenceRow)))
    with capture_logs() as logs:
        await carry_often(telling, unnumbered)

    assert len(unnumbered.heard) == 1
    assert [each["event"] for each in logs if each["event"] == "mail_untold"] == ["mail_untold"]


async def carry_often(story: Story, mailer: Mailer) -> None:
    """Let the worker carry out what waits, as often as it would try again for a while."""
    for _ in range(4):
        await carry(story, mailer)
        story.world.clock.move(timedelta(hours=2))


async def test_an_invoice_that_was_sent_is_told_on_its_due_day_once_and_not_where_it_is_paid(
    story: Story, tmp_path: Path
) -> None:
    await bill(story, days_until_due=10, mails=Mails(past_due=True))
    await story.catalog(CATALOG)
    for name in ("acme", "quick"):
        await story.subscribe(name, "ten", currency="USD", interval=MONTHLY)
        await story.world.ask(UPSERT, input={"externalId": name, "email": f"{name}@acme.example", "locale": "en"})
    ((first),) = await invoices(story, "quick")
    await story.act(MARK_PAID, invoiceId=first["id"])
    await story.advance("2024-01-10T23:59:59")
    early = len(await sent(story, tmp_path))
    await story.advance("2024-01-11T00:00:01")
    (told,) = await sent(story, tmp_path)
    await story.advance("2024-01-31")

    assert early == 0
    assert len(await sent(story, tmp_path)) == 1
    assert told["To"] == "acme@acme.example"
    assert "is due" in told["Subject"]
    assert "was due on January 11, 2024: $10.00 is not paid yet." in told.get_content()
    assert "/portal/open/" in told.get_content()
    (mailed,) = [each for each in await story.events("acme") if each["type"] == "mail.sent"]
    assert mailed["after"]["mail"] == "PAST_DUE"
