"""What is not prorated is settled for good, until an undo removes it. (C18)"""

from __future__ import annotations

import pytest

from billing.invoicing.values import BillingMode, Rebate, Reckoned, Slot, Waived
from tests.billing.invoicing.book import Book, between, due, lines, slot, utc

JUNE, JULY = ("2024-06-01", "2024-07-01"), ("2024-07-01", "2024-08-01")
BASIC, TEAM, BIG, HUGE = slot("basic", 1000), slot("team", 2000), slot("big", 3000), slot("huge", 4000)
HALF = Rebate("half", ppm=500_000)


def june(of: Slot, rebate: Rebate | None = None) -> Book:
    """A June of a plan, billed with today's discount, which is over since."""
    book = Book(anchor=utc(JUNE[0]), rebate=rebate)
    book.reckon(JUNE[0], due(of, *JUNE, JUNE))
    book.rebate = None
    return book


def to(book: Book, of: Slot | None, day: str = "2024-06-21", *, prorate: bool = True) -> Reckoned:
    """Go over to a plan, or end."""
    return book.reckon(day, *([due(of, day, JUNE[1], JUNE)] if of else []), prorate=prorate)


def test_nothing_is_billed_until_the_renewal_which_asks_the_new_price() -> None:
    book = june(BASIC)

    found = book.reckon("2024-06-21", due(BIG, *JUNE, JUNE), prorate=False)

    assert found == Reckoned(waived=(Waived("", "line-1", between("2024-06-21", JUNE[1]), BIG, 1),))
    assert to(book, BIG, "2024-06-22") == Reckoned()
    assert lines(book.reckon(JULY[0], due(BIG, *JULY, JULY))) == [3000]


@pytest.mark.parametrize(
    ("paid", "let_go_to", "then", "billed"),
    [
        (BIG, BASIC, TEAM, [667, -333]),
        (BIG, BASIC, slot("like basic", 1000), [333, -333]),
        (BIG, BASIC, slot("like big", 3000), [1000, -333]),
        (BIG, BASIC, slot("small", 500), [167, -333]),
        (BIG, BASIC, None, [-333]),
        (BASIC, BIG, TEAM, [333, -333]),
        (BASIC, BIG, slot("like big", 3000), [333, -333]),
        (BASIC, BIG, HUGE, [1333, -333]),
        (BASIC, BIG, slot("small", 500), [167, -333]),
        (BASIC, BIG, None, [-333]),
        (BIG, None, TEAM, [667]),
        (BIG, None, None, []),
    ],
)
def test_what_comes_after_time_let_go_gives_back_what_was_paid_and_never_more_than_the_time_stands_for(
    paid: Slot, let_go_to: Slot | None, then: Slot | None, billed: list[int]
) -> None:
    book = june(paid)
    assert lines(to(book, let_go_to, prorate=False)) == []

    assert lines(to(book, then)) == billed
    assert to(book, then) == Reckoned()


@pytest.mark.parametrize("let_go_to", [BASIC, None, HUGE])
def test_going_back_to_what_was_billed_all_along_costs_nothing_and_is_worth_all_of_it_again(
    let_go_to: Slot | None,
) -> None:
    book = june(BIG)
    (let_go,) = to(book, let_go_to, prorate=False).waived

    found = to(book, BIG)

    assert found == Reckoned(waived=(Waived("", "waiver-2", let_go.period, BIG, 1),))
    assert to(book, BIG) == Reckoned()
    assert lines(to(book, None)) == [-1000]


def test_a_date_moved_out_again_without_an_undo_does_not_bill_paid_time_twice() -> None:
    book = june(BIG)
    book.reckon("2024-06-10", due(BIG, JUNE[0], "2024-06-16", JUNE), prorate=False)

    assert lines(book.reckon("2024-06-12", due(BIG, JUNE[0], "2024-06-26", JUNE))) == []
    assert lines(book.reckon("2024-06-13", due(BIG, *JUNE, JUNE))) == []
    assert lines(book.reckon("2024-06-13", due(BIG, JUNE[0], "2024-06-16", JUNE))) == [-1000, -500]


def test_an_undo_that_removes_the_waiver_leaves_everything_as_before() -> None:
    book = june(BIG)
    before = list(book.billed)
    book.undone(to(book, None, prorate=False).waived)

    assert to(book, BIG) == Reckoned()
    assert (book.billed, book.waived) == (before, [])


def test_time_that_no_line_billed_can_be_let_go_and_is_worth_nothing() -> None:
    """A free resume: the time is the customer's, a step to another plan is billed, an end gives nothing."""
    book = Book(anchor=utc(JUNE[0]))

    assert to(book, BASIC, prorate=False) == Reckoned(
        waived=(Waived("", "", between("2024-06-21", JUNE[1]), BASIC, 1),)
    )
    assert to(book, BASIC) == Reckoned()
    assert lines(to(book, None)) == []
    assert lines(to(book, TEAM)) == [667]
    assert lines(to(book, None)) == [-667]


def test_what_is_let_go_twice_stands_for_the_last() -> None:
    book = june(BIG)
    to(book, TEAM, prorate=False)

    (second,) = to(book, BASIC, "2024-06-26", prorate=False).waived

    assert (second.stands_on, second.slot) == ("waiver-2", BASIC)
    assert lines(to(book, None)) == [-333, -167]


def test_what_was_let_go_of_a_line_does_not_come_back_with_its_last_piece() -> None:
    """All of June is given back: two thirds as paid, the third that was let go as what it stood for."""
    book = june(BIG)
    to(book, BASIC, prorate=False)
    assert lines(to(book, None)) == [-333]

    assert lines(book.reckon(JUNE[0])) == [-2000]


def test_what_a_step_replaces_in_time_let_go_keeps_the_lines_discount() -> None:
    book = june(BIG, HALF)
    to(book, HUGE, prorate=False)

    assert lines(to(book, TEAM)) == [333, -500]


def test_the_end_of_time_let_go_is_undone_to_what_it_stood_for() -> None:
    """Paid at 6.00 after a discount and let go to 10.00: what is given back, 2.00 of a third, is charged again."""
    for invoiced in (False, True):
        book = june(BIG, Rebate("most", ppm=800_000))
        to(book, BASIC, prorate=False)
        assert lines(to(book, None)) == [-200]
        if invoiced:
            book.invoiced()

        found = to(book, BASIC)

        assert (lines(found), found.recalled) == (([200], ()) if invoiced else ([], ("credit-3",)))
        assert to(book, BASIC) == Reckoned()


def test_under_the_list_price_too_time_let_go_gives_back_no_more_than_it_stands_for() -> None:
    book = june(BIG)
    book.mode = BillingMode.CLASSIC
    to(book, BASIC, prorate=False)

    assert lines(to(book, None)) == [-333]
