"""A discount belongs to the line: decided once, carried by what replaces the line, spent once in an interval."""

from __future__ import annotations

from billing.catalog.values import PriceModel
from billing.invoicing.values import Rebate, Terms
from tests.billing.invoicing.book import MONTH, NANO, Book, charges, credits_of, due, lines, slot, utc

JUNE = ("2024-06-01", "2024-07-01")
BASIC, TEAM = slot("basic", 1000), slot("team", 2000)
HALF, FIVE = Rebate("half", ppm=500_000), Rebate("five", amount=500)


def june(rebate: Rebate | None, end: str = JUNE[1]) -> Book:
    """A June of the plan at 20.00, billed with today's discount, which is over since."""
    book = Book(anchor=utc(JUNE[0]), rebate=rebate)
    book.reckon(JUNE[0], due(TEAM, JUNE[0], end, JUNE))
    book.rebate = None
    return book


def test_what_replaces_a_line_carries_its_share_off() -> None:
    book = june(HALF)

    found = book.reckon("2024-06-16", due(BASIC, "2024-06-16", JUNE[1], JUNE))

    assert (book.total, lines(found)) == (750, [250, -500])
    assert [(each.gross, each.discount, each.rebate) for each in found.charges] == [(500, 250, HALF)]


def test_what_replaces_a_line_carries_the_part_of_an_amount_that_falls_to_its_piece() -> None:
    found = june(FIVE).reckon("2024-06-16", due(slot("big", 3000), "2024-06-16", JUNE[1], JUNE))

    assert (charges(found), credits_of(found)) == ([1250], [750])
    assert found.charges[0].rebate == Rebate("five", amount=250)


def test_a_discount_that_began_later_changes_nothing_that_was_billed() -> None:
    book = june(None)
    book.rebate = HALF

    assert lines(book.reckon("2024-06-10", due(TEAM, *JUNE, JUNE))) == []
    assert lines(book.reckon("2024-06-16", due(BASIC, "2024-06-16", JUNE[1], JUNE))) == [500, -1000]


def test_an_add_on_that_comes_new_takes_todays_discount() -> None:
    book = june(None)
    book.rebate = HALF
    extra = due(slot("support", 600, add_on=True), "2024-06-16", JUNE[1], JUNE)

    assert lines(book.reckon("2024-06-16", due(TEAM, *JUNE, JUNE), extra)) == [150]


def test_one_add_on_does_not_carry_anothers_discount() -> None:
    book = Book(anchor=utc(JUNE[0]), rebate=HALF)
    one, other = (slot(name, 600, add_on=True) for name in ("support", "storage"))
    book.reckon(JUNE[0], due(one, *JUNE, JUNE))
    book.rebate = None

    assert lines(book.reckon("2024-06-16", due(other, "2024-06-16", JUNE[1], JUNE))) == [300, -150]


def test_of_a_plan_with_more_prices_each_carries_a_share_but_only_one_an_amount() -> None:
    base, seats = slot("big", 1000), slot("big", 500)
    half, five = june(HALF), june(FIVE)
    owed = [due(each, "2024-06-16", JUNE[1], JUNE) for each in (base, seats)]

    assert charges(half.reckon("2024-06-16", *owed)) == [250, 125]
    assert charges(five.reckon("2024-06-16", *owed)) == [250, 250]


def test_prices_of_one_plan_are_replaced_each_by_its_like() -> None:
    """Seats by seats and the base by the base, in whatever order the new plan lists its prices."""
    book, flat = Book(anchor=utc(JUNE[0])), Terms("USD", MONTH, PriceModel.FLAT, unit_amount=90 * NANO)
    owed = [due(slot("old", 0, flat), *JUNE, JUNE), due(slot("old", 500), *JUNE, JUNE, quantity=4)]
    book.reckon(JUNE[0], *owed)

    new = [due(slot("new", 600), "2024-06-16", JUNE[1], JUNE, quantity=4)]
    new += [due(slot("new", 0, flat), "2024-06-16", JUNE[1], JUNE)]
    found = book.reckon("2024-06-16", *new)

    assert {(each.due.slot.terms.model, each.replaces) for each in found.charges} == {
        (PriceModel.FLAT, "line-1"),
        (PriceModel.PER_UNIT, "line-2"),
    }


def test_an_amount_never_makes_a_line_negative() -> None:
    book = Book(anchor=utc(JUNE[0]), rebate=Rebate("large", amount=5000))

    found = book.reckon(JUNE[0], due(TEAM, *JUNE, JUNE))

    assert [(each.gross, each.discount, each.net) for each in found.charges] == [(2000, 2000, 0)]


def test_what_was_free_by_its_discount_gives_nothing_back_and_stays_free() -> None:
    book = june(Rebate("all", ppm=1_000_000))

    assert lines(book.reckon("2024-06-16", due(TEAM, JUNE[0], "2024-06-21", JUNE))) == []
    assert lines(book.reckon("2024-06-16", due(BASIC, "2024-06-16", JUNE[1], JUNE))) == [0]
    assert lines(book.reckon("2024-06-17", due(slot("big", 3000), "2024-06-17", JUNE[1], JUNE))) == [0]


def test_an_amount_is_spent_once_in_an_interval_that_is_billed_in_pieces() -> None:
    """A June billed to the 16th and then whole costs what a whole June costs."""
    book = Book(anchor=utc(JUNE[0]), rebate=FIVE)

    assert lines(book.reckon(JUNE[0], due(TEAM, JUNE[0], "2024-06-16", JUNE))) == [500]
    assert lines(book.reckon("2024-06-10", due(TEAM, *JUNE, JUNE))) == [1000]
    assert lines(book.reckon(JUNE[1], due(TEAM, JUNE[1], "2024-08-01", (JUNE[1], "2024-08-01")))) == [1500]


def test_what_of_an_amount_a_short_piece_could_not_take_is_left_for_the_rest() -> None:
    book = Book(anchor=utc(JUNE[0]), rebate=FIVE)

    assert lines(book.reckon(JUNE[0], due(TEAM, JUNE[0], "2024-06-04", JUNE))) == [0]
    assert lines(book.reckon("2024-06-02", due(TEAM, *JUNE, JUNE))) == [1500]
    assert book.total == 1500


def test_two_prices_at_one_time_each_take_their_amount() -> None:
    book = Book(anchor=utc(JUNE[0]), rebate=FIVE)

    assert lines(book.reckon(JUNE[0], due(TEAM, *JUNE, JUNE), due(BASIC, *JUNE, JUNE))) == [1500, 500]


def test_equal_prices_cost_nothing_to_the_unit_under_any_discount() -> None:
    """A third of 10.01 with a third off: rounded apart they would differ by a cent."""
    book = Book(anchor=utc(JUNE[0]), rebate=Rebate("third", ppm=333_333))
    book.reckon(JUNE[0], due(slot("one", 1001), *JUNE, JUNE))

    found = book.reckon("2024-06-21", due(slot("two", 1001), "2024-06-21", JUNE[1], JUNE))

    assert charges(found) == credits_of(found)
