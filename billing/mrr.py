"""Monthly recurring revenue, defined once. (K13)

- Counted are subscriptions that are billed for time: ACTIVE, PAST_DUE, UNPAID, also while a cancellation is pending.
  Trials, what has not begun, what is paused, and what is not collected while its collection is paused, are not.
- What is paid in instalments is not: it is one sum in parts, and what it brings ends by itself. (K4)
- A licensed price counts at its quantity as it stands for a whole interval, whatever piece of one was billed; a metered
  price never does.
- A month is a twelfth of a year; a year is 12 months, 52 weeks, 365 days or 8,760 hours.
- A discount counts while it runs: a share of the price, or an amount of each interval, by the rule of lines (one for
  each, the subscription's own first). One that is for a single invoice is no recurring discount and does not count.
- Everything is an exact fraction. A currency's total is rounded once; what it is made of sums to it.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from billing.calendar import Interval, IntervalUnit
from billing.dataclass import dataclass
from billing.discounts import ALL_OF_IT, CouponDuration
from billing.lifecycle import Status
from billing.money import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from billing.discounts import Coupon
    from billing.invoicing.values import Terms
    from billing.subscriptions import Facts

Name = TypeVar("Name")

BILLED = frozenset({Status.ACTIVE, Status.PAST_DUE, Status.UNPAID})
"""The statuses of subscriptions that are billed for time."""

A_YEAR: Mapping[IntervalUnit, int] = MappingProxyType(
    {
        IntervalUnit.HOUR: 8_760,
        IntervalUnit.DAY: 365,
        IntervalUnit.WEEK: 52,
        IntervalUnit.MONTH: 12,
        IntervalUnit.YEAR: 1,
    },
)
"""How many of a unit a year counts as."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A licensed price at its quantity; `product_id` decides which coupons fit it."""

    product_id: str
    terms: Terms
    quantity: int


def recurs(facts: Facts) -> bool:
    """Whether a subscription with these facts counts."""
    return facts.status in BILLED and facts.collection_pause is None and facts.instalments is None


def a_month(interval: Interval) -> Fraction:
    """How many of an interval a month has: a year 1/12, three months 1/3, a week 52/12."""
    return Fraction(A_YEAR[interval.unit], A_YEAR[IntervalUnit.MONTH] * interval.count)


def monthly(items: Iterable[Recurring], own: Coupon | None = None, customers: Coupon | None = None) -> Fraction:
    """What one subscription brings in a month, in minor units, under its own coupon and its customer's."""
    found = Fraction(0)
    amounts: dict[tuple[Coupon, str, Interval], Fraction] = {}
    for item in items:
        whole, interval = item.terms.full(item.quantity), item.terms.interval
        coupon = next((each for each in (own, customers) if each is not None and _recurs(each, item)), None)
        if coupon is not None and coupon.ppm is None:
            key = coupon, item.terms.currency, interval
            amounts[key] = amounts.get(key, Fraction(0)) + whole
        else:
            off = Fraction(coupon.ppm or 0, ALL_OF_IT) if coupon else Fraction(0)
            found += whole * (1 - off) * a_month(interval)
    for (coupon, currency, interval), whole in amounts.items():
        found += max(Fraction(0), whole - (coupon.amount(currency) or 0)) * a_month(interval)
    return found


def rounded_together(parts: Mapping[Name, Fraction]) -> tuple[int, dict[Name, int]]:
    """Round the sum of parts once, and spread it over them by largest remainder."""
    total = rounded(sum(parts.values(), Fraction(0)))
    whole = {name: floor(part) for name, part in parts.items()}
    most = sorted(parts, key=lambda name: whole[name] - parts[name])
    for name in most[: total - sum(whole.values())]:
        whole[name] += 1
    return total, whole


def _recurs(coupon: Coupon, item: Recurring) -> bool:
    return coupon.duration is not CouponDuration.ONCE and coupon.fits(item.product_id, item.terms.currency)
