"""The month's journal: what each document moved, page by page, and what it comes to over any life."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from billing.calendar import Period
from billing.invoicing.policy import BillingPolicy, TaxRule
from billing.invoicing.settings import policy_written
from billing.money import Money
from billing.refusals import InvalidInput
from models.stores.environments import Environments
from resolvers.journal import month_of, whole_journal
from tests.scenarios import documents
from tests.scenarios.bookkeeping import BILL, FINALIZE, GIVE_UP, GRANT, ITEM, NOTE, VOID, dollars, invoice_ids, known
from tests.scenarios.paying import COLLECT, MARK_PAID, REFUND, SIMULATE, invoices, method, payer
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY, Story

if TYPE_CHECKING:
    from tests.scenarios.templates import SqliteWorlds
    from tests.world import World

PAGE = (Path(__file__).parent.parent.parent / "docs" / "journal.md").read_text()
JOURNAL = """
query($month: String!, $first: Int!, $after: String) { journal(month: $month, first: $first, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node {
    at kind number customer { externalId } invoice { number }
    postings { account debit { amount currency } credit { amount } period { start end } }
  } }
} }
"""
CHANGES = re.compile(r"^\| `([A-Z_]+)` \| (-?[0-9.]+) \|$", re.MULTILINE)
ROWS = re.compile(r"^\| (2024.+?) \| (.+?) \| (.*?) \| ([A-Z_]+) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


async def journal(story: Story, month: str, first: int = 2) -> list[dict[str, Any]]:
    """Read a month, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = (await story.world.ask(JOURNAL, month=month, first=first, after=cursor))["journal"]
        found += [edge["node"] for edge in page["edges"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def row(story: Story, entry: dict[str, Any], posting: dict[str, Any]) -> tuple[str, ...]:
    """Write a posting as the page does."""
    debit, credit = posting["debit"], posting["credit"]
    return (
        story.names.plain(entry["at"]),
        entry["kind"],
        entry["number"] or "",
        posting["account"],
        debit["amount"] if debit else "",
        credit["amount"] if credit else "",
        story.names.plain(posting["period"] or ""),
    )


def changed(entries: list[dict[str, Any]]) -> dict[str, str]:
    """What entries come to: each account's debits less its credits."""
    sums: Counter[str] = Counter()
    for posting in (posting for entry in entries for posting in entry["postings"]):
        for side, sign in (("debit", 1), ("credit", -1)):
            amount = posting[side]["amount"] if posting[side] else "0.00"
            sums[posting["account"]] += sign * int(amount.replace(".", ""))
    return {account: Money(minor, "USD").format() for account, minor in sums.items() if minor}


async def test_the_worked_month_of_the_page_is_what_is_booked(story: Story) -> None:
    async with story.world.database.working() as session:
        taxed = policy_written(BillingPolicy(taxes=(TaxRule(190_000, "USt."),)))
        await Environments(session).update(story.world.places["main"].environment.id, {"billing": taxed})
    await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-16")
    ((first, _),) = await invoice_ids(story, "acme")
    await story.act(NOTE, invoiceId=first, to="BALANCE", amount="5.95")
    await story.act(GRANT, customer={"externalId": "acme"}, amount=dollars("1.00"))
    globex = await known(story, "globex")
    await story.act(ITEM, customer=globex, amount=dollars("100.00"), description="Training")
    await story.act(BILL, customer=globex, currency="USD")
    ((given_up, _),) = await invoice_ids(story, "globex")
    await story.advance("2024-01-20")
    await story.act(GIVE_UP, invoiceId=given_up)
    await story.advance("2024-02-01")

    january, february = await journal(story, "2024-01"), await journal(story, "2024-02", first=100)

    booked = [row(story, entry, posting) for entry in (*january, *february) for posting in entry["postings"]]
    assert booked == ROWS.findall(PAGE)
    assert changed(january) == dict(CHANGES.findall(PAGE))
    assert [entry["customer"]["externalId"] for entry in january] == [
        "acme",
        "acme",
        "acme",
        "acme",
        "acme",
        "globex",
        "globex",
    ]
    assert january[-1]["invoice"] == {"number": january[-1]["number"]}


async def test_pages_of_any_size_hold_the_same_month(story: Story) -> None:
    await payer(story, "sandbox_succeeds")
    await story.subscribe("globex", "ten", currency="USD", interval=MONTHLY)
    await story.advance("2024-03-02")

    whole = await journal(story, "2024-02", first=100)

    assert len(whole) == 3
    assert [await journal(story, "2024-02", first=size) for size in (1, 2, 3)] == [whole] * 3
    assert await journal(story, "2023-12") == await journal(story, "2024-04") == []


def test_a_month_is_that_of_a_calendar() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert month_of("2024-03", berlin) == Period(
        datetime(2024, 2, 29, 23, tzinfo=UTC), datetime(2024, 3, 31, 22, tzinfo=UTC)
    )
    assert month_of("2024-12", berlin).end == month_of("2025-01", berlin).start
    for wrong in ("2024-13", "2024-1", "24-01", "2024-01-01", "9999-01", "0999-01", "\u0662024-01"):
        with pytest.raises(InvalidInput, match="YYYY-MM"):
            month_of(wrong, berlin)


Act = tuple[str, int, str]
ACTS = (
    *("grant", "item", "off", "bill", "draft", "finalize", "void", "give up", "note", "change", "cancel"),
    *("collect", "mark paid", "refund", "dispute", "go", "go"),
)
acts = some.lists(
    some.tuples(some.sampled_from(ACTS), some.integers(0, 5), some.sampled_from(["0.01", "3.33", "7.00", "25.00"])),
    min_size=4,
    max_size=14,
)
METHODS = ("sandbox_succeeds", "sandbox_declines_expired_card", "sandbox_fails_2_times", "sandbox_refuses_refunds")


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a life takes long to walk: what failed is told as it was
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(life=acts, way=some.sampled_from([*METHODS, ""]))
def test_over_any_life_the_months_come_to_what_the_documents_say(
    sqlite_worlds: SqliteWorlds, life: list[Act], way: str
) -> None:
    """The world's end holds the whole journal against the documents; here months hold all of it, once."""
    sqlite_worlds.walked(partial(_lived, life=life, way=way))


async def _lived(world: World, life: list[Act], way: str) -> None:
    story = await Story.begin(world)
    await story.catalog(CATALOG)
    await known(story, "acme")
    if way:
        await method(story, way)
    subscription = await story.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    for number, each in enumerate(life):
        await _do(story, subscription, each, number)
    context = await story.world.context()
    months = [f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in range(1, 13)]
    by_month = Counter([booking.id for month in months async for booking in whole_journal(context, month)])
    async with context.read() as read:
        whole = await read.books.page(
            Period(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)), 10_000, None
        )
    assert by_month == Counter({booking.id: 1 for _, booking in whole.rows})
    await context.close()


async def _do(story: Story, subscription: str, act: Act, number: int) -> Any:
    kind, which, amount = act
    acme: dict[str, Any] = {"customer": {"externalId": "acme"}}
    if kind == "go":
        return await story.advance(timedelta(days=5 * which + 1))
    if kind == "grant":
        return await story.act(GRANT, **acme, amount=dollars(amount))
    if kind in ("item", "off"):
        signed = dollars(amount if kind == "item" else f"-{amount}")
        of = {"subscriptionId": subscription} if which % 2 else {}
        return await story.act(ITEM, **acme, **of, amount=signed, description=f"Item {number}")
    if kind in ("bill", "draft"):
        return await story.act(BILL, **acme, currency="USD", subscriptionId=subscription, autoAdvance=kind == "bill")
    if kind in ("change", "cancel"):
        return await _do_with_subscription(story, subscription, kind, which)
    return await _do_with_invoice(story, kind, which, amount)


async def _do_with_subscription(story: Story, subscription: str, kind: str, which: int) -> Any:
    if kind == "change":
        plan = ("ten", "twenty", "thirty")[which % 3]
        return await story.act(documents.CHANGE, subscriptionId=subscription, planId=plan)
    closing = ("KEEP_RETRYING", "STOP_COLLECTION", "VOID", "MARK_UNCOLLECTIBLE")[which % 4]
    asked: dict[str, Any] = {
        "timing": "IMMEDIATE",
        "prorate": which % 2 > 0,
        "invoiceNow": True,
        "openInvoices": closing,
    }
    return await story.act(documents.CANCEL, subscriptionId=subscription, **asked)


async def _do_with_invoice(story: Story, kind: str, which: int, amount: str) -> Any:
    found = await invoices(story)
    invoice = found[which % len(found)]
    if kind == "note":
        return await story.act(NOTE, invoiceId=invoice["id"], amount=amount, to=("BALANCE", "OUT_OF_BAND")[which % 2])
    if kind in ("refund", "dispute"):
        if not invoice["payments"]:
            return None
        payment = invoice["payments"][-1]["id"]
        if kind == "refund":
            return await story.act(REFUND, invoiceId=invoice["id"], paymentId=payment, amount=amount)
        part: dict[str, Any] = {"amount": amount} if which % 2 else {}
        return await story.act(SIMULATE, paymentId=payment, what="DISPUTED", **part)
    by_name = {"finalize": FINALIZE, "void": VOID, "give up": GIVE_UP, "collect": COLLECT, "mark paid": MARK_PAID}
    return await story.act(by_name[kind], invoiceId=invoice["id"])
