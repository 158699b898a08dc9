"""A small catalog about one counted feature, and the acts on it in one word each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

ACME = {"externalId": "acme"}
CALLS: dict[str, Any] = {"customer": ACME, "feature": "calls"}
SITE = "site-1"
SITES = """
catalog: 1
products: {hosting: {name: Hosting}}
features:
  jobs: {name: Jobs, kind: metered, unit: jobs, thresholds: [50, 100]}
plans:
  site:
    name: Site
    product: hosting
    kind: paid
    rank: 1
    prices: [{currency: usd, every: month, model: per_unit, amount: 1, feature: jobs}]
    entitlements:
      jobs: {limit: 4, per_quantity: true, reset: month, rollover_maximum: 3, rollover_minimum: 3}
"""
CATALOG = """
catalog: 1
products: {app: {name: App}}
features:
  calls: {name: Calls, kind: metered, unit: calls, thresholds: [50, 100]}
plans:
  small:
    name: Small
    product: app
    kind: paid
    rank: 1
    prices: [{currency: usd, every: month, model: per_unit, amount: 1, feature: calls}]
    entitlements:
      calls: {limit: 10, per_quantity: true, reset: month, rollover_maximum: 6, rollover_minimum: 2}
  soft:
    name: Soft
    product: app
    kind: paid
    rank: 2
    prices: [{currency: usd, every: month, model: per_unit, amount: 2, feature: calls}]
    entitlements:
      calls: {limit: 10, hard: false, per_quantity: true, reset: month, rollover_maximum: 6, rollover_minimum: 2}
  plain:
    name: Plain
    product: app
    kind: paid
    rank: 3
    prices: [{currency: usd, every: month, model: per_unit, amount: 3, feature: calls}]
    entitlements: {calls: {limit: 8, per_quantity: true, reset: month}}
"""


async def subscribed(story: Story, plan: str = "small", **more: Any) -> str:
    """Subscribe acme by the month."""
    await story.catalog(CATALOG)
    return await story.subscribe("acme", plan, currency="USD", interval={"unit": "MONTH"}, **more)


async def take(story: Story, amount: int | str) -> Told:
    """Consume."""
    return await story.act(documents.CONSUME, **CALLS, amount=str(amount), idempotencyKey=story.world.fresh_key())


async def report(story: Story, value: int | str, **more: Any) -> Told:
    """Report."""
    key = story.world.fresh_key()
    return await story.act(documents.REPORT, **CALLS, value=str(value), idempotencyKey=key, **more)


async def stands(story: Story, **more: Any) -> Told:
    """Tell how the feature stands."""
    return await story.entitlement("acme", "calls", **more)
