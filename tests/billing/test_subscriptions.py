"""What time alone makes of a subscription: each due thing at its instant, in its order, and the same in one stride."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.access import access_changes_at, no_access
from billing.calendar import Period
from billing.entitlements.sources import NoAccess
from billing.lifecycle import ChangeKind, CollectionBehavior, State, Status
from billing.periods import begin_period, cut
from billing.quantities import with_quantity
from billing.subscriptions import CollectionPause, Scheduled, StepKind, as_of, move, next_due, steps
from billing.trials import ended_unpaid
from tests.billing.facts import PACK, START, TEAM, YEAR, cancelling, day, facts, histories, target, trying

if TYPE_CHECKING:
    from billing.subscriptions import Facts

CALMLY = settings(deadline=None, max_examples=150)
SPANS = st.integers(0, 20_000).map(lambda hours: timedelta(hours=hours))


def walk(held: Facts, until: datetime) -> list[tuple[datetime, str]]:
    """Tell the due things in short."""
    return [(step.at, step.kind.name) for step in steps(held, until)]


def folded(held: Facts, until: datetime) -> Facts:
    """Take every step."""
    for step in steps(held, until):
        held = step.after
    return held


@CALMLY
@given(histories(), SPANS)
def test_one_stride_is_all_the_steps(held: Facts, span: timedelta) -> None:
    until = held.starts_at + span

    assert as_of(held, until) == folded(held, until)


@CALMLY
@given(histories(), SPANS, SPANS)
def test_going_to_c_by_way_of_b_is_going_to_c(held: Facts, first: timedelta, second: timedelta) -> None:
    b = held.starts_at + first
    c = b + second

    assert as_of(as_of(held, b), c) == as_of(held, c)
    assert [*walk(held, b), *walk(folded(held, b), c)] == walk(held, c)


@CALMLY
@given(histories(), SPANS)
def test_steps_go_forward_one_at_a_time_and_join(held: Facts, span: timedelta) -> None:
    taken = list(steps(held, held.starts_at + span))

    assert [step.at for step in taken] == sorted(step.at for step in taken)
    assert [step.before for step in taken[1:]] == [step.after for step in taken[:-1]]
    assert not taken or taken[0].before == held
    for step in taken:
        assert next_due(step.before) == step.at
        after = next_due(step.after)
        assert after is None or after >= step.at


@CALMLY
@given(histories(), SPANS)
def test_what_has_ended_has_nothing_due_and_nothing_pending(held: Facts, span: timedelta) -> None:
    then = as_of(held, held.starts_at + span)

    waits = then.status is Status.PAUSED and not then.scheduled
    assert (next_due(then) is None) == (waits or then.status is Status.CANCELED)
    if not then.live:
        assert then.scheduled == ()
        assert then.ended_at == (held.trial_end if ended_unpaid(then) else held.cancel_at)
        assert then.state is State.CANCELED


@CALMLY
@given(histories(), SPANS)
def test_the_present_period_holds_the_present(held: Facts, span: timedelta) -> None:
    at = held.starts_at + span
    then = as_of(held, at)

    assert then.period.end <= then.natural_end or not then.live
    if then.status is Status.ACTIVE:
        assert then.period.contains(at)
        assert then.period.end == min([then.natural_end, *([then.cancel_at] if then.cancel_at else [])])


def test_at_one_instant_the_order_is_cancel_trial_plan_quantity_renewal() -> None:
    until = day(1, 15)
    pending = (
        Scheduled("seats", ChangeKind.QUANTITY, until, quantity=1),
        Scheduled("plan", ChangeKind.PLAN_CHANGE, until, target=target()),
    )

    assert walk(trying(scheduled=pending), until) == [
        (until, "TRIAL_END"),
        (until, "PLAN_CHANGE"),
        (until, "QUANTITY"),
    ]
    both = (*pending, Scheduled("end", ChangeKind.CANCEL, until))
    assert walk(trying(scheduled=both), day(12)) == [(until, "CANCEL")]
    assert walk(facts(scheduled=tuple(replace(p, applies_at=day(2)) for p in pending)), day(2)) == [
        (day(2), "PLAN_CHANGE"),
        (day(2), "QUANTITY"),
        (day(2), "RENEW"),
    ]
    assert list(StepKind) == [
        StepKind.CANCEL,
        StepKind.COMPLETE,
        StepKind.START,
        StepKind.TRIAL_END,
        StepKind.PAUSE,
        StepKind.PHASE,
        StepKind.COLLECTION_RESUME,
        StepKind.PLAN_CHANGE,
        StepKind.QUANTITY,
        StepKind.RELEASE,
        StepKind.RENEW,
    ]


def test_a_change_with_its_own_period_takes_the_place_of_the_renewal() -> None:
    yearly = Scheduled("plan", ChangeKind.PLAN_CHANGE, day(2), target=target("team", YEAR))

    assert walk(facts(scheduled=(yearly,)), day(3)) == [(day(2), "PLAN_CHANGE")]
    assert as_of(facts(scheduled=(yearly,)), day(3)).period == Period(day(2), day(1, year=2025))


def test_what_starts_later_starts_and_then_goes_on() -> None:
    later = facts(status=Status.NOT_STARTED)
    ended = cancelling(START, status=Status.NOT_STARTED)

    assert walk(later, day(2)) == [(START, "START"), (day(2), "RENEW")]
    assert walk(ended, day(2)) == [(START, "CANCEL")]


@pytest.mark.parametrize(
    ("cancel_at", "end"),
    [
        (day(1, 20), day(1, 20)),
        (day(2), day(2)),
        (day(3, 15), day(2)),
        (START, day(2)),
    ],
)
def test_a_cancel_date_cuts_the_period_it_falls_into(cancel_at: datetime, end: datetime) -> None:
    held = cancelling(cancel_at)

    assert held.period == Period(START, end)
    assert held.natural_end == day(2)
    assert cut(replace(held, scheduled=())) == facts()


def test_a_later_renewal_is_cut_when_its_period_begins() -> None:
    held = as_of(cancelling(day(3, 15)), day(3, 1))

    assert (held.period, held.natural_end) == (Period(day(3), day(3, 15)), day(4))
    over = as_of(held, day(3, 15))
    assert (over.status, over.ended_at, over.period) == (Status.CANCELED, day(3, 15), Period(day(3), day(3, 15)))


@pytest.mark.parametrize(
    ("held", "at", "expected"),
    [
        (facts(), START, None),
        (trying(), START, None),
        (facts(status=Status.PAST_DUE), START, None),
        (facts(status=Status.PAST_DUE, grace_until=day(1, 15)), day(1, 14), None),
        (facts(status=Status.PAST_DUE, grace_until=day(1, 15)), day(1, 15), NoAccess.PAST_DUE),
        (facts(grace_until=day(1, 15)), day(1, 16), None),
        (facts(status=Status.NOT_STARTED), START, NoAccess.SUBSCRIPTION_NOT_STARTED),
        (facts(status=Status.INCOMPLETE), START, NoAccess.INCOMPLETE),
        (facts(status=Status.INCOMPLETE_EXPIRED), START, NoAccess.INCOMPLETE),
        (facts(status=Status.UNPAID), START, NoAccess.UNPAID),
        (facts(status=Status.PAUSED), START, NoAccess.PAUSED),
        (facts(status=Status.CANCELING), START, NoAccess.SUBSCRIPTION_ENDED),
        (facts(status=Status.COMPLETED), START, NoAccess.SUBSCRIPTION_ENDED),
        (facts(status=Status.CANCELED, ended_at=START), START, NoAccess.SUBSCRIPTION_ENDED),
        (facts(status=Status.CANCELED, ended_at=START, access_until=day(2)), day(1, 31), None),
        (facts(status=Status.CANCELED, ended_at=START, access_until=day(2)), day(2), NoAccess.SUBSCRIPTION_ENDED),
        (facts(status=Status.CANCELED, ended_at=day(1, 9), trial_end=day(1, 9)), day(2), NoAccess.TRIAL_ENDED),
        (facts(status=Status.CANCELED, ended_at=day(1, 8), trial_end=day(1, 9)), day(2), NoAccess.SUBSCRIPTION_ENDED),
    ],
)
def test_who_gives_and_why_not(held: Facts, at: datetime, expected: NoAccess | None) -> None:
    assert no_access(held, at) is expected


@pytest.mark.parametrize(
    ("held", "state"),
    [
        (facts(), State.ACTIVE),
        (trying(), State.TRIALING),
        (cancelling(day(2)), State.PENDING_CANCELLATION),
        (cancelling(day(2), status=Status.NOT_STARTED), State.PENDING_CANCELLATION),
        (cancelling(day(2), status=Status.PAST_DUE), State.PENDING_CANCELLATION),
        (facts(status=Status.CANCELED), State.CANCELED),
        (facts(status=Status.COMPLETED), State.COMPLETED),
    ],
)
def test_exactly_one_state(held: Facts, state: State) -> None:
    assert held.state is state


def test_what_a_late_payer_may_do_ends_with_the_grace_or_with_what_is_due_before() -> None:
    late = facts(status=Status.PAST_DUE, grace_until=day(1, 15))

    assert access_changes_at(late, START) == day(1, 15)
    assert access_changes_at(late, day(1, 15)) == day(2)
    assert access_changes_at(replace(late, status=Status.ACTIVE), START) == day(2)
    assert access_changes_at(replace(late, grace_until=day(2, 9)), START) == day(2)


def test_collection_resumes_by_itself_before_the_renewal_of_the_same_instant() -> None:
    paused = CollectionPause(CollectionBehavior.VOID, day(2))
    held = facts(collection_pause=paused)

    assert walk(held, day(2)) == [(day(2), "COLLECTION_RESUME"), (day(2), "RENEW")]
    assert as_of(held, day(1, 31)).collection_pause == paused
    assert as_of(held, day(7)) == as_of(facts(), day(7))
    assert as_of(replace(held, collection_pause=CollectionPause(CollectionBehavior.VOID)), day(7)).collection_pause


def test_quantities_are_of_the_plan_or_of_one_add_on() -> None:
    held = facts(items=(TEAM, PACK))

    assert held.quantity == 3
    assert with_quantity(held, "", 5).items == (replace(TEAM, quantity=5), PACK)
    assert with_quantity(held, "pack", 1).items == (TEAM, replace(PACK, quantity=1))
    assert with_quantity(held, "pack", 0).items == (TEAM,)
    assert with_quantity(held, "other", 4) == held
    assert facts(items=()).quantity == 1


def test_a_plan_without_a_price_keeps_the_currency_that_was_agreed() -> None:
    free = move(facts(), target("free"), day(1, 10))

    assert (free.plan_id, free.plan_version_id, free.currency) == ("free", "free-1", "USD")
    assert (free.period, free.anchor, free.natural_end) == (facts().period, START, day(2))


def test_a_change_in_a_trial_keeps_the_trials_end() -> None:
    yearly = move(trying(), target("big", YEAR), day(1, 10))

    assert (yearly.period, yearly.trial_end, yearly.interval) == (trying().period, day(1, 15), YEAR)
    assert as_of(yearly, day(1, 15)).period == Period(day(1, 15), day(1, 15, year=2025))


def test_a_period_that_begins_off_the_anchor_ends_on_it() -> None:
    assert begin_period(facts(), day(1, 10)).period == Period(day(1, 10), day(2))


def test_ten_years_of_renewals_are_one_stride() -> None:
    far = as_of(facts(), day(6, 15, 2034))

    assert far.period == Period(day(6, 1, 2034), day(7, 1, 2034))
