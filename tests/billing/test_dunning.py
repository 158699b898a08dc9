"""When failed payments are tried again: the plan, being late, and the end. (C2, After downtime)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.dunning import PUNCTUAL, Attempt, next_attempt
from billing.invoicing.policy import AfterDunning, Dunning
from billing.payments import OPEN_PAYMENTS, PAYMENT_MOVES, PaymentStatus, refundable

START = datetime(2024, 1, 1, tzinfo=UTC)
USUAL = Dunning()
LATE = st.timedeltas(timedelta(0), timedelta(days=40))


def day(number: float) -> datetime:
    """So many days after the first attempt."""
    return START + timedelta(days=number)


def lived(policy: Dunning, lateness: list[timedelta]) -> tuple[list[Attempt], datetime | AfterDunning]:
    """Make every attempt, each this late, and tell what came after."""
    made: list[Attempt] = []
    then: datetime | AfterDunning = START
    while isinstance(then, datetime):
        late = lateness[len(made)] if len(made) < len(lateness) else timedelta(0)
        made.append(Attempt(then, then + late))
        then = next_attempt(policy, made, then + late)
    return made, then


@pytest.mark.parametrize("after", list(AfterDunning))
def test_eight_attempts_in_fourteen_days_and_then_what_the_policy_says(after: AfterDunning) -> None:
    made, then = lived(Dunning(after=after), [])

    assert [attempt.made_at for attempt in made] == [day(each) for each in (0, 1, 2, 4, 6, 8, 11, 14)]
    assert then is after


def test_fifteen_days_without_a_worker_are_one_attempt_and_the_rest_keep_their_intervals_from_there() -> None:
    made, then = lived(USUAL, [timedelta(0), timedelta(days=15)])

    assert [attempt.made_at for attempt in made] == [day(each) for each in (0, 16, 17, 19, 21, 23, 26, 29)]
    assert then is AfterDunning.CANCEL


def test_a_first_attempt_that_is_late_moves_all_the_others() -> None:
    made, _ = lived(USUAL, [timedelta(days=15)])

    assert [attempt.made_at for attempt in made] == [day(15 + each) for each in (0, 1, 2, 4, 6, 8, 11, 14)]


def test_a_worker_that_is_a_moment_late_does_not_move_the_plan() -> None:
    made, _ = lived(USUAL, [PUNCTUAL] * 8)

    assert [attempt.scheduled_at for attempt in made] == [day(each) for each in (0, 1, 2, 4, 6, 8, 11, 14)]


def test_one_that_failed_only_after_the_next_was_planned_is_followed_by_a_whole_interval() -> None:
    assert next_attempt(USUAL, [Attempt(START, START)], day(3)) == day(4)


def test_a_policy_without_retries_ends_with_the_first() -> None:
    assert lived(Dunning(retry_days=()), []) == ([Attempt(START, START)], AfterDunning.CANCEL)


@given(st.lists(LATE, max_size=8))
def test_all_attempts_are_made_however_late_each_is_and_none_closer_than_planned(late: list[timedelta]) -> None:
    made, then = lived(USUAL, late)
    planned = [b - a for a, b in pairwise((0, *USUAL.retry_days))]
    kept = [b.made_at - a.made_at for a, b in pairwise(made)]

    assert len(made) == USUAL.attempts
    assert then is AfterDunning.CANCEL
    assert all(gap >= timedelta(days=days) - PUNCTUAL for gap, days in zip(kept, planned, strict=True))


def test_what_is_over_never_moves_again_and_what_is_open_may_end_either_way() -> None:
    assert {status for status, moves in PAYMENT_MOVES.items() if moves} == OPEN_PAYMENTS
    assert all({PaymentStatus.SUCCEEDED, PaymentStatus.FAILED} <= PAYMENT_MOVES[status] for status in OPEN_PAYMENTS)


@pytest.mark.parametrize(
    ("amount", "refunded", "disputed", "left"), [(1000, 0, 0, 1000), (1000, 300, 0, 700), (1000, 300, 1000, 0)]
)
def test_what_went_back_or_was_taken_back_is_not_given_again(
    amount: int, refunded: int, disputed: int, left: int
) -> None:
    assert refundable(amount, refunded, disputed) == left
