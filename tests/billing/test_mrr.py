"""What a subscription brings in a month, defined once. (K13)"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calendar import Interval, IntervalUnit
from billing.catalog.values import PriceModel, TierDef
from billing.discounts import Coupon, CouponDuration
from billing.invoicing.values import Terms
from billing.lifecycle import State
from billing.money import rounded
from billing.mrr import Recurring, a_month, monthly, rounded_together

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTH = Interval(IntervalUnit.MONTH)
UNIT = 10**9
TWENTY = Coupon("cou_20", CouponDuration.FOREVER, ppm=200_000)
HALF = Coupon("cou_50", CouponDuration.MONTHS, months=3, ppm=500_000)
TEN = Coupon("cou_10", CouponDuration.FOREVER, amounts=(("USD", 1_000),))


def seats(units: int, quantity: int = 1, interval: Interval = MONTH, product: str = "prd_a") -> Recurring:
    """So many dollars a seat."""
    return Recurring(product, Terms("USD", interval, PriceModel.PER_UNIT, units * UNIT), quantity)


@pytest.mark.parametrize(
    ("unit", "count", "share"),
    [
        (IntervalUnit.MONTH, 1, Fraction(1)),
        (IntervalUnit.MONTH, 3, Fraction(1, 3)),
        (IntervalUnit.YEAR, 1, Fraction(1, 12)),
        (IntervalUnit.YEAR, 2, Fraction(1, 24)),
        (IntervalUnit.WEEK, 1, Fraction(52, 12)),
        (IntervalUnit.WEEK, 2, Fraction(26, 12)),
        (IntervalUnit.DAY, 1, Fraction(365, 12)),
        (IntervalUnit.HOUR, 1, Fraction(730)),
    ],
)
def test_a_month_is_a_twelfth_of_a_year(unit: IntervalUnit, count: int, share: Fraction) -> None:
    assert a_month(Interval(unit, count)) == share
    assert monthly([seats(120, 2, Interval(unit, count))]) == 24_000 * share


def test_tiers_are_priced_whole_before_they_are_a_months_share() -> None:
    tiers = (TierDef(10, UNIT), TierDef(None, UNIT // 2))
    terms = Terms("USD", Interval(IntervalUnit.YEAR), PriceModel.TIERED_GRADUATED, tiers=tiers)

    assert monthly([Recurring("prd_a", terms, 13)]) == Fraction(1_150, 12)


@pytest.mark.parametrize(
    ("own", "customers", "brings"),
    [
        (None, None, 6_000),
        (TWENTY, None, 4_800),
        (None, TWENTY, 4_800),
        (HALF, TWENTY, 3_000),
        (TEN, None, 5_000),
        (Coupon("cou_1", CouponDuration.ONCE, ppm=200_000), None, 6_000),
        (Coupon("cou_1", CouponDuration.ONCE, ppm=200_000), HALF, 3_000),
        (Coupon("cou_x", CouponDuration.FOREVER, ppm=200_000, products=("prd_b",)), HALF, 3_000),
        (Coupon("cou_e", CouponDuration.FOREVER, amounts=(("EUR", 1_000),)), None, 6_000),
        (Coupon("cou_all", CouponDuration.FOREVER, amounts=(("USD", 9_999_999),)), None, 0),
    ],
)
def test_one_recurring_discount_speaks_for_each_price(
    own: Coupon | None, customers: Coupon | None, brings: int
) -> None:
    assert monthly([seats(10, 5), seats(10)], own, customers) == brings


def test_an_amount_is_taken_off_once_an_interval_however_many_prices_it_speaks_for() -> None:
    year = Interval(IntervalUnit.YEAR)

    assert monthly([seats(30, 1, year), seats(12, 1, year)], TEN) == Fraction(3_200, 12)


def test_where_a_coupon_is_for_one_product_the_customers_speaks_for_the_others() -> None:
    own = Coupon("cou_a", CouponDuration.FOREVER, ppm=500_000, products=("prd_a",))

    assert monthly([seats(10), seats(10, product="prd_b")], own, TWENTY) == 500 + 800


@given(st.dictionaries(st.sampled_from(State), st.fractions(0, 10**9, max_denominator=365), min_size=1))
def test_what_a_total_is_made_of_sums_to_it_and_none_is_off_by_a_whole_unit(parts: Mapping[State, Fraction]) -> None:
    total, spread = rounded_together(parts)

    assert total == rounded(sum(parts.values(), Fraction(0))) == sum(spread.values())
    assert all(abs(spread[state] - part) < 1 for state, part in parts.items() if part.denominator > 1)
    assert all(spread[state] == part for state, part in parts.items() if part.denominator == 1)
