"""What can be wrong with one price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import MAX_AMOUNT, MAX_SCALE
from billing.calendar import IntervalUnit
from billing.catalog.checks.texts import key_problems
from billing.catalog.problem import Problem, section, unknown
from billing.catalog.values import TIERED, PriceModel, PriceUsage
from billing.entitlements.sources import FeatureKind
from billing.money import CURRENCIES, exponent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from billing.catalog.problem import Known, Path
    from billing.catalog.values import PlanDef, PriceDef, TierDef

MOST_TIERS = 100

LONGEST: Mapping[IntervalUnit, int] = {
    IntervalUnit.DAY: 366,
    IntervalUnit.WEEK: 156,
    IntervalUnit.MONTH: 120,
    IntervalUnit.YEAR: 10,
}
"""The units a price may recur in, and the most of each."""


def price_problems(plan: PlanDef, index: int, known: Known) -> Iterator[Problem]:
    """Its key, currency, interval, feature, and amounts that fit its model."""
    price, path = plan.prices[index], (section(plan), plan.key, "prices", index)
    yield from key_problems((*path, "key"), price.key)
    if price.currency not in CURRENCIES:
        yield Problem((*path, "currency"), no_currency(price.currency))
    most = LONGEST.get(price.interval.unit, 0)
    if price.interval.count > most:
        longest = ", ".join(f"{count} {unit.lower()}s" for unit, count in LONGEST.items())
        yield Problem((*path, "every"), f"A price recurs every day, week, month or year; at most every {longest}.")
    yield from _feature_problems(path, plan, price, known)
    yield from _model_problems(path, price)
    yield from _tier_problems((*path, "tiers"), price)


def no_currency(code: str) -> str:
    """What is said of a currency that does not exist."""
    return f'"{code[:80]}" is no ISO 4217 currency, such as usd or eur.'


def _feature_problems(path: Path, plan: PlanDef, price: PriceDef, known: Known) -> Iterator[Problem]:
    where = (*path, "feature")
    if price.feature is None:
        if price.usage is PriceUsage.METERED:
            yield Problem(where, "Name the metered feature whose usage this price bills.")
        return
    feature = known.features.get(price.feature)
    if feature is None:
        yield unknown(where, "features", price.feature, known.features)
        return
    if feature.kind is not FeatureKind.METERED:
        yield Problem(where, f'A price names a metered feature; "{feature.key}" is {feature.kind.lower()}.')
        return
    if feature.product not in (None, plan.product, *plan.includes):
        message = f'"{feature.key}" belongs to the product "{feature.product}": add that to the plan\'s `includes`.'
        yield Problem(where, message)
    yield from _given_problems(where, plan, price, known)


def _given_problems(path: Path, plan: PlanDef, price: PriceDef, known: Known) -> Iterator[Problem]:
    """What a price sells the plan gives: metered without a hard stop, licensed once per unit of quantity."""
    complete = known.complete.get(plan.key, plan)
    given = next((each for each in complete.entitlements if each.feature == price.feature), None)
    if given is None:
        message = f'The plan does not give "{price.feature}": add it to its `entitlements`.'
        yield Problem(path, message, missing=("entitlements", plan.key))
    elif price.usage is PriceUsage.METERED and given.hard and given.limit is not None:
        message = f'"{price.feature}" stops at a hard limit before anything is billed: set `hard: false` on it.'
        if not _bills_within(price, given.limit):
            yield Problem(path, message)
    elif price.usage is PriceUsage.LICENSED and not (plan.is_add_on or given.per_quantity or given.limit is None):
        message = f'Each unit of this price buys the limit once: set `per_quantity: true` on "{price.feature}".'
        yield Problem(path, message)


def _bills_within(price: PriceDef, limit: int) -> bool:
    """Whether some usage up to `limit` costs something."""
    if price.model not in TIERED:
        return limit > 0
    reached = 0
    for tier in price.tiers:
        if reached < limit and (tier.unit_amount or tier.flat_amount):
            return True
        reached = limit if tier.up_to is None else tier.up_to
    return False


def _model_problems(path: Path, price: PriceDef) -> Iterator[Problem]:
    if price.model in TIERED:
        if price.unit_amount is not None:
            yield Problem((*path, "amount"), "A tiered price has its amounts in `tiers`: take this one out.")
    elif price.unit_amount is None:
        yield Problem((*path, "amount"), "Say what it costs, such as 19.00.")
    else:
        yield from _amount_problems(
            (*path, "amount"), price, price.unit_amount, whole=price.model is not PriceModel.PER_UNIT
        )
    size = (*path, "package_size")
    if price.model is PriceModel.PACKAGE and not 1 <= (price.package_size or 0) <= MAX_AMOUNT:
        yield Problem(size, "Say how many units are in a package; it is more than zero.")
    if price.model is not PriceModel.PACKAGE and price.package_size is not None:
        yield Problem(size, "Only a price of `model: package` has a package size: take it out.")
    if price.model is PriceModel.FLAT and price.usage is PriceUsage.METERED:
        yield Problem(
            (*path, "model"), "A metered price depends on usage: choose per_unit, graduated, volume or package."
        )


def _tier_problems(path: Path, price: PriceDef) -> Iterator[Problem]:
    tiers = price.tiers
    if price.model not in TIERED:
        if tiers:
            yield Problem(path, "Only a price of `model: graduated` or `model: volume` has tiers: take them out.")
        return
    if not 1 <= len(tiers) <= MOST_TIERS:
        yield Problem(path, f"List its tiers: 1 to {MOST_TIERS}.")
    reached = 0
    for index, tier in enumerate(tiers):
        yield from _tier_end_problems((*path, index), tier, reached, last=index == len(tiers) - 1)
        reached = max(reached, tier.up_to or 0)
        yield from _amount_problems((*path, index, "unit_amount"), price, tier.unit_amount, whole=False)
        yield from _amount_problems((*path, index, "flat_amount"), price, tier.flat_amount, whole=True)


def _tier_end_problems(path: Path, tier: TierDef, reached: int, *, last: bool) -> Iterator[Problem]:
    if last and tier.up_to is not None:
        yield Problem((*path, "up_to"), "The last tier is for all further units: leave its `up_to` out.")
    if not last and tier.up_to is None:
        yield Problem(path, "Only the last tier is open: say how far this one goes with `up_to`.")
    if tier.up_to is not None and not reached < tier.up_to <= MAX_AMOUNT:
        yield Problem((*path, "up_to"), "Tiers go upwards: this `up_to` must be more than that of the tier before.")


def _amount_problems(path: Path, price: PriceDef, amount: int, *, whole: bool) -> Iterator[Problem]:
    """Not negative, in bounds, and payable in the currency's minor unit where it is charged as it stands."""
    if not 0 <= amount <= MAX_AMOUNT:
        yield Problem(path, "An amount is zero or more, and at most 2^62 billionths.")
    elif whole and price.currency in CURRENCIES and amount % 10 ** (MAX_SCALE - exponent(price.currency)):
        yield Problem(path, f"{price.currency} has {exponent(price.currency)} decimals: this amount has more.")
