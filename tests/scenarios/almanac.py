"""A calendar written in files: who subscribes when, what is done, and which invoices and events that makes.

A file `calendar/<about>/<case>.yaml` says in its first line what it shows. Instants are UTC. `invoices` has a line for
each: status, total, and what for; `events` a line for each instant. Both stand there before the clock moves;
`PLANGATE_WRITE_GOLDEN=1` writes them anew: then read the difference, and reckon it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

from billing.invoicing.settings import policy_of, policy_written
from models.stores.environments import Environments
from plangate.catalog.reading import read_catalog
from tests.scenarios import catalogs, documents
from tests.scenarios.bookkeeping import GRANT, VOID, invoice_ids
from tests.scenarios.couponed import coupon
from tests.scenarios.paying import ADD, MARK_PAID, PAUSE, RESUME, method
from tests.scenarios.priced import bills, invoices
from tests.scenarios.scheduling import CREATE as SCHEDULE
from tests.scenarios.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable

    from billing.catalog.values import Catalog
    from tests.world import World

FOLDER: Final = Path(__file__).parent / "calendar"
ACME: Final = {"externalId": "acme"}
OF_SUBSCRIPTION: Final = {
    "subscriptionChange": documents.CHANGE,
    "subscriptionDowngrade": documents.DOWNGRADE,
    "subscriptionCancel": documents.CANCEL,
    "subscriptionCancellationUndo": documents.UNDO,
    "subscriptionCollectionPause": PAUSE,
    "subscriptionCollectionResume": RESUME,
    "subscriptionScheduleCreate": SCHEDULE,
}
OF_CUSTOMER: Final = {"usageReport": documents.REPORT, "creditGrant": GRANT, "paymentMethodAdd": ADD}
OF_INVOICE: Final = {"invoiceVoid": VOID, "invoiceMarkPaid": MARK_PAID}
MOST: Final = timedelta(days=700)
"""So far a test clock is moved at once."""
CROOKED: Final = timedelta(days=33, hours=7, minutes=13)
UNTOLD: Final = ("customer.", "payment_method.", "usage.", "entitlement.", "coupon.")


@dataclass(frozen=True)
class Act:
    """Something that is done at an instant."""

    at: str
    name: str
    terms: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What a file says."""

    until: str
    plan: str
    begins: str = "2024-01-01"
    zone: str = "UTC"
    terms: dict[str, Any] = field(default_factory=dict[str, Any])
    pays: str = ""
    policy: dict[str, Any] = field(default_factory=dict[str, Any])
    coupon: dict[str, Any] = field(default_factory=dict[str, Any])
    acts: list[Act] = field(default_factory=list[Act])
    invoices: list[str] = field(default_factory=list[str])
    balance: dict[str, str] = field(default_factory=dict[str, str])
    events: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Became:
    """What became of it: in short, as a file has it, and in full."""

    invoices: list[str]
    balance: dict[str, str]
    events: list[str]
    whole: dict[str, Any]


def cases() -> list[str]:
    """Name every file."""
    return sorted(f"{file.parent.name}/{file.stem}" for file in FOLDER.glob("*/*.yaml"))


@cache
def price_list() -> Catalog:
    """Read the price list, once."""
    return read_catalog(FOLDER / "catalog.yaml")


@cache
def case(name: str) -> Case:
    """Read a file."""
    reader: Any = YAML(typ="safe")  # it is typed in part
    loaded = reader.load((FOLDER / f"{name}.yaml").read_text())
    read = {key: each for key, each in _texts(loaded).items() if each is not None}
    acts = [Act(each.pop("at"), *each.popitem()) for each in read.pop("acts", [])]
    return Case(**read, acts=acts)


def write(name: str, became: Became) -> None:
    """Write what became of it into its file, under what the case is."""
    file = FOLDER / f"{name}.yaml"
    given = file.read_text().split("invoices:")[0]
    balance = "".join(f"  {currency}: '{amount}'\n" for currency, amount in became.balance.items())
    lines = (
        "invoices:\n" if became.invoices else "invoices: []\n",
        *(f"  - {each}\n" for each in became.invoices),
        *(("balance:\n", balance) if balance else ()),
        "events:\n",
        *(f"  - {each}\n" for each in became.events),
    )
    file.write_text(given + "".join(lines))


def at_once(since: datetime, to: datetime) -> list[datetime]:
    """Go there in one step, or as few as a test clock takes."""
    return _by(MOST, since, to)


def in_steps(since: datetime, to: datetime) -> list[datetime]:
    """Stop every so often on the way, at crooked instants."""
    return _by(CROOKED, since, to)


def _by(step: timedelta, since: datetime, to: datetime) -> list[datetime]:
    stops = [since + step * number for number in range(1, -((since - to) // step))]
    return [*stops, to]


async def walked(world: World, case: Case, stops: Callable[[datetime, datetime], list[datetime]]) -> Became:
    """Walk through a case, and tell what became of it."""
    story = await _opened(world, case)
    now = await _go(story, datetime(2024, 1, 1, tzinfo=UTC), case.begins, stops)
    subscription = await _subscribed(story, case)
    for act in case.acts:
        now = await _go(story, now, act.at, stops)
        await _do(story, subscription, act)
    await _go(story, now, case.until, stops)
    return await _told(story)


async def _opened(world: World, case: Case) -> Story:
    story = await Story.begin(world)
    await catalogs.publish(world, price_list())
    if case.policy:
        async with world.database.working() as session:
            kept = {"billing": policy_written(policy_of(case.policy))}
            await Environments(session).update(world.places["main"].environment.id, kept)
    if case.coupon:
        await coupon(story, "coupon", **case.coupon)
    await world.ask(documents.UPSERT, input={**ACME, "zone": case.zone})
    if case.pays:
        await method(story, case.pays)
    return story


async def _go(story: Story, now: datetime, to: str, stops: Callable[[datetime, datetime], list[datetime]]) -> datetime:
    then = datetime.fromisoformat(to).replace(tzinfo=UTC)
    if then > now:
        for stop in stops(now, then):
            await story.advance(stop)
    return max(now, then)


async def _subscribed(story: Story, case: Case) -> str:
    terms: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}, **case.terms}
    return await story.subscribe_also("acme", case.plan, **terms)


async def _do(story: Story, subscription: str, act: Act) -> None:
    """Do what a file says; a refusal is told by its type, and fails."""
    terms = dict(act.terms)
    if act.name in OF_SUBSCRIPTION:
        answer = await story.act(OF_SUBSCRIPTION[act.name], subscriptionId=subscription, **terms)
    elif act.name in OF_CUSTOMER:
        keyed = {"idempotencyKey": story.world.fresh_key()} if act.name == "usageReport" else {}
        answer = await story.act(OF_CUSTOMER[act.name], customer=ACME, **terms, **keyed)
    else:
        which: int = terms.pop("invoice")
        invoice, _ = (await invoice_ids(story, "acme"))[which]
        answer = await story.act(OF_INVOICE[act.name], invoiceId=invoice, **terms)
    assert "code" not in answer, answer


async def _told(story: Story) -> Became:
    story.read.clear()
    events = [each for each in await story.events("acme") if not each["type"].startswith(UNTOLD)]
    plain = [story.names.plain({**each, "recordedAt": None, "id": None, "position": None}) for each in events]
    by_instant = groupby(plain, lambda each: each["occurredAt"])
    of_balance = await story.world.ask(BALANCE, ref=ACME)
    return Became(
        invoices=[" ".join(part for part in bill if part) for bill in await bills(story, "acme")],
        balance={each["currency"]: each["amount"] for each in of_balance["customer"]["creditBalances"]},
        events=[" ".join((at, *(each["type"] for each in group))) for at, group in by_instant],
        whole={"events": plain, "invoices": await invoices(story, "acme")},
    )


BALANCE = "query($ref: CustomerRef!) { customer(ref: $ref) { creditBalances { amount currency } } }"


def _texts(read: Any) -> Any:
    """Take dates and instants as they stand there."""
    if isinstance(read, dict):
        return {key: _texts(each) for key, each in read.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(read, list):
        return [_texts(each) for each in read]  # pyright: ignore[reportUnknownVariableType]
    return read.isoformat() if isinstance(read, date) else read
