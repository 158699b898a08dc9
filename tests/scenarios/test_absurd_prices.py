"""A price that asks more than anybody has is a mistake of the merchant's, and stops nobody's books or clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.scenarios import documents
from tests.scenarios.metered import CALLS
from tests.scenarios.priced import bills
from tests.scenarios.story import MONTHLY
from tests.scenarios.test_payments_overview import overview

if TYPE_CHECKING:
    from tests.scenarios.story import Story

MOST = "10000000000000.00"
CATALOG = """
catalog: 1
products: {app: {name: App}}
features: {calls: {name: Calls, kind: metered, unit: calls}}
plans:
  gold:
    name: Gold
    product: app
    kind: paid
    prices:
      - {key: seats, currency: usd, every: month, model: per_unit, amount: 4000000000}
      - {key: calls, currency: usd, every: month, model: per_unit, amount: 4000000000, usage: metered, feature: calls}
    entitlements: {calls: {limit: unlimited, reset: month}}
"""


async def test_no_price_asks_more_than_the_books_hold_and_the_clock_goes_on(story: Story) -> None:
    await story.catalog(CATALOG)
    acme = await story.subscribe("acme", "gold", currency="USD", interval=MONTHLY, quantity=1_000_000)
    reported = await story.act(documents.REPORT, **CALLS, value=str(2**62), idempotencyKey="calls")
    assert reported["used"] == str(2**62)

    await story.advance("2024-02-15")
    told = await overview(story)
    assert told["totals"] == [f"{MOST} USD"]
    cancelled = await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE", prorate=True)
    assert cancelled["subscription"]["status"] == "CANCELED"
    await story.advance("2024-04-15")

    january = f"gold x1000000 {MOST} 2024-01-01 to 2024-02-01"
    february = f"gold x1000000 {MOST} 2024-02-01 to 2024-03-01"
    used = f"gold used {2**62} {MOST} 2024-01-01 to 2024-02-01"
    assert await bills(story, "acme") == [
        ("OPEN", MOST, january),
        ("OPEN", "20000000000000.00", f"{february}; {used}"),
        ("PAID", "0.00", "gold used 0 0.00 2024-02-01 to 2024-02-15"),
    ]
