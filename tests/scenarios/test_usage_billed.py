"""Usage on invoices: each subscription's own, counted for the last time when the invoice becomes final. (C6, C12)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.bookkeeping import FINALIZE
from tests.scenarios.couponed import coupon
from tests.scenarios.ending_money import bill_as, cancel, customer, waiting
from tests.scenarios.paying import PAUSE, RESUME
from tests.scenarios.paying import invoices as paid
from tests.scenarios.priced import bills
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story

CATALOG = """
catalog: 1
products: {paper: {name: Paper}, ink: {name: Ink}}
features:
  pages: {name: Pages, kind: metered, unit: pages}
plans:
  metered:
    name: Metered
    product: paper
    kind: paid
    rank: 1
    prices:
      - {key: base, currency: usd, every: month, model: flat, amount: 10}
      - {key: pages, currency: usd, every: month, model: per_unit, amount: "0.10", usage: metered, feature: pages}
    entitlements: {pages: {limit: 1000, hard: false, reset: month}}
  tiered:
    name: Tiered
    product: paper
    kind: paid
    rank: 2
    prices:
      - currency: usd
        every: month
        model: graduated
        usage: metered
        feature: pages
        tiers: [{up_to: 10, unit_amount: 1}, {unit_amount: "0.50"}]
    entitlements: {pages: {limit: 1000, hard: false, reset: month}}
  gratis: {name: Gratis, product: paper, kind: free, rank: 0, entitlements: {}}
  plain: {name: Plain, product: ink, kind: paid, prices: [{currency: usd, every: month, model: flat, amount: 7}]}
"""


async def use(story: Story, amount: int, **more: str) -> None:
    """Report pages of acme's."""
    asked: dict[str, Any] = {"customer": {"externalId": "acme"}, "feature": "pages", "value": str(amount), **more}
    told = await story.act(documents.REPORT, **asked, idempotencyKey=story.world.fresh_key())
    assert told["__typename"] == "UsageReported", told


@pytest.mark.parametrize("grace", [0, 60])
async def test_usage_that_waits_is_counted_of_its_own_resource_when_anothers_invoice_takes_it(
    story: Story, grace: int
) -> None:
    await story.catalog(CATALOG)
    await bill_as(story, usage_grace_minutes=grace)
    await customer(story, "acme", credit=100_000)
    site = await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY, resourceId="site-1")
    await use(story, 20, resource="site-1")
    await story.advance("2024-01-12")
    await cancel(story, site, timing="IMMEDIATE", prorate=True, invoiceNow=False)
    assert await waiting(story, "acme") == ["CREDIT -6.45", "USAGE 2.00"]
    await story.advance("2024-01-13")
    await use(story, 5, resource="site-1", occurredAt="2024-01-11T00:00:00Z")

    await story.subscribe_also("acme", "plain", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-14")

    given, period = "metered back -6.45 2024-01-12 to 2024-02-01", "plain 7.00 2024-01-13 to 2024-02-13"
    used = "metered used 25 2.50 2024-01-01 to 2024-01-12"
    assert (await bills(story, "acme"))[1:] == [("PAID", "3.05", f"{given}; {period}; {used}")]


async def test_usage_told_after_its_invoice_is_final_is_a_line_of_the_next_and_names_its_period(story: Story) -> None:
    await story.catalog(CATALOG)
    await customer(story, "acme", credit=100_000)
    await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY)
    await use(story, 10)
    await story.advance("2024-02-01T00:30:00")
    await use(story, 5, occurredAt="2024-01-31T23:59:59Z")
    await story.advance("2024-02-10")

    await use(story, 50, occurredAt="2024-01-31T23:59:59Z")
    await use(story, 3, occurredAt="2024-02-01T00:00:00Z")
    await story.advance("2024-03-01T00:30:00")
    await use(story, 1, occurredAt="2024-01-01T00:00:00Z")
    await story.advance("2024-03-20")
    await use(story, 2, occurredAt="2024-01-20T00:00:00Z")
    await use(story, 4, occurredAt="2024-02-20T00:00:00Z")
    await use(story, -1, occurredAt="2024-02-20T00:00:00Z", reason="void")
    await story.advance("2024-05-02")

    told = [(total, lines.partition("; ")[2]) for _, total, lines in await bills(story, "acme")]
    january, february, march = "2024-01-01 to 2024-02-01", "2024-02-01 to 2024-03-01", "2024-03-01 to 2024-04-01"
    assert told == [
        ("10.00", ""),
        ("11.50", f"metered used 15 1.50 {january}"),
        ("15.40", f"metered used 3 0.30 {february}; metered used 51 5.10 {january}"),
        ("10.50", f"metered used 0 0.00 {march}; metered used 2 0.20 {january}; metered used 3 0.30 {february}"),
        ("10.00", "metered used 0 0.00 2024-04-01 to 2024-05-01"),
    ]


@pytest.mark.parametrize(
    ("terms", "first", "more"),
    [({"percentOff": "50"}, "4.00", "1.50"), ({"amountsOff": [{"amount": "1.00", "currency": "USD"}]}, "7.00", "3.00")],
)
async def test_late_usage_reaches_the_next_tier_and_has_shares_off_but_no_amount_twice(
    story: Story, terms: dict[str, Any], first: str, more: str
) -> None:
    await story.catalog(CATALOG)
    await customer(story, "acme", credit=100_000)
    await coupon(story, "kind", **terms)
    await story.subscribe_also("acme", "tiered", currency="USD", interval=MONTHLY, couponId="kind")
    await use(story, 8)
    await story.advance("2024-02-02")

    await use(story, 4, occurredAt="2024-01-31T00:00:00Z")
    await story.advance("2024-03-02")

    piece = "2024-01-01 to 2024-02-01"
    assert [lines for _, _, lines in await bills(story, "acme")] == [
        f"tiered used 8 {first} {piece}",
        f"tiered used 0 0.00 2024-02-01 to 2024-03-01; tiered used 4 {more} {piece}",
    ]


async def test_late_usage_of_what_is_still_a_draft_is_counted_there_and_once(story: Story) -> None:
    await story.catalog(CATALOG)
    await customer(story, "acme", credit=100_000)
    acme = await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY)
    await story.act(PAUSE, subscriptionId=acme, behavior="KEEP_AS_DRAFT")
    await story.advance("2024-02-10")
    await use(story, 7, occurredAt="2024-01-31T00:00:00Z")
    await story.act(RESUME, subscriptionId=acme)
    await story.advance("2024-03-10")

    held = (await paid(story))[1]["id"]
    await story.act(FINALIZE, invoiceId=held)
    await use(story, 2, occurredAt="2024-01-30T00:00:00Z")
    await story.advance("2024-04-10")

    used = [lines.partition("; ")[2] for _, _, lines in await bills(story, "acme")]
    assert used[1:] == [
        "metered used 7 0.70 2024-01-01 to 2024-02-01",
        "metered used 0 0.00 2024-02-01 to 2024-03-01",
        "metered used 0 0.00 2024-03-01 to 2024-04-01; metered used 2 0.20 2024-01-01 to 2024-02-01",
    ]


@pytest.mark.parametrize(("timing", "until"), [("END_OF_PERIOD", "2024-02-01"), ("IMMEDIATE", "2024-01-16")])
async def test_the_last_usage_before_a_free_plan_is_billed(story: Story, timing: str, until: str) -> None:  # S6, S7
    await story.catalog(CATALOG)
    await customer(story, "acme", credit=100_000)
    acme = await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY)
    await use(story, 500)
    await story.advance("2024-01-16")
    await story.act(documents.CHANGE, subscriptionId=acme, planId="gratis", timing=timing)
    await use(story, 1)
    await story.advance("2024-02-20")

    used = 501 if timing == "END_OF_PERIOD" else 500
    (status, _, lines), *others = (await bills(story, "acme"))[1:]
    assert (status, lines.rpartition("; ")[2], others) == (
        "PAID",
        f"metered used {used} {used // 10}.{used % 10}0 2024-01-01 to {until}",
        [],
    )
    assert await waiting(story, "acme") == []
