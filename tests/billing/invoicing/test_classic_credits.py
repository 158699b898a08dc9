"""CLASSIC: a credit is a share of the list price over the natural interval, and no more than what is left. (C19)"""

from __future__ import annotations

from billing.invoicing.values import BillingMode, Rebate, Reckoned
from tests.billing.invoicing.book import YEAR, Book, due, lines, slot, utc, yearly

JUNE = ("2024-06-01", "2024-07-01")
THE_YEAR = ("2024-01-01", "2025-01-01")
TEAM = slot("team", 2000)


def june(rebate: Rebate | None = None) -> Book:
    """A June at 20.00, billed with today's discount."""
    book = Book(anchor=utc(JUNE[0]), mode=BillingMode.CLASSIC, rebate=rebate)
    book.reckon(JUNE[0], due(TEAM, *JUNE, JUNE))
    return book


def test_the_discount_does_not_lessen_what_is_given_back() -> None:
    assert lines(june(Rebate("half", ppm=500_000)).reckon("2024-06-21")) == [-667]


def test_no_more_is_given_back_than_the_line_debited() -> None:
    book = june(Rebate("most", ppm=900_000))

    assert lines(book.reckon("2024-06-21")) == [-200]
    assert (book.total, book.reckon("2024-06-11"), book.total) == (0, Reckoned(), 0)


def test_a_shortened_year_gives_back_its_part_of_the_natural_interval() -> None:
    """137 of 366 days of 120.00, where FLEXIBLE gives 137 of the 182 days of 59.67."""
    book = Book(interval=YEAR, mode=BillingMode.CLASSIC)
    annual = yearly("annual", 12000)
    book.reckon("2024-01-01", due(annual, "2024-01-01", "2024-07-01", THE_YEAR))

    assert lines(book.reckon("2024-02-15")) == [-4492]


def test_the_last_piece_is_no_exception() -> None:
    book = june()
    ends = ("2024-06-21", "2024-06-11", JUNE[0])

    found = [lines(book.reckon(JUNE[0], due(TEAM, JUNE[0], end, JUNE))) for end in ends]

    assert found == [[-667], [-667], [-666]]
