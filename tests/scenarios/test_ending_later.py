"""Later ends: a date set, moved and removed, a number of periods, and everything as it was after an undo.

The worked figures of C17 and K8, and what C18, K14, K15 and C16 say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.ending_money import bill_as, cancel, customer, kept, use, waiting
from tests.scenarios.priced import CATALOG, balance, bills, invoices
from tests.scenarios.story import MONTHLY, YEARLY, instant

if TYPE_CHECKING:
    from datetime import datetime

    from tests.scenarios.story import Story

JULY = "2024-07-01T00:00:00Z"
OCTOBER = "2024-10-01T00:00:00Z"
YEAR = ("OPEN", "120.00", "ten 120.00 2024-01-01 to 2025-01-01")


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def yearly(shop: Story, *, credit: int = 0) -> str:
    """A year of 120.00, on 15 February."""
    await customer(shop, "acme", credit=credit)
    acme = await shop.subscribe_also("acme", "ten", currency="USD", interval=YEARLY)
    await shop.advance("2024-02-15")
    return acme


@pytest.mark.parametrize(
    ("unit", "first", "later", "sooner"),
    [("SECOND", "59.67", "30.16", "29.84"), ("MONTH", "60.00", "30.00", "30.00")],
)
@pytest.mark.parametrize("moved_later", [True, False])
async def test_a_date_shortens_the_renewal_and_moving_it_prorates_again(  # C17, C18
    shop: Story, unit: str, first: str, later: str, sooner: str, *, moved_later: bool
) -> None:
    await bill_as(shop, proration_unit=unit)
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=YEARLY)
    await shop.advance("2025-12-01")
    await shop.advance("2027-12-01")
    await cancel(shop, acme, timing="ON_DATE", date="2028-07-01T00:00:00Z")
    assert await waiting(shop, "acme") == [], "more than a period away nothing happens until the renewal"
    await shop.advance("2028-02-15")
    assert (await bills(shop, "acme"))[-1] == ("OPEN", first, f"ten {first} 2028-01-01 to 2028-07-01")

    month = "10" if moved_later else "04"
    await cancel(shop, acme, timing="ON_DATE", date=f"2028-{month}-01T00:00:00Z", invoiceNow=True)

    latest = (await invoices(shop, "acme"))[-1]
    if moved_later:
        assert (latest["reason"], latest["total"]) == ("CHANGE", {"amount": later})
    else:
        assert latest["reason"] == "RENEWAL", "what is unpaid is lowered, and nothing is left to invoice"
        assert [note["total"] for note in latest["creditNotes"]] == [{"amount": sooner}]


@pytest.mark.parametrize(
    ("zone", "starts", "ends", "last"),
    [
        ("UTC", instant(2024, 2, 1), instant(2024, 3, 15), "13.55"),
        ("Europe/Berlin", instant(2024, 1, 31, 23), instant(2024, 3, 14, 23), "13.57"),
        ("America/New_York", instant(2024, 2, 1, 5), instant(2024, 3, 15, 4), "13.53"),
    ],
)
async def test_every_period_to_a_date_is_charged_and_a_part_of_the_last(  # K8
    shop: Story, zone: str, starts: datetime, ends: datetime, last: str
) -> None:
    acme = await shop.subscribe("acme", "thirty", zone=zone, currency="USD", interval=MONTHLY, startsAt=starts)
    await shop.advance("2024-01-10")
    await cancel(shop, acme, timing="ON_DATE", date=ends)

    await shop.advance("2024-04-10")

    assert [total for _, total, _ in await bills(shop, "acme")] == ["30.00", last]


@pytest.mark.parametrize(
    ("cycles", "charged"), [(1, ["10.00"]), (2, ["10.00", "10.00"]), (4, ["10.00", "10.00", "10.00", "10.00"])]
)
async def test_so_many_cycles_are_charged_and_the_present_one_counts(  # C9
    shop: Story, cycles: int, charged: list[str]
) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-10")

    answer = await cancel(shop, acme, timing="AFTER_CYCLES", cycles=cycles)
    await shop.advance("2024-07-01")

    assert answer["effectiveAt"] == f"2024-0{cycles + 1}-01"
    assert [total for _, total, _ in await bills(shop, "acme")] == charged
    assert (await shop.subscription(acme))["status"] == "CANCELED"


@pytest.mark.parametrize("plan", ["ten", "metered"])
@pytest.mark.parametrize("credit", [0, 12000])
@pytest.mark.parametrize(
    "asked",
    [
        {"timing": "ON_DATE", "date": "2024-01-25T00:00:00Z"},
        {"timing": "ON_DATE", "date": "2024-01-25T00:00:00Z", "prorate": False},
        {"timing": "ON_DATE", "date": "2024-04-07T00:00:00Z"},
        {"timing": "END_OF_PERIOD", "clearUsage": True, "openInvoices": "VOID"},
        {"timing": "AFTER_CYCLES", "cycles": 3},
    ],
)
async def test_cancelling_and_undoing_at_one_instant_leaves_every_row_as_it_was(  # K14, K15
    shop: Story, plan: str, credit: int, asked: dict[str, Any]
) -> None:
    await customer(shop, "acme", credit=credit)
    acme = await shop.subscribe_also("acme", plan, currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-12")
    await use(shop, "acme", 7)
    before, held = await kept(shop), await shop.subscription(acme)

    await cancel(shop, acme, **asked)
    await shop.act(documents.UNDO, subscriptionId=acme)

    assert await kept(shop) == before
    after = await shop.subscription(acme)
    assert {key: each for key, each in after.items() if key != "cancellation"} == held


async def test_moving_a_date_leaves_one_credit_of_the_piece_that_is_cut_now(shop: Story) -> None:  # C18
    acme = await yearly(shop)
    await cancel(shop, acme, timing="ON_DATE", date=JULY)
    assert await waiting(shop, "acme") == ["CREDIT -60.33"]

    await cancel(shop, acme, timing="ON_DATE", date=OCTOBER)

    assert await waiting(shop, "acme") == ["CREDIT -30.16"]


async def test_time_that_was_let_go_counts_again_when_the_date_moves_or_goes(shop: Story) -> None:  # C18
    acme = await yearly(shop)
    await cancel(shop, acme, timing="ON_DATE", date=JULY, prorate=False)
    assert await waiting(shop, "acme") == []

    await cancel(shop, acme, timing="ON_DATE", date=OCTOBER, prorate=False)
    assert await waiting(shop, "acme") == []
    assert len((await kept(shop))["waiver"]) == 1
    await cancel(shop, acme, timing="ON_DATE", date=OCTOBER, prorate=True)
    assert await waiting(shop, "acme") == ["CREDIT -30.16"]
    await shop.act(documents.UNDO, subscriptionId=acme)

    assert await waiting(shop, "acme") == []
    assert (await kept(shop))["waiver"] == []
    await shop.advance("2025-01-01")
    assert await bills(shop, "acme") == [YEAR, ("OPEN", "120.00", "ten 120.00 2025-01-01 to 2026-01-01")]


async def test_an_end_without_proration_costs_and_returns_nothing_more(shop: Story) -> None:  # K7
    acme = await yearly(shop, credit=12000)
    await cancel(shop, acme, timing="ON_DATE", date=JULY, prorate=False)

    await shop.advance("2025-02-01")

    assert await bills(shop, "acme") == [("PAID", *YEAR[1:])]
    assert await balance(shop, "acme") == {"USD": "0.00"}


async def test_an_invoiced_credit_is_charged_again_with_its_own_amount(shop: Story) -> None:  # K14, K15
    acme = await yearly(shop, credit=12000)
    await cancel(shop, acme, timing="ON_DATE", date=JULY, invoiceNow=True)
    assert await balance(shop, "acme") == {"USD": "60.33"}

    await shop.act(documents.UNDO, subscriptionId=acme)

    assert await waiting(shop, "acme") == ["PERIOD 60.33"]
    await shop.advance("2025-01-01")
    renewal = (await invoices(shop, "acme"))[-1]
    assert (renewal["total"], renewal["remaining"]) == ({"amount": "180.33"}, {"amount": "120.00"})
    assert await balance(shop, "acme") == {"USD": "0.00"}


async def test_a_late_worker_keeps_nobody_from_undoing_before_the_end_nor_lets_them_after_it(shop: Story) -> None:
    acme = await yearly(shop)
    before = await kept(shop)
    await cancel(shop, acme, timing="ON_DATE", date="2024-03-01T00:00:00Z")
    await shop.jump(instant(2024, 2, 29, 23))

    kept_after_all = await shop.act(documents.UNDO, subscriptionId=acme)

    assert kept_after_all["__typename"] == "SubscriptionCancellationUndone"
    assert await kept(shop) == before
    await cancel(shop, acme, timing="ON_DATE", date="2024-03-01T00:00:00Z")
    await shop.jump("2024-03-01")
    assert (await shop.act(documents.UNDO, subscriptionId=acme))["code"] == "ALREADY_ENDED"  # C16


async def test_terms_of_a_pending_end_are_changed_by_saying_others(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await cancel(shop, acme, timing="END_OF_PERIOD", openInvoices="VOID")
    await cancel(shop, acme, timing="END_OF_PERIOD")
    assert len(await shop.news("acme")) == 1, "what is pending and not contradicted stays"

    await cancel(shop, acme, timing="END_OF_PERIOD", openInvoices="MARK_UNCOLLECTIBLE")
    await shop.advance("2024-02-01")

    assert [status for status, *_ in await bills(shop, "acme")] == ["UNCOLLECTIBLE"]


async def test_ending_now_drops_the_credit_of_a_date_that_was_set(shop: Story) -> None:  # C13
    acme = await yearly(shop, credit=12000)
    await cancel(shop, acme, timing="ON_DATE", date=JULY)
    assert await waiting(shop, "acme") == ["CREDIT -60.33"]

    await cancel(shop, acme, timing="IMMEDIATE", prorate=False, invoiceNow=False)

    assert await waiting(shop, "acme") == []
    assert await balance(shop, "acme") == {"USD": "0.00"}


async def test_a_final_invoice_takes_what_a_date_had_cut_off(shop: Story) -> None:  # C13
    acme = await yearly(shop, credit=12000)
    await cancel(shop, acme, timing="ON_DATE", date=JULY)

    await shop.advance("2024-07-01")

    final = ("PAID", "-60.33", "ten back -60.33 2024-07-01 to 2025-01-01")
    assert await bills(shop, "acme") == [("PAID", *YEAR[1:]), final]
    assert await balance(shop, "acme") == {"USD": "60.33"}


async def test_after_one_cycle_is_open_where_the_end_of_the_period_is(shop: Story) -> None:  # C8, C9
    soon = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY, startsAt=instant(2024, 1, 10))

    alike: list[dict[str, Any]] = [{"timing": "END_OF_PERIOD"}, {"timing": "AFTER_CYCLES", "cycles": 1}]
    refused = [await shop.act(documents.CANCEL, subscriptionId=soon, **asked) for asked in alike]
    limits = [
        (await shop.world.ask(WHY, input={"subscriptionId": soon, "timing": "AFTER_CYCLES", "cycles": each}))["answer"]
        for each in (0, 3654, 2**31 - 1)
    ]

    assert refused[0] == refused[1]
    assert (refused[0]["__typename"], refused[0]["reasonCode"]) == ("ActionNotAllowed", "STATUS_FORBIDS")
    assert [each["message"] for each in limits] == ["`cycles` is a whole number from 1 to 3653."] * 3


WHY = """mutation($input: SubscriptionCancelInput!) {
  answer: subscriptionCancel(input: $input) { ... on UserError { message } } }"""
