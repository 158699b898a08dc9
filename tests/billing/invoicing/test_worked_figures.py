"""The figures that the sources and our own rules work out by hand. (C17, K8)"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from billing.calendar import Interval, IntervalUnit, Period, local_instant
from billing.catalog.values import PriceModel, TierDef
from billing.invoicing.ruler import ProrationUnit
from billing.invoicing.values import MOST_OF_A_PRICE, Due, Terms
from tests.billing.invoicing.book import (
    BERLIN,
    GREENWICH,
    MONTH,
    NANO,
    NEW_YORK,
    YEAR,
    Book,
    between,
    charges,
    credits_of,
    due,
    lines,
    priced_in,
    slot,
    utc,
    yearly,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from billing.invoicing.values import Slot

THE_YEAR = ("2024-01-01", "2025-01-01")
JANUARY = ("2024-01-01", "2024-02-01")
JUNE = ("2024-06-01", "2024-07-01")
C17 = yearly("annual", 12000)
OTHER = yearly("other", 20000)
BASIC, TEAM = slot("basic", 1000), slot("team", 2000)


def the_year(unit: ProrationUnit = ProrationUnit.SECOND) -> Book:
    """120.00 a year from 1 January 2024, to end on 1 July, with its first line."""
    book = Book(interval=YEAR, unit=unit)
    book.reckon("2024-01-01", due(C17, "2024-01-01", "2024-07-01", THE_YEAR))
    return book


@pytest.mark.parametrize(
    ("unit", "first", "later", "earlier"),
    [
        (ProrationUnit.SECOND, 5967, 3016, -2984),
        (ProrationUnit.DAY, 5967, 3016, -2984),
        (ProrationUnit.MONTH, 6000, 3000, -3000),
    ],
)
def test_an_end_inside_the_year_cuts_its_line_and_moving_it_bills_the_difference_alone(
    unit: ProrationUnit, first: int, later: int, earlier: int
) -> None:
    to_october, to_april = the_year(unit), the_year(unit)

    assert to_october.total == first
    assert lines(to_october.reckon("2024-02-15", due(C17, "2024-01-01", "2024-10-01", THE_YEAR))) == [later]
    assert lines(to_april.reckon("2024-02-15", due(C17, "2024-01-01", "2024-04-01", THE_YEAR))) == [earlier]


def test_the_line_that_an_earlier_end_credits_is_named_with_the_piece() -> None:
    found = the_year().reckon("2024-02-15", due(C17, "2024-01-01", "2024-04-01", THE_YEAR))

    assert [(each.billed.line_id, each.period) for each in found.credits] == [
        ("line-1", between("2024-04-01", "2024-07-01"))
    ]


def test_a_change_in_a_shortened_year_credits_a_share_of_what_was_debited() -> None:
    """137 of the line's 182 days: neither the list price over them (90.33) nor the debit over the year (22.34)."""
    found = the_year().reckon("2024-02-15", due(OTHER, "2024-02-15", "2024-07-01", THE_YEAR))

    assert credits_of(found) == [4492]
    assert charges(found) == [7486]


@pytest.mark.parametrize(("zone", "last"), [(GREENWICH, 1355), (BERLIN, 1357), (NEW_YORK, 1353)])
def test_a_date_beyond_the_cycle_is_charged_whole_cycles_and_a_part_of_the_last(zone: ZoneInfo, last: int) -> None:
    """30.00 a month renews on the 1st; on 10 January it is set to end on 15 March, local midnight. (K8)"""
    first, end = (local_instant(utc(day).replace(tzinfo=None), zone) for day in ("2024-01-01", "2024-03-15"))
    book = Book(anchor=first, zone=zone)
    billed: list[int] = []
    for _ in range(3):
        natural = book.natural(first)
        period = Period(first, min(natural.end, end))
        billed += lines(book.reckon(first, Due(slot("plan", 3000), 1, period, natural)))
        first = natural.end

    assert billed == [3000, 3000, last]


def test_every_line_rounds_by_itself() -> None:
    """20.00 to 10.00 with a third of June left: a difference of rounded lines, not of totals."""
    book = Book(anchor=utc("2024-06-01"))
    book.reckon("2024-06-01", due(TEAM, *JUNE, JUNE))

    assert lines(book.reckon("2024-06-21", due(BASIC, "2024-06-21", "2024-07-01", JUNE))) == [333, -667]


def test_three_thirds_give_back_exactly_what_was_billed() -> None:
    book = Book(anchor=utc("2024-06-01"))
    book.reckon("2024-06-01", due(TEAM, *JUNE, JUNE))

    thirds = [book.reckon("2024-06-01", due(TEAM, "2024-06-01", f"2024-06-{day}", JUNE)) for day in ("21", "11", "01")]

    assert [lines(each) for each in thirds] == [[-667], [-667], [-666]]
    assert book.total == 0


def test_a_leading_stub_is_a_part_of_the_anchored_interval_around_it() -> None:
    """1 to 13 February with the anchor on the 13th: 12 days of a month of 31, which began on 13 January."""
    book = Book(anchor=utc("2024-01-13"))
    natural = ("2024-01-13", "2024-02-13")

    assert book.natural(utc("2024-02-01")) == between(*natural)
    assert lines(book.reckon("2024-02-01", due(slot("plan", 3100), "2024-02-01", "2024-02-13", natural))) == [1200]


def test_more_seats_credit_the_old_number_and_charge_the_new_one_for_the_same_piece() -> None:
    book = Book(anchor=utc("2024-06-01"))
    book.reckon("2024-06-01", due(BASIC, *JUNE, JUNE, quantity=10))

    found = book.reckon("2024-06-21", due(BASIC, "2024-06-21", "2024-07-01", JUNE, quantity=12))

    assert lines(found) == [4000, -3333]
    assert {each.period for each in found.charges} == {between("2024-06-21", "2024-07-01")}
    assert {each.period for each in found.credits} == {between("2024-06-21", "2024-07-01")}
    assert found.charges[0].replaces == "line-1"


TIERS = (TierDef(5, 10 * NANO), TierDef(None, 4 * NANO, 3 * NANO))


@pytest.mark.parametrize(
    ("terms", "ten", "twelve"),
    [
        (Terms("USD", MONTH, PriceModel.TIERED_GRADUATED, tiers=TIERS), 7300, 8100),
        (Terms("USD", MONTH, PriceModel.TIERED_VOLUME, tiers=TIERS), 4300, 5100),
        (Terms("USD", MONTH, PriceModel.PACKAGE, unit_amount=9 * NANO, package_size=5), 1800, 2700),
        (Terms("USD", MONTH, PriceModel.FLAT, unit_amount=9 * NANO), 900, 900),
    ],
)
def test_the_whole_quantity_is_priced_first_and_then_the_piece_is_taken(terms: Terms, ten: int, twelve: int) -> None:
    book, plan = Book(anchor=utc("2024-06-01")), slot("plan", 0, terms)

    assert lines(book.reckon("2024-06-01", due(plan, *JUNE, JUNE, quantity=10))) == [ten]
    found = book.reckon("2024-06-16", due(plan, "2024-06-16", "2024-07-01", JUNE, quantity=12))
    assert lines(found) == [twelve // 2, -ten // 2]


@pytest.mark.parametrize(("currency", "stub"), [("JPY", 387), ("USD", 387), ("KWD", 387)])
def test_the_fraction_is_taken_of_minor_units_whatever_their_number(currency: str, stub: int) -> None:
    """12 of 31 days of 1000 minor units: 387 yen, 3.87 dollars, 0.387 dinars."""
    book = Book()

    plan: Slot = priced_in(currency, 1000)
    assert lines(book.reckon("2024-01-20", due(plan, "2024-01-20", "2024-02-01", JANUARY))) == [stub]


def test_a_price_finer_than_the_minor_unit_is_rounded_once_after_the_fraction() -> None:
    """0.005 dollars a seat: 3 seats for 12 of 31 days are 0.58 cents."""
    fine = slot("plan", 0, Terms("USD", MONTH, PriceModel.PER_UNIT, unit_amount=NANO // 200))

    assert lines(Book().reckon("2024-01-20", due(fine, "2024-01-20", "2024-02-01", JANUARY, quantity=3))) == [1]
    assert lines(Book().reckon("2024-01-20", due(fine, "2024-01-20", "2024-02-01", JANUARY, quantity=2))) == [0]


def test_a_half_is_rounded_away_from_zero_for_charges_and_credits() -> None:
    book, plan = Book(anchor=utc("2024-06-01")), slot("plan", 1001)
    book.reckon("2024-06-01", due(plan, *JUNE, JUNE))

    assert lines(book.reckon("2024-06-16", due(plan, "2024-06-01", "2024-06-16", JUNE))) == [-501]
    assert lines(Book(anchor=utc("2024-06-01")).reckon("2024-06-16", due(plan, "2024-06-16", JUNE[1], JUNE))) == [501]


def test_another_versions_price_with_equal_terms_bills_nothing_anew() -> None:
    book = Book()
    book.reckon("2024-01-01", due(TEAM, *JANUARY, JANUARY))

    moved = slot("team", 2000)
    assert book.reckon("2024-01-10", due(moved, *JANUARY, JANUARY)) == book.compared(
        utc("2024-01-10"), due(TEAM, *JANUARY, JANUARY)
    )
    assert len(book.billed) == 1


def test_another_versions_price_with_other_terms_is_billed_from_its_day_on() -> None:
    book = Book(anchor=utc("2024-06-01"))
    book.reckon("2024-06-01", due(TEAM, *JUNE, JUNE))

    assert lines(book.reckon("2024-06-16", due(slot("team", 2400), "2024-06-16", JUNE[1], JUNE))) == [1200, -1000]


def test_an_add_on_comes_and_goes_beside_the_plan() -> None:
    book, seats = Book(anchor=utc("2024-06-01")), slot("support", 600, add_on=True)
    plan = due(TEAM, *JUNE, JUNE)
    book.reckon("2024-06-01", plan)

    assert lines(book.reckon("2024-06-11", plan, due(seats, "2024-06-11", JUNE[1], JUNE))) == [400]
    assert lines(book.reckon("2024-06-21", plan)) == [-200]
    assert book.total == 2200


def test_what_costs_nothing_has_no_line_and_leaving_it_gives_nothing() -> None:
    book, free = Book(), slot("free", 0)

    assert lines(book.reckon("2024-01-01", due(free, *JANUARY, JANUARY))) == []
    assert lines(book.reckon("2024-01-16", due(TEAM, "2024-01-16", "2024-02-01", JANUARY))) == [1032]
    assert lines(book.reckon("2024-01-17", due(free, "2024-01-17", "2024-02-01", JANUARY))) == [-968]


def test_an_interval_shorter_than_the_unit_is_measured_in_elapsed_time() -> None:
    """Half an hour is half an hour's price, though it is no whole day, nor does it end one."""
    hour = Interval(IntervalUnit.HOUR)
    book = Book(anchor=utc("2024-01-01T23:30"), interval=hour, unit=ProrationUnit.DAY)
    natural = ("2024-01-01T23:30", "2024-01-02T00:30")
    by_hour = slot("basic", 0, Terms("USD", hour, PriceModel.FLAT, unit_amount=10 * NANO))

    for start, amount in (("2024-01-01T23:45", 750), ("2024-01-02T00:15", 250)):
        found = book.compared(utc(start), due(by_hour, start, "2024-01-02T00:30", natural))
        assert lines(found) == [amount]


@pytest.mark.parametrize("to", ["WEEK", "DAY", "MONTH"])
def test_a_line_is_given_back_by_its_own_interval_whatever_comes_after_it(to: str) -> None:  # C17
    """Six of a year's twelve months are half of it by the month, in whatever the rest is sold."""
    book = Book(unit=ProrationUnit.MONTH, interval=YEAR)
    year = ("2024-01-01", "2025-01-01")
    book.reckon("2024-01-01", due(yearly("plan", 12000), *year, year))
    book.interval = Interval(IntervalUnit(to))
    free = slot("plan", 0, Terms("USD", book.interval, PriceModel.FLAT, unit_amount=0))

    found = book.compared(utc("2024-07-01"), due(free, "2024-07-01", "2024-07-02", ("2024-07-01", "2024-07-02")))

    assert lines(found) == [-6000]


def test_a_price_asks_at_most_what_the_books_hold() -> None:
    absurd = Terms("USD", MONTH, PriceModel.PER_UNIT, unit_amount=2**62)

    assert absurd.full(2**62) == MOST_OF_A_PRICE
    assert absurd.full(1) == Fraction(2**62, 10**7)
