"""The payments overview: subscriptions by state, monthly recurring revenue, and what is still to be paid. (K13)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from models.rows import value
from tests.scenarios import documents, priced
from tests.scenarios.couponed import coupon, give
from tests.scenarios.story import YEARLY, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

OVERVIEW = """query($filter: PaymentsOverviewFilter) { paymentsOverview(filter: $filter) {
  at counts { state count } mrr { state amount { amount currency } } mrrTotals { amount currency }
  openInvoices { count remaining { amount currency } } } }"""


async def overview(story: Story, **filter: Any) -> dict[str, Any]:
    """Tell the overview in plain words: what is zero is left out."""
    found = (await story.world.ask(OVERVIEW, filter=filter))["paymentsOverview"]
    assert len(found["counts"]) == 12
    return {
        "counts": {each["state"]: each["count"] for each in found["counts"] if each["count"]},
        "mrr": [(each["state"], _money(each["amount"])) for each in found["mrr"]],
        "totals": [_money(each) for each in found["mrrTotals"]],
        "open": [(each["count"], _money(each["remaining"])) for each in found["openInvoices"]],
    }


def _money(money: dict[str, str]) -> str:
    return f"{money['amount']} {money['currency']}"


async def sold(story: Story, name: str, plan: str, **more: Any) -> str:
    """Subscribe somebody to a plan of the price list with round figures."""
    terms: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}} | more
    return await story.subscribe(name, plan, **terms)


@pytest.fixture
async def shop(story: Story) -> Story:
    """A shop with subscriptions of each sort."""
    await story.catalog(priced.CATALOG)
    await sold(story, "ten", "ten")
    await sold(story, "yearly", "twenty", interval=YEARLY)
    await sold(story, "seven", "seats", quantity=7)
    await sold(story, "used", "metered")
    await sold(story, "yen", "thirty", currency="JPY")
    leaving = await sold(story, "leaving", "thirty")
    await story.act(documents.CANCEL, subscriptionId=leaving, timing="END_OF_PERIOD")
    gone = await sold(story, "gone", "thirty")
    await story.act(documents.CANCEL, subscriptionId=gone, timing="IMMEDIATE")
    await sold(story, "later", "thirty", startsAt=instant(2024, 1, 10))
    await sold(story, "trying", "thirty", trialDays=14)
    return story


async def test_each_subscription_counts_in_one_state_and_only_what_is_billed_brings_revenue(shop: Story) -> None:
    assert await overview(shop) == {
        "counts": {"NOT_STARTED": 1, "TRIALING": 1, "ACTIVE": 5, "CANCELED": 1, "PENDING_CANCELLATION": 1},
        "mrr": [
            ("ACTIVE", "3000 JPY"),
            ("ACTIVE", "75.00 USD"),  # 10 + 240 / 12 + 7 x 5 + 10
            ("PENDING_CANCELLATION", "30.00 USD"),
        ],
        "totals": ["3000 JPY", "105.00 USD"],
        "open": [(1, "3000 JPY"), (6, "355.00 USD")],
    }


async def test_recurring_discounts_are_in_and_those_for_one_invoice_are_not(shop: Story) -> None:
    await coupon(shop, "fifth")
    await coupon(shop, "once", duration="ONCE", percentOff="50")
    await coupon(shop, "two", amountsOff=[{"amount": "2", "currency": "USD"}])
    await coupon(shop, "half", duration="MONTHS", months=2, percentOff="50")
    await give(shop, couponId="fifth", customer={"externalId": "seven"})
    await give(shop, couponId="once", customer={"externalId": "ten"})
    await give(shop, couponId="two", customer={"externalId": "yearly"})
    await give(shop, couponId="half", customer={"externalId": "used"})

    assert (await overview(shop))["mrr"] == [
        ("ACTIVE", "3000 JPY"),
        ("ACTIVE", "62.83 USD"),  # 10 + 238 / 12 + 35 x 0.8 + 10 / 2
        ("PENDING_CANCELLATION", "30.00 USD"),
    ]
    await shop.jump(instant(2024, 3, 1))  # two months are over
    assert ("ACTIVE", "127.83 USD") in (await overview(shop))["mrr"]  # and two more have begun


async def test_it_is_counted_for_a_plan_or_a_product(shop: Story) -> None:
    assert await overview(shop, planKey="thirty") == {
        "counts": {"NOT_STARTED": 1, "TRIALING": 1, "ACTIVE": 1, "CANCELED": 1, "PENDING_CANCELLATION": 1},
        "mrr": [("ACTIVE", "3000 JPY"), ("PENDING_CANCELLATION", "30.00 USD")],
        "totals": ["3000 JPY", "30.00 USD"],
        "open": [(1, "3000 JPY"), (2, "60.00 USD")],
    }
    assert await overview(shop, product="paper") == await overview(shop)
    nothing: dict[str, Any] = {"counts": {}, "mrr": [], "totals": [], "open": []}
    assert await overview(shop, product="hosting") == nothing
    assert await overview(shop, planKey="nowhere") == nothing


async def test_changes_that_are_due_count_though_no_worker_made_them_permanent(story: Story) -> None:
    await story.catalog(priced.CATALOG)
    lower = await sold(story, "lower", "thirty")
    await story.act(documents.DOWNGRADE, subscriptionId=lower, planId="ten")
    fewer = await sold(story, "fewer", "seats", quantity=9)
    await story.act(documents.CHANGE, subscriptionId=fewer, quantity=4, timing="END_OF_PERIOD")
    both = await sold(story, "both", "thirty")
    await story.act(documents.DOWNGRADE, subscriptionId=both, planId="ten")
    await story.act(documents.CANCEL, subscriptionId=both, timing="ON_DATE", date=instant(2024, 2, 10))
    await coupon(story, "fifth")
    await give(story, couponId="fifth", customer={"externalId": "lower"})
    asked: list[dict[str, Any]] = [{}, {"planKey": "ten"}, {"planKey": "thirty"}]

    without: list[dict[str, Any]] = []
    for day in (instant(2024, 2, 5), instant(2024, 2, 11)):
        await story.jump(day)
        without = [await overview(story, **each) for each in asked]
        assert await _waiting(story) == 4
        assert [each["mrr"] for each in without] == _expected(day.day)

    await story.world.worker().catch_up()
    await story.advance(instant(2024, 2, 11, 1))
    assert await _waiting(story) == 0
    settled = [await overview(story, **each) for each in asked]
    assert [(each["counts"], each["mrr"]) for each in settled] == [(each["counts"], each["mrr"]) for each in without]


async def _waiting(story: Story) -> int:
    """How many changes nobody made permanent."""
    async with story.world.database.reading() as connection:
        return int(await value(connection, text("SELECT count(*) FROM scheduled_change WHERE status = 'PENDING'")))


def _expected(day: int) -> list[list[tuple[str, str]]]:
    """What is brought on a day of February, by all, by plan ten, and by plan thirty."""
    leaving = [("PENDING_CANCELLATION", "10.00 USD")] if day < 10 else []
    return [[("ACTIVE", "28.00 USD"), *leaving], [("ACTIVE", "8.00 USD"), *leaving], []]
