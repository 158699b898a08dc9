"""Invoices that were sent, after their due day: past due, its grace, and its ends, as of what is charged. (C2)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from billing.invoicing.policy import AfterDunning, Dunning, SentInvoices
from tests.scenarios.bookkeeping import VOID
from tests.scenarios.paying import COLLECT, MARK_PAID, invoices, method
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY
from tests.scenarios.test_dunning import bill

if TYPE_CHECKING:
    from tests.scenarios.story import Story

READ = "query($id: ID!) { subscription(id: $id) { status graceUntil cancellation { reason } } }"


async def buys(story: Story, after: AfterDunning = AfterDunning.CANCEL) -> str:
    """Let somebody buy who is sent invoices, payable within ten days."""
    await story.catalog(CATALOG)
    await bill(story, days_until_due=10, dunning=Dunning(after=after, sent=SentInvoices.DUN))
    return await story.subscribe("acme", "ten", currency="USD", interval=MONTHLY)


async def status(story: Story, subscription: str) -> Any:
    """Where it stands."""
    return (await story.world.ask(READ, id=subscription))["subscription"]["status"]


async def types(story: Story) -> list[str]:
    """What happened since this was asked last."""
    return [each["type"] for each in await story.events("acme")]


async def test_it_is_past_due_with_the_grace_of_its_due_day_and_given_up_like_what_is_charged(story: Story) -> None:
    acme = await buys(story)
    await story.advance("2024-01-10T23:59:59")
    assert (await status(story, acme), await types(story)) == ("ACTIVE", [])
    await story.advance("2024-01-11")

    (late, past_due) = await story.events("acme")
    assert (late["type"], past_due["type"], late["cause"]) == (
        "invoice.past_due", "subscription.past_due", "AUTOMATIC",
    )  # fmt: skip
    assert story.names.plain(late["after"]) == {
        "number": late["after"]["number"],
        "subscriptionId": story.names.plain(acme),
        "remaining": "10.00",
        "currency": "USD",
        "payableBy": "2024-01-11",
        "givenUpAt": "2024-01-25",
    }
    told = (await story.world.ask(READ, id=acme))["subscription"]
    assert (told["status"], told["graceUntil"][:10]) == ("PAST_DUE", "2024-01-25")
    assert (await story.entitlement("acme", "pages"))["hasAccess"]
    assert (await invoices(story))[0]["nextAttemptAt"] is None
    await story.advance("2024-01-25")

    told = (await story.world.ask(READ, id=acme))["subscription"]
    assert (told["status"], told["cancellation"]) == ("CANCELED", {"reason": "PAYMENT_FAILED"})
    ((invoice),) = await invoices(story)
    assert (invoice["status"], invoice["autoAdvance"]) == ("OPEN", False)
    await story.act(MARK_PAID, invoiceId=invoice["id"])
    assert await status(story, acme) == "CANCELED"


async def test_all_that_is_late_has_to_be_paid_and_what_is_void_asks_for_nothing(story: Story) -> None:
    acme = await buys(story, AfterDunning.LEAVE_PAST_DUE)
    await story.advance("2024-02-20")
    first, second = await invoices(story)
    assert await status(story, acme) == "PAST_DUE"

    await story.act(MARK_PAID, invoiceId=first["id"])
    still = await status(story, acme)
    await story.act(VOID, invoiceId=second["id"])

    assert (still, await status(story, acme)) == ("PAST_DUE", "ACTIVE")
    await method(story, "sandbox_succeeds")
    await story.advance("2024-05-01")
    assert await status(story, acme) == "ACTIVE"
    assert "subscription.past_due" not in (await types(story))[-12:]


@pytest.mark.parametrize(
    ("late", "paid_in", "ends", "last"),
    [
        ("sandbox_settles_late", "ACTIVE", "ACTIVE", "subscription.recovered"),
        ("sandbox_fails_late", "PAST_DUE", "CANCELED", "subscription.canceled"),
    ],
)
async def test_a_payment_on_its_way_is_waited_for_before_it_is_given_up(
    story: Story, late: str, paid_in: str, ends: str, last: str
) -> None:
    acme = await buys(story)
    await story.advance("2024-01-24T20:00:00")
    ((invoice),) = await invoices(story)
    await method(story, late)
    await story.act(COLLECT, invoiceId=invoice["id"])
    await story.advance("2024-01-26T12:00:00")

    waiting = await status(story, acme)
    await story.advance("2024-01-27T20:00:00")
    settled = await status(story, acme)
    await story.advance("2024-01-28")

    assert (waiting, settled, await status(story, acme)) == ("PAST_DUE", paid_in, ends)
    assert (await types(story))[-1] == last


async def test_after_downtime_it_is_given_up_no_sooner_than_it_was_seen_to_be_late(story: Story) -> None:
    acme = await buys(story)
    await story.jump("2024-01-28")
    await story.world.worker().catch_up()

    assert await status(story, acme) == "PAST_DUE"
    await story.advance("2024-02-10")
    assert await status(story, acme) == "PAST_DUE"
    await story.advance("2024-02-11")
    assert await status(story, acme) == "CANCELED"


async def test_without_the_setting_nothing_happens_and_what_waits_under_it_is_let_be_when_it_is_taken_away(
    story: Story,
) -> None:
    acme = await buys(story)
    await bill(story, days_until_due=10)
    await story.advance("2024-02-20")

    assert await status(story, acme) == "ACTIVE"
    assert "invoice.past_due" not in await types(story)
