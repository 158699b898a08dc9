"""What can be wrong with a plan's prices taken together.

A subscription takes one currency and one interval: all licensed prices of it, and the currency's metered prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import IntervalUnit
from billing.catalog.problem import Problem, section
from billing.catalog.values import PlanKind, PriceUsage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from billing.calendar import Interval
    from billing.catalog.problem import Path
    from billing.catalog.values import PlanDef, PriceDef

_DAYS: Mapping[IntervalUnit, int] = {
    IntervalUnit.HOUR: 0,
    IntervalUnit.DAY: 1,
    IntervalUnit.WEEK: 7,
    IntervalUnit.MONTH: 30,
    IntervalUnit.YEAR: 360,
}
"""Lengths that are only compared: twelve months are a year."""


def price_set_problems(plan: PlanDef) -> Iterator[Problem]:
    """Prices fit the plan's kind, offer each interval completely, and meter alike in every currency."""
    path = (section(plan), plan.key)
    yield from _kind_problems(path, plan)
    yield from _interval_problems((*path, "prices"), plan)
    yield from _metered_problems((*path, "prices"), plan)


def is_zero(price: PriceDef) -> bool:
    """Whether nothing is ever charged by it."""
    return not price.unit_amount and not any(tier.unit_amount or tier.flat_amount for tier in price.tiers)


def _kind_problems(path: Path, plan: PlanDef) -> Iterator[Problem]:
    kind = plan.kind
    if kind is PlanKind.EMPTY and (plan.entitlements or plan.base is not None):
        where = "entitlements" if plan.entitlements else "base"
        yield Problem((*path, where), "An empty plan gives nothing: take this out.")
    if kind in (PlanKind.FREE, PlanKind.EMPTY):
        for index, price in enumerate(plan.prices):
            if not is_zero(price):
                message = f"A plan of kind {kind.lower()} costs nothing: take the price out or make it paid."
                yield Problem((*path, "prices", index), message)
    if kind is PlanKind.CUSTOM and plan.prices:
        yield Problem((*path, "prices"), "A custom plan is priced by agreement: take its prices out or make it paid.")
    missing = ("prices", plan.key)
    if kind is PlanKind.PAID and not plan.prices:
        yield Problem(path, "A paid plan has prices: add `prices`, or make it free or custom.", missing)
    elif kind is PlanKind.PAID and all(map(is_zero, plan.prices)):
        message = "All prices of this plan are zero: make it free, or say what it costs."
        yield Problem((*path, "prices"), message, missing)


def _licensed(plan: PlanDef) -> list[tuple[int, PriceDef]]:
    return [(index, price) for index, price in enumerate(plan.prices) if price.usage is PriceUsage.LICENSED]


def _interval_problems(path: Path, plan: PlanDef) -> Iterator[Problem]:
    """Licensed items share one interval, so each of them is offered at every interval of its currency."""
    offered: dict[str, dict[str | None, set[Interval]]] = {}
    for index, price in _licensed(plan):
        intervals = offered.setdefault(price.currency, {}).setdefault(price.feature, set())
        if price.interval in intervals:
            message = f"There is another licensed price in {price.currency} {every(price.interval)}: keep one of them."
            yield Problem((*path, index), message)
        intervals.add(price.interval)
    for index, price in _licensed(plan):
        by_feature = offered[price.currency]
        for feature in sorted((each for each in by_feature if price.interval not in by_feature[each]), key=str):
            what = "the price without a feature" if feature is None else f'the price of "{feature}"'
            message = f"Offered {every(price.interval)} in {price.currency}, and {what} is not: add one, or drop this."
            yield Problem((*path, index), message, missing=("prices", plan.key))


def _metered_problems(path: Path, plan: PlanDef) -> Iterator[Problem]:
    shortest: dict[str, int] = {}
    for _, price in _licensed(plan):
        shortest[price.currency] = min(shortest.get(price.currency, _days(price.interval)), _days(price.interval))
    metered = [(index, price) for index, price in enumerate(plan.prices) if price.usage is PriceUsage.METERED]
    currencies = {price.currency for price in plan.prices}
    sold = {(price.currency, price.feature) for _, price in metered}
    seen: set[tuple[str, str | None]] = set()
    for index, price in metered:
        if (price.currency, price.feature) in seen:
            yield Problem((*path, index), f'"{price.feature}" is metered twice in {price.currency}: keep one price.')
        seen.add((price.currency, price.feature))
        if _days(price.interval) > shortest.get(price.currency, _days(price.interval)):
            message = f"Usage is billed at least as often as the plan: one in {price.currency} recurs sooner than this."
            yield Problem((*path, index, "every"), message)
        for currency in sorted(currencies):
            if (currency, price.feature) not in sold:
                message = f'"{price.feature}" is metered in {price.currency} and not in {currency}: add a price.'
                yield Problem((*path, index), message, missing=("prices", plan.key))


def every(interval: Interval) -> str:
    """The interval in words: "every month", "every 3 months"."""
    unit = interval.unit.lower()
    return f"every {unit}" if interval.count == 1 else f"every {interval.count} {unit}s"


def _days(interval: Interval) -> int:
    return _DAYS[interval.unit] * interval.count
