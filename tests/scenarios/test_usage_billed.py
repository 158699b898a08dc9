"""Usage on invoices: each subscription's own, counted for the last time when the invoice becomes final. (C6, C12)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.ending_money import bill_as, cancel, customer, waiting
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
