"""Laws of billing time: nothing twice, nothing for nothing, and over a life no more and no less than its price."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from billing.calendar import Period
from billing.invoicing.values import BillingMode, Due, Rebate, Reckoned, Waived
from tests.billing.invoicing.book import Book, charges, credits_of, slot
from tests.billing.invoicing.cells import exactly
from tests.billing.invoicing.lives import AMOUNTS, WHOLE, acts, integral, lives, shares

if TYPE_CHECKING:
    from billing.invoicing.values import Billed
    from tests.billing.invoicing.lives import Act, Life

LAW = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
OFTEN = settings(LAW, max_examples=150)

amounts = st.integers(1, 100_000)
rebates = st.none() | st.builds(Rebate, st.just("share"), ppm=st.integers(0, 1_000_000))
rebates |= st.builds(Rebate, st.just("amount"), amount=st.integers(0, 50_000))
prorated, either = st.just(value=True), st.booleans()


def cuts(life: Life, parts: list[Fraction]) -> list[Period]:
    """An interval from its beginning, cut into pieces at whole minutes."""
    whole = life.book.natural(life.at)
    inner = {whole.start + life.part(part) for part in parts}
    edges = sorted({whole.start, whole.end, *(at for at in inner if whole.contains(at))})
    return [Period(start, end) for start, end in pairwise(edges)]


def bare(life: Life) -> Book:
    """The life's calendar with nothing in it."""
    book = life.book
    return Book(book.anchor, book.interval, book.unit, book.zone, book.mode)


@OFTEN
@given(lives(), acts(prorate=prorated))
def test_whatever_is_changed_the_total_is_the_price_over_the_time_held(life: Life, done: list[Act]) -> None:
    """Within one minor unit a line, whether credits were invoiced or pending when they were undone."""
    for act in done:
        life.live(act)

    assert abs(life.book.total - integral(life)) <= life.book.rounded


@OFTEN
@given(lives(modes=(BillingMode.FLEXIBLE,), rebates=WHOLE), acts(prorate=either))
def test_what_is_not_prorated_costs_what_a_plain_reading_moment_by_moment_says(life: Life, done: list[Act]) -> None:
    for act in done:
        life.live(replace(act, invoiced=True))

    assert abs(life.book.total - exactly(life)) <= life.book.rounded


@OFTEN
@given(lives(rebates=AMOUNTS), acts(prorate=either))
def test_reckoning_twice_adds_nothing(life: Life, done: list[Act]) -> None:
    for act in done:
        if life.live(act) is not None:
            assert life.book.compared(life.at, *life.owed()) == Reckoned()


@OFTEN
@given(lives(rebates=AMOUNTS), acts(prorate=either))
def test_no_line_gives_back_more_than_it_debited(life: Life, done: list[Act]) -> None:
    for act in done:
        life.live(act)

    assert all(line.left >= 0 for line in life.book.billed)
    assert all(given.amount > 0 for line in life.book.billed for given in line.credited)
    assert all(line.net >= 0 for line in life.book.billed)


@OFTEN
@given(lives(rebates=AMOUNTS), acts(prorate=either))
def test_no_instant_is_billed_twice_or_left_out(life: Life, done: list[Act]) -> None:
    """Of what costs something, just the pieces held are standing in the end: one line or waiver each."""
    for act in done:
        life.live(act)
    later = life.book.natural(life.at).end

    assert life.book.compared(life.at, *life.owed()).charges == ()
    assert all(
        not _overlap(line, other) for line in life.book.billed for other in life.book.billed if line is not other
    )
    assert all(line.period.end <= later for line in life.book.billed)


def _overlap(line: Billed, other: Billed) -> bool:
    """Whether two lines of one price stand for the same time."""
    if line.slot.key != other.slot.key or line.quantity != other.quantity or line.natural != other.natural:
        return False
    shared = max(line.period.start, other.period.start), min(line.period.end, other.period.end)
    if shared[0] >= shared[1]:
        return False
    gone = [each.period for each in (*line.credited, *other.credited)]
    edges = sorted({*shared, *(at for each in gone for at in (each.start, each.end) if shared[0] < at < shared[1])})
    return any(not any(each.start <= a and b <= each.end for each in gone) for a, b in pairwise(edges))


@LAW
@given(lives(rebates=WHOLE), amounts, st.lists(shares, max_size=6))
def test_pieces_agree_with_the_whole_within_half_a_unit_a_line(life: Life, amount: int, parts: list[Fraction]) -> None:
    pieces = cuts(life, parts)
    whole = Period(pieces[0].start, pieces[-1].end)
    plan = slot("plan", amount)

    apart = [charges(bare(life).reckon(each.start, Due(plan, 1, each, whole)))[0] for each in pieces]

    assert abs(sum(apart) - amount) <= Fraction(len(apart), 2)


@LAW
@given(lives(), amounts, rebates, st.lists(shares, min_size=1, max_size=5), st.integers(1, 4))
def test_equal_prices_cost_nothing(
    life: Life, amount: int, rebate: Rebate | None, parts: list[Fraction], quantity: int
) -> None:
    """From one plan to another at the same price, or to half the seats at twice the price."""
    book, pieces = bare(life), cuts(life, parts)
    book.rebate = rebate
    whole = Period(pieces[0].start, pieces[-1].end)
    book.reckon(whole.start, Due(slot("plan 0", amount), quantity * 2, whole, whole))
    paid = book.total
    for number, piece in enumerate(pieces):
        price, seats = (amount, quantity * 2) if number % 2 else (amount * 2, quantity)
        owed = Due(slot(f"plan {number + 1}", price), seats, Period(piece.start, whole.end), whole)

        found = book.reckon(piece.start, owed)

        assert sum(charges(found)) == sum(credits_of(found))
    assert book.total == paid


@LAW
@given(lives(modes=(BillingMode.FLEXIBLE,)), amounts, rebates, st.lists(shares, max_size=6))
def test_the_last_piece_takes_exactly_what_is_left(
    life: Life, amount: int, rebate: Rebate | None, parts: list[Fraction]
) -> None:
    book, pieces = bare(life), cuts(life, parts)
    book.rebate = rebate
    whole = Period(pieces[0].start, pieces[-1].end)
    book.reckon(whole.start, Due(slot("plan", amount), 1, whole, whole))
    for piece in reversed(pieces):
        assert book.total >= 0
        book.reckon(whole.start, Due(slot("plan", amount), 1, Period(whole.start, piece.start), whole))

    assert book.total == 0


@OFTEN
@given(lives(rebates=AMOUNTS), acts(prorate=either), shares)
def test_an_end_that_is_undone_while_its_credits_are_pending_never_was(
    life: Life, done: list[Act], part: Fraction
) -> None:
    for act in done:
        life.live(replace(act, ends=None))
    life.book.invoiced()
    before = list(life.book.billed), list(life.book.waived)
    life.end = life.at + life.part(part)
    life.reckon()
    life.end = None

    found = life.reckon()

    assert (found.charges, found.credits, found.waived) == ((), (), ())
    assert (life.book.billed, life.book.waived) == before


@OFTEN
@given(lives(rebates=AMOUNTS), acts(prorate=either), shares, either)
def test_an_end_that_is_undone_after_its_credits_were_invoiced_is_charged_again_to_the_unit(
    life: Life, done: list[Act], part: Fraction, again: bool
) -> None:
    for act in done:
        life.live(replace(act, ends=None))
    life.book.invoiced()
    total = life.book.total
    for _ in range(1 + again):
        life.end = life.at + life.part(part)
        life.reckon()
        life.book.invoiced()
        life.end = None

        found = life.reckon()

        assert life.book.total == total
        assert all(each.undoes for each in found.charges)


@OFTEN
@given(lives(rebates=AMOUNTS), acts(prorate=either))
def test_an_undo_of_what_was_let_go_removes_it(life: Life, done: list[Act]) -> None:
    for act in done:
        life.live(replace(act, prorate=True))
    assume(not life.over)
    before, total = life.owed(), life.book.total
    life.plan, plan = "big", life.plan
    found = life.reckon(prorate=False)
    life.plan = plan

    life.book.undone(found.waived)

    assert (life.owed(), life.book.total) == (before, total)
    assert life.book.compared(life.at, *before) == Reckoned()


@LAW
@given(lives(), acts(prorate=prorated, most=3))
def test_where_nothing_was_billed_the_short_way_is_the_long_way(life: Life, done: list[Act]) -> None:
    for act in done:
        life.live(act)
    short, long = bare(life), bare(life)
    elsewhere = Period(life.at, life.book.natural(life.at).end)
    long.waived = [Waived("waiver", "a line that is gone", elsewhere)]

    assert short.compared(life.at, *life.owed()) == long.compared(life.at, *life.owed())
