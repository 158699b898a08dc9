"""Undo gives back just what was credited: a pending credit goes, an invoiced one is charged again. (K14, K15, C18)"""

from __future__ import annotations

import pytest

from billing.invoicing.ruler import ProrationUnit
from billing.invoicing.values import BillingMode, Rebate
from tests.billing.invoicing.book import YEAR, Book, due, lines, slot, utc, yearly

THE_YEAR = ("2024-01-01", "2025-01-01")
C17 = yearly("annual", 12000)
HALF, FIVE = Rebate("half", ppm=500_000), Rebate("five", amount=501)
TO_JULY = due(C17, "2024-01-01", "2024-07-01", THE_YEAR)
TO_APRIL = due(C17, "2024-01-01", "2024-04-01", THE_YEAR)
TO_MAY = due(C17, "2024-01-01", "2024-05-01", THE_YEAR)
TO_OCTOBER = due(C17, "2024-01-01", "2024-10-01", THE_YEAR)

rebates = pytest.mark.parametrize("rebate", [None, HALF, FIVE])
modes = pytest.mark.parametrize("mode", BillingMode)


def shortened(rebate: Rebate | None = None, mode: BillingMode = BillingMode.FLEXIBLE) -> Book:
    """The year to July, billed with a discount that is over since, then shortened to April in February."""
    book = Book(interval=YEAR, rebate=rebate, mode=mode)
    book.reckon("2024-01-01", TO_JULY)
    book.rebate = None
    book.reckon("2024-02-15", TO_APRIL)
    return book


@rebates
@modes
def test_undone_while_its_credit_is_pending_everything_is_as_before(rebate: Rebate | None, mode: BillingMode) -> None:
    book = shortened(rebate, mode)
    before = Book(interval=YEAR, rebate=rebate)
    before.reckon("2024-01-01", TO_JULY)

    found = book.reckon("2024-03-01", TO_JULY)

    assert (found.charges, found.credits, found.recalled) == ((), (), ("credit-2",))
    assert book.billed == before.billed


@rebates
@modes
@pytest.mark.parametrize("unit", ProrationUnit)
def test_undone_after_its_credit_was_invoiced_it_is_charged_again_to_the_unit(
    rebate: Rebate | None, mode: BillingMode, unit: ProrationUnit
) -> None:
    book = shortened(rebate, mode)
    book.unit = unit
    book.invoiced()
    (given,) = book.billed[0].credited
    paid = book.billed[0].net

    found = book.reckon("2024-03-01", TO_JULY)

    assert [(each.net, each.replaces, each.undoes) for each in found.charges] == [(given.amount, "line-1", "credit-2")]
    assert (found.credits, found.recalled, book.total) == ((), (), paid)


def test_what_is_charged_again_has_the_discount_that_the_line_had() -> None:
    book = shortened(HALF)
    book.invoiced()

    found = book.reckon("2024-03-01", TO_JULY)

    assert [(each.gross, each.discount, each.rebate) for each in found.charges] == [(2984, 1492, HALF)]


def test_the_part_of_an_amount_comes_back_with_what_is_charged_again() -> None:
    book = shortened(FIVE)
    book.invoiced()

    (again,) = book.reckon("2024-03-01", TO_JULY).charges

    assert (again.net, again.gross, again.discount) == (2733, 2984, 251)
    assert again.rebate == Rebate("five", amount=251)


def test_shortening_and_undoing_again_and_again_never_drifts() -> None:
    book = shortened(FIVE)
    for _ in range(5):
        book.invoiced()
        book.reckon("2024-03-01", TO_JULY)
        book.invoiced()
        book.reckon("2024-03-01", TO_APRIL)

    assert [line.net for line in book.billed[1:]] == [2733] * 5
    assert book.total == shortened(FIVE).total


def test_a_later_date_takes_the_pending_credit_out_and_makes_the_smaller_one() -> None:
    found = shortened().reckon("2024-03-01", TO_MAY)

    assert (lines(found), found.recalled) == ([-2000], ("credit-2",))


def test_a_later_date_charges_again_the_part_of_an_invoiced_credit() -> None:
    book = shortened()
    book.invoiced()

    assert lines(book.reckon("2024-03-01", TO_MAY)) == [984]
    assert lines(book.reckon("2024-03-01", TO_JULY)) == [2000]


def test_only_time_that_no_line_has_billed_is_priced_as_new() -> None:
    """April to July was discounted and comes back so; July to October is new and is not."""
    pending, invoiced = shortened(HALF), shortened(HALF)
    invoiced.invoiced()

    assert lines(pending.reckon("2024-03-01", TO_OCTOBER)) == [3016]
    assert lines(invoiced.reckon("2024-03-01", TO_OCTOBER)) == [1492, 3016]


def test_another_quantity_or_plan_in_the_time_given_back_is_priced_with_the_lines_discount() -> None:
    more, other = shortened(HALF), shortened(HALF)

    found = more.reckon("2024-03-01", TO_APRIL, due(C17, "2024-04-01", "2024-07-01", THE_YEAR, quantity=2))
    assert [(each.gross, each.net, each.replaces) for each in found.charges] == [(5967, 2983, "line-1")]
    found = other.reckon("2024-03-01", TO_APRIL, due(yearly("new", 24000), "2024-04-01", "2024-07-01", THE_YEAR))
    assert [(each.gross, each.net, each.replaces) for each in found.charges] == [(5967, 2983, "line-1")]


def test_a_change_and_its_way_back_cost_nothing_while_pending_and_invoiced() -> None:
    for invoiced in (False, True):
        book = Book(interval=YEAR, rebate=HALF)
        book.reckon("2024-01-01", TO_JULY)
        book.reckon("2024-02-15", due(yearly("other", 20000), "2024-02-15", "2024-07-01", THE_YEAR))
        if invoiced:
            book.invoiced()

        book.reckon("2024-02-15", due(C17, "2024-02-15", "2024-07-01", THE_YEAR))

        assert book.total == 2983


def test_a_pending_credit_that_began_before_is_kept_and_its_part_is_charged_again() -> None:
    """A change in February, back in March: the other plan's two weeks stay billed."""
    book = Book(interval=YEAR)
    book.reckon("2024-01-01", TO_JULY)
    other = due(yearly("other", 20000), "2024-02-15", "2024-07-01", THE_YEAR)
    assert lines(book.reckon("2024-02-15", other)) == [7486, -4492]

    found = book.reckon("2024-03-01", due(C17, "2024-03-01", "2024-07-01", THE_YEAR))

    assert (lines(found), found.recalled) == ([4000, -6666], ())
    assert book.total == 5967 - 4492 + 7486 + 4000 - 6666


def test_a_new_interval_is_billed_whole_though_a_part_of_it_was_given_back() -> None:
    """Credited at a pause on the 16th, begun anew on the 21st: one line, one whole month."""
    plan, book = slot("plan", 3000), Book(anchor=utc("2024-06-01"))
    june, july = ("2024-06-01", "2024-07-01"), ("2024-06-21", "2024-07-21")
    book.reckon("2024-06-01", due(plan, *june, june))
    assert lines(book.reckon("2024-06-16")) == [-1500]

    book.anchor = utc("2024-06-21")
    assert lines(book.reckon("2024-06-21", due(plan, *july, july))) == [3000]


def test_a_resume_inside_a_credited_period_is_one_line_of_what_was_given_back() -> None:
    plan, book = slot("plan", 3000), Book(anchor=utc("2024-06-01"))
    june = ("2024-06-01", "2024-07-01")
    book.reckon("2024-06-01", due(plan, *june, june))
    assert lines(book.reckon("2024-06-16")) == [-1500]

    assert lines(book.reckon("2024-06-21", due(plan, "2024-06-21", "2024-07-01", june))) == [1000]
