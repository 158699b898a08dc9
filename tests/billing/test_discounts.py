"""Which discount speaks for a line, what it takes off, and when it is over."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.discounts import ALL_OF_IT, Coupon, CouponDuration, Discount, Discountable, rebates, speaking
from billing.invoicing.values import Rebate

JANUARY, FEBRUARY, APRIL = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 4))
TWENTY = Coupon("cou_20", CouponDuration.FOREVER, ppm=200_000)
TEN_EUROS = Coupon("cou_10", CouponDuration.ONCE, amounts=(("EUR", 1000), ("USD", 1100)))
OWN = Discount("dis_own", TWENTY, "sub_1", JANUARY)
CUSTOMERS = Discount("dis_customer", TEN_EUROS, "", JANUARY)
LINE = Discountable("pro_a", "EUR", 5000, JANUARY)


def test_the_subscriptions_own_discount_goes_before_the_customers_and_they_do_not_add_up() -> None:
    assert rebates([CUSTOMERS, OWN], [LINE]) == (Rebate("dis_own", ppm=200_000),)


def test_where_the_subscriptions_own_does_not_fit_the_customers_speaks() -> None:
    elsewhere = replace(OWN, coupon=replace(TWENTY, products=("pro_b",)))

    assert rebates([elsewhere, CUSTOMERS], [LINE]) == (Rebate("dis_customer", amount=1000),)


@pytest.mark.parametrize(
    "discount",
    [
        replace(OWN, coupon=replace(TWENTY, products=("pro_b",))),
        replace(CUSTOMERS, coupon=replace(TEN_EUROS, amounts=(("USD", 1100),))),
        replace(OWN, starts_at=FEBRUARY),
        replace(OWN, until=JANUARY),
        replace(CUSTOMERS, used_by="inv_other"),
    ],
    ids=["another product", "another currency", "not begun", "over", "used up by another invoice"],
)
def test_what_does_not_fit_says_nothing(discount: Discount) -> None:
    assert speaking([discount], LINE, "inv_1") is None
    assert rebates([discount], [LINE], invoice_id="inv_1") == (None,)


def test_the_invoice_that_used_a_discount_up_goes_on_having_it() -> None:
    """Its usage is counted again when it is finalized."""
    used = replace(CUSTOMERS, used_by="inv_1")

    assert rebates([used], [LINE], invoice_id="inv_1") == (Rebate("dis_customer", amount=1000),)


def test_a_price_of_nothing_uses_no_discount() -> None:
    assert rebates([OWN], [replace(LINE, gross=0)]) == (None,)


def test_an_amount_is_spread_over_the_lines_it_fits_by_largest_remainder() -> None:
    lines = [replace(LINE, gross=gross) for gross in (3333, 3333, 3334)]
    own = replace(CUSTOMERS, coupon=replace(TEN_EUROS, amounts=(("EUR", 100),)))

    assert [each.amount for each in rebates([own], lines) if each] == [33, 33, 34]


def test_an_amount_takes_off_what_is_left_of_it_on_the_same_invoice() -> None:
    """The lines of the period took 700 of 1000: the usage that comes later gets 300."""
    assert rebates([CUSTOMERS], [LINE], {"dis_customer": 700}) == (Rebate("dis_customer", amount=300),)
    assert rebates([CUSTOMERS], [LINE], {"dis_customer": 1000}) == (None,)


@given(st.integers(1, 10**7), st.lists(st.integers(-100, 10**6), max_size=8))
def test_an_amount_never_makes_a_line_negative_and_is_spread_whole_where_it_can_be(
    amount: int, prices: list[int]
) -> None:
    own = replace(CUSTOMERS, coupon=replace(TEN_EUROS, amounts=(("EUR", amount),)))
    taken = [each.amount or 0 if each else 0 for each in rebates([own], [replace(LINE, gross=g) for g in prices])]

    assert all(0 <= part <= max(0, price) for part, price in zip(taken, prices, strict=True))
    assert sum(taken) == min(amount, sum(max(0, price) for price in prices))


def test_a_hundred_percent_is_all_of_it() -> None:
    found = rebates([replace(OWN, coupon=replace(TWENTY, ppm=ALL_OF_IT))], [LINE])

    assert [each.of(LINE.gross, Fraction(1)) for each in found if each] == [LINE.gross]


def test_months_are_those_of_the_calendar_in_the_billing_zone() -> None:
    """Three months from 31 January end on 30 April; in Berlin midnight has moved to summer time by then."""
    three = Coupon("cou_3", CouponDuration.MONTHS, months=3, ppm=100_000)

    assert three.ends(datetime(2026, 1, 31, tzinfo=UTC), ZoneInfo("UTC")) == datetime(2026, 4, 30, tzinfo=UTC)
    berlin = datetime(2026, 1, 31, 23, tzinfo=UTC), datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert three.ends(berlin[0], ZoneInfo("Europe/Berlin")) == berlin[1]


def test_only_months_end_by_time_alone() -> None:
    assert (TWENTY.ends(JANUARY, ZoneInfo("UTC")), TEN_EUROS.ends(JANUARY, ZoneInfo("UTC"))) == (None, None)


def test_three_months_speak_for_three_renewals_and_for_the_usage_of_three_periods() -> None:
    """Renewals are asked when they are billed, usage as of the last instant of its period."""
    three = replace(OWN, until=APRIL)
    firsts = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 6)]
    lasts = [first.replace(day=28, hour=23) for first in firsts]

    assert [speaking([three], replace(LINE, at=first)) is not None for first in firsts] == [True] * 3 + [False] * 2
    assert [speaking([three], replace(LINE, at=last)) is not None for last in lasts] == [True] * 3 + [False] * 2
