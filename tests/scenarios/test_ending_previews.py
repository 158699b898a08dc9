"""What a cancellation shows of the money is what it does with it: one table of options, shown and then done.

(K7, K8, K10, C5-C14)
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.scenarios import documents
from tests.scenarios.ending_money import CANCEL, add_waiting, cancel, customer, use
from tests.scenarios.paying import method
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.templates import SqliteWorlds
    from tests.world import World

SHOWN: Final = (
    """query($input: SubscriptionCancellationPreviewInput!) { answer: subscriptionCancellationPreview(input: $input) {
  __typename ...Refused ... on ProrationUnavoidable { periodStart }
  ... on SubscriptionCancellationPreview { effectiveAt accessEndsAt money {
    at lookedUntil
    invoicedNow { ...foreseen } upcoming { ...foreseen }
    creditNotes { total { amount } } refunds { amount { amount } }
    waiting { kind net { amount } } dropped { kind net { amount } }
    waived { plan { key } period { start end } amount { amount } }
    unpaid { invoiceId status autoAdvance remaining { amount } }
    creditBalances { amount }
  } } } }
fragment foreseen on InvoicePreview {
  reason total { amount } balanceApplied { amount } remaining { amount }
  lines { kind quantity net { amount } period { start end } } }
"""
    + documents.REFUSED
)
BOOKS: Final = """query($ref: CustomerRef!) {
  invoices(filter: {customer: $ref}, first: 100) { edges { node {
    id reason status autoAdvance total { amount } balanceApplied { amount } remaining { amount } paid { amount }
    lines { kind quantity net { amount } period { start end } } creditNotes { total { amount } }
    payments { refunds { amount { amount } } } } } }
  customer(ref: $ref) {
    creditBalances { amount } pendingItems(first: 100) { edges { node { kind net { amount } } } } } }
"""
SAID: Final = {
    "timing": ("IMMEDIATE", "END_OF_PERIOD", "ON_DATE", "AFTER_CYCLES", "AFTER_NOTICE"),
    "prorate": (None, False, True),
    "invoiceNow": (None, False, True),
    "clearUsage": (None, True),
    "openInvoices": ("KEEP_RETRYING", "STOP_COLLECTION", "VOID", "MARK_UNCOLLECTIBLE"),
    "pendingItems": (None, "DELETE"),
    "access": (None, "UNTIL_PAID_THROUGH"),
}
BESIDE: Final[dict[str, dict[str, Any]]] = {
    "ON_DATE": {"date": "2024-03-15T00:00:00Z"},
    "AFTER_CYCLES": {"cycles": 2},
    "AFTER_NOTICE": {"notice": {"days": 40}},
}
USED: Final = {"kind": "USAGE", "net": {"amount": "3.00"}}
"""What everybody used and nobody has billed yet."""
EVERY: Final = 37
"""Of 1440 rows one in so many is tried; a prime, so that every value meets every other one's."""


def rows() -> Iterator[dict[str, Any]]:
    """The table, and every pair of ending now."""
    table: list[dict[str, Any]] = [dict(zip(SAID, values, strict=True)) for values in product(*SAID.values())]
    pairs: list[dict[str, Any]] = [
        {"timing": "IMMEDIATE", "prorate": one, "invoiceNow": two} for one, two in product((False, True), repeat=2)
    ]
    for row in (*pairs, *paid_back(), *table[::EVERY]):
        yield {key: value for key, value in row.items() if value is not None} | BESIDE.get(row["timing"], {})


def paid_back() -> Iterator[dict[str, Any]]:
    """Every end that gives money back, with what else can be said beside it."""
    for now, (unpaid, left) in product((None, False), (("VOID", None), (None, "DELETE"))):
        beside = {"invoiceNow": now, "openInvoices": unpaid, "pendingItems": left}
        yield {"timing": "IMMEDIATE", "refund": "PRORATED", **beside}
        yield {"timing": "IMMEDIATE", "refund": "LAST_PAYMENT", **beside}
    yield {"timing": "END_OF_PERIOD", "refund": "LAST_PAYMENT"}
    yield {"timing": "END_OF_PERIOD", "refund": "LAST_PAYMENT", "clearUsage": True}


def test_all_that_is_shown_of_an_end_is_what_the_end_does(sqlite_worlds: SqliteWorlds) -> None:
    sqlite_worlds.walked(_ends)


async def _ends(world: World) -> None:
    story = await Story.begin(world)
    await story.catalog(CATALOG)
    table = {f"c{number}": row for number, row in enumerate(rows())}
    subscriptions: dict[str, str] = {}
    for number, (name, row) in enumerate(table.items()):
        await customer(story, name, credit=(400 if "refund" in row else 1000) if number % 2 else 0)
        if "refund" in row:
            await method(story, "sandbox_succeeds", name)
        subscriptions[name] = await story.subscribe_also(name, "metered", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-11")
    for name, subscription in subscriptions.items():
        await use(story, name, 30)
        await add_waiting(story, subscription, name)
    await story.advance("2024-01-22")

    shown: dict[str, dict[str, Any]] = {}
    then: dict[str, dict[str, Any]] = {}
    for name, row in table.items():
        asked = {"subscriptionId": subscriptions[name], **row}
        before = await books(story, name)
        told = (await world.ask(SHOWN, input=asked))["answer"]
        assert await books(story, name) == before, "a preview keeps nothing"
        done = await story.act(CANCEL, **asked)
        if told["__typename"] != "SubscriptionCancellationPreview":
            assert story.names.plain(told) == done, (row, "both refuse, in the same words")
            continue
        assert done["effectiveAt"] == story.names.plain(told["effectiveAt"])
        shown[name], then[name] = told, await books(story, name)
        await _did_at_once(row, told["money"], before, then[name])
    assert 4 <= len(shown) < len(table)
    for month in ("2024-02-02", "2024-03-02", "2024-03-16"):
        await story.advance(month)

    for name, told in shown.items():
        await _did_up_to_the_end(story, table[name], told, then[name], await books(story, name))
        held = await story.subscription(subscriptions[name])
        assert held["status"] == "CANCELED"
        assert held.get("accessUntil", held["endedAt"]) == story.names.plain(told["accessEndsAt"]), table[name]


async def books(story: Story, name: str) -> dict[str, Any]:
    """Everything that a customer is told about money; invoices oldest first."""
    told = await story.world.ask(BOOKS, ref={"externalId": name})
    return {
        "invoices": [edge["node"] for edge in reversed(told["invoices"]["edges"])],
        "waiting": [edge["node"] for edge in told["customer"]["pendingItems"]["edges"]],
        "balances": told["customer"]["creditBalances"],
    }


async def _did_at_once(row: dict[str, Any], shown: dict[str, Any], was: dict[str, Any], now: dict[str, Any]) -> None:
    old, new = now["invoices"][: len(was["invoices"])], now["invoices"][len(was["invoices"]) :]
    notes = [note for each in old for note in each["creditNotes"]]
    assert [alike(each) for each in shown["invoicedNow"]] == [alike(each) for each in new], row
    assert shown["creditNotes"] == notes, row
    assert shown["refunds"] == [back for each in now["invoices"] for back in sent_back(each)], row
    assert bool(shown["refunds"]) == ("refund" in row), row
    assert shown["waiting"] == now["waiting"], row
    assert shown["creditBalances"] == now["balances"], row
    if row["timing"] == "IMMEDIATE":
        kept = [*now["waiting"], *(line for each in new for line in lines(each))]
        used = [] if any(line["kind"] == "USAGE" for line in kept) else [USED]
        assert shown["dropped"] == [line for line in was["waiting"] if line not in kept] + used, row


async def _did_up_to_the_end(
    story: Story, row: dict[str, Any], told: dict[str, Any], then: dict[str, Any], now: dict[str, Any]
) -> None:
    shown = told["money"]
    new = now["invoices"][len(then["invoices"]) :]
    at_once = then["invoices"][len(then["invoices"]) - len(shown["invoicedNow"]) :]
    latest = {each["id"]: each for each in now["invoices"]}
    final = [latest[each["id"]] if each["status"] == "DRAFT" else each for each in at_once] + new
    assert [alike(each) for each in shown["upcoming"]] == [alike(each) for each in new], row
    owed = [(each["balanceApplied"], each["remaining"]) for each in (*shown["invoicedNow"], *shown["upcoming"])]
    assert owed == [(each["balanceApplied"], unless_paid(each)) for each in final], row
    standing = {
        each["id"]: {key: each[key] for key in ("status", "autoAdvance", "remaining")} for each in now["invoices"]
    }
    for each in shown["unpaid"]:
        assert standing[each.pop("invoiceId")] == each, row
    ends = story.names.plain(told["effectiveAt"])
    assert story.names.plain(shown["lookedUntil"]) >= ends, row


def alike(invoice: dict[str, Any]) -> dict[str, Any]:
    """What a preview and an invoice both tell."""
    return {name: invoice[name] for name in ("reason", "total", "lines")}


def sent_back(invoice: dict[str, Any]) -> list[dict[str, Any]]:
    """What went back of an invoice's payments."""
    return [refund for payment in invoice["payments"] for refund in payment["refunds"]]


def unless_paid(invoice: dict[str, Any]) -> dict[str, str]:
    """What of an invoice was to be paid when it became final."""
    owed: dict[str, str] = invoice["remaining" if invoice["paid"]["amount"] == "0.00" else "paid"]
    return owed


def lines(invoice: dict[str, Any]) -> list[dict[str, Any]]:
    """An invoice's lines, as short as what waits is told."""
    return [{"kind": line["kind"], "net": line["net"]} for line in invoice["lines"]]


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def test_an_end_shows_each_cycle_until_it_and_the_days_that_are_given_up(shop: Story) -> None:  # K1, K8
    acme = await shop.subscribe("acme", "thirty", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-10")

    async def shown(**asked: Any) -> dict[str, Any]:
        told = (await shop.world.ask(SHOWN, input={"subscriptionId": acme, **asked}))["answer"]
        plain: dict[str, Any] = shop.names.plain(told)
        return plain

    dated = (await shown(timing="ON_DATE", date="2024-03-15T00:00:00Z"))["money"]
    at_end = (await shown(timing="END_OF_PERIOD", openInvoices="VOID"))["money"]
    given_up = (await shown(timing="IMMEDIATE", prorate=False))["money"]
    taken_back = (await shown(timing="IMMEDIATE", prorate=False, openInvoices="VOID"))["money"]
    later = (await shown(timing="ON_DATE", date="2024-01-20T00:00:00Z", prorate=False, openInvoices="VOID"))["money"]
    refused = await shown(timing="END_OF_PERIOD", prorate=True)

    assert [each["total"]["amount"] for each in dated["upcoming"]] == ["30.00", "13.55"]
    assert dated["lookedUntil"] == "2024-03-15"
    assert "upcoming" not in at_end, "inside the cycle nothing more is charged"  # K7
    assert at_end["unpaid"] == [
        {"invoiceId": "inv1", "status": "VOID", "autoAdvance": False, "remaining": {"amount": "0.00"}}
    ]
    assert given_up["waived"] == [
        {"plan": "thirty", "period": "2024-01-10 to 2024-02-01", "amount": {"amount": "21.29"}}
    ]
    assert "waived" not in taken_back | later, "nobody asks for what is taken back"
    assert refused["code"] == "NOTHING_UNUSED"
    assert await cancel(shop, acme, timing="END_OF_PERIOD", prorate=True) == refused
