"""Instalments: so many paid periods, then completed, whoever looks and however late. (K4)"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.access import access_changes_at, no_access, period_of_access
from billing.actions import Audience, Closed, demand, offers
from billing.calendar import Interval, IntervalUnit, Period, period_at
from billing.cancellation import demand_before_completion
from billing.entitlements.sources import NoAccess
from billing.instalments import AccessAfterCompletion, Instalments, agreed, kept
from billing.lifecycle import Action, ChangeKind, State, Status
from billing.periods import cut
from billing.policies import SelfServicePolicy
from billing.refusals import ActionNotAllowed, DateOutOfRange
from billing.subscriptions import Facts, Scheduled, StepKind, as_of, next_due, steps
from tests.billing.facts import INTERVALS, MONTH, START, ZONES, day, facts, trying

KEEP, END = AccessAfterCompletion.KEEP, AccessAfterCompletion.END
OWN = SelfServicePolicy(allow_instalment_cancel=True)


def three(after: AccessAfterCompletion = KEEP, **other: object) -> Facts:
    """Three monthly instalments from 1 January."""
    held = facts(**other)
    return replace(held, instalments=agreed(3, after, held.anchor, MONTH, held.zone))


@pytest.mark.parametrize(
    ("first", "count", "interval", "zone", "ends"),
    [
        ("2024-01-31T00:00", 3, MONTH, "UTC", "2024-04-30T00:00"),
        ("2023-11-30T00:00", 3, MONTH, "UTC", "2024-02-29T00:00"),
        ("2024-01-31T12:00", 2, MONTH, "Europe/Berlin", "2024-03-31T11:00"),
        ("2024-02-29T00:00", 2, Interval(IntervalUnit.YEAR), "UTC", "2026-02-28T00:00"),
        ("2024-01-01T00:00", 12, Interval(IntervalUnit.WEEK), "America/New_York", "2024-03-24T23:00"),
    ],
)
def test_they_are_completed_when_the_last_paid_period_ends(
    first: str, count: int, interval: Interval, zone: str, ends: str
) -> None:
    begins = datetime.fromisoformat(first).replace(tzinfo=UTC)

    assert agreed(count, KEEP, begins, interval, ZoneInfo(zone)).completes_at == datetime.fromisoformat(ends).replace(
        tzinfo=UTC
    )


@settings(deadline=None, max_examples=150)
@given(
    st.integers(2, 14),
    st.sampled_from(INTERVALS),
    st.sampled_from(ZONES),
    st.sampled_from([0, 0, 14]),
    st.datetimes(datetime(2023, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC)),
    st.integers(0, 40_000),
    st.none() | st.integers(1, 40_000),
)
def test_one_stride_is_all_the_steps_and_each_instalment_is_a_period(
    count: int, interval: Interval, zone: str, trial: int, began: datetime, hours: int, cancelled: int | None
) -> None:
    where, anchor = ZoneInfo(zone), began + timedelta(days=trial)
    period = Period(began, anchor) if trial else period_at(anchor, interval, began, where)
    plan = agreed(count, KEEP, anchor, interval, where)
    cancel_at = None if cancelled is None else min(began + timedelta(hours=cancelled), plan.completes_at)
    held = cut(
        facts(
            status=Status.TRIALING if trial else Status.ACTIVE,
            starts_at=began,
            trial_end=anchor if trial else None,
            anchor=anchor,
            interval=interval,
            zone=where,
            period=period,
            natural_end=period.end,
            instalments=plan,
            scheduled=(Scheduled("cancel", ChangeKind.CANCEL, cancel_at),) if cancel_at else (),
        )
    )
    until = began + timedelta(hours=hours)
    taken = list(steps(held, until))
    begun = [step for step in taken if step.kind in (StepKind.RENEW, StepKind.TRIAL_END)]

    assert as_of(held, until) == (taken[-1].after if taken else held)
    if cancel_at is None and until >= plan.completes_at:
        assert (taken[-1].kind, taken[-1].at) == (StepKind.COMPLETE, plan.completes_at)
        assert len(begun) == (count if trial else count - 1)
        assert as_of(held, until).state is State.COMPLETED
    elif cancel_at is not None and until >= cancel_at:
        assert as_of(held, until).status is Status.CANCELED
    else:
        assert len(begun) < count + bool(trial)


def test_what_is_kept_is_kept_for_good_with_windows_that_go_on() -> None:
    done = as_of(three(), day(12))

    assert (done.status, done.ended_at, kept(done)) == (Status.COMPLETED, day(4), True)
    assert (no_access(done, day(12, 20)), next_due(done), access_changes_at(done, day(12))) == (None, None, None)
    assert period_of_access(done, day(12, 20)) == Period(day(12), day(1, year=2025))
    assert period_of_access(as_of(three(), day(3, 20)), day(3, 20)) == Period(day(3), day(4))


def test_what_ends_gives_nothing_from_that_instant_on() -> None:
    running, done = as_of(three(END), day(3, 31)), as_of(three(END), day(4))

    assert (no_access(running, day(3, 31)), access_changes_at(running, day(3, 31))) == (None, day(4))
    assert (no_access(done, day(4)), kept(done)) == (NoAccess.SUBSCRIPTION_ENDED, False)


@pytest.mark.parametrize("status", [Status.PAST_DUE, Status.UNPAID, Status.INCOMPLETE])
def test_who_is_behind_is_not_completed_by_time(status: Status) -> None:
    held = as_of(three(END, status=status), day(5))

    assert (held.status, held.period, next_due(held)) == (status, Period(day(3), day(4)), None)
    assert no_access(held, day(5)) is NoAccess.SUBSCRIPTION_ENDED


def test_who_is_behind_keeps_the_grace_of_what_is_kept() -> None:
    held = as_of(three(status=Status.PAST_DUE, grace_until=day(4, 9)), day(5))

    assert no_access(held, day(4, 8)) is None
    assert no_access(held, day(4, 9)) is NoAccess.PAST_DUE


def test_at_one_instant_a_cancellation_goes_before_the_completion() -> None:
    ended = as_of(replace(three(), scheduled=(Scheduled("cancel", ChangeKind.CANCEL, day(4)),)), day(4))

    assert (ended.status, no_access(ended, day(4))) == (Status.CANCELED, NoAccess.SUBSCRIPTION_ENDED)


def closed(held: Facts, audience: Audience, policy: SelfServicePolicy = SelfServicePolicy()) -> dict[Action, Closed]:  # noqa: B008  (a value)
    """Tell what of ending and changing is not open."""
    wanted = (Action.CHANGE_PLAN, Action.DOWNGRADE, Action.CANCEL_NOW, Action.CANCEL_AT_PERIOD_END)
    listed = offers(held, policy, audience, custom_priced=False)
    return {each.action: each.closed for each in listed if each.action in wanted and each.closed}


def test_they_are_ended_by_the_merchant_and_changed_by_nobody() -> None:
    fixed = {Action.CHANGE_PLAN: Closed.INSTALMENTS, Action.DOWNGRADE: Closed.INSTALMENTS}
    own = {Action.CANCEL_NOW: Closed.POLICY_FORBIDS, Action.CANCEL_AT_PERIOD_END: Closed.POLICY_FORBIDS}
    last = {Action.CANCEL_AT_PERIOD_END: Closed.LAST_INSTALMENT}

    assert closed(three(), Audience.MERCHANT) == fixed
    assert closed(three(), Audience.CUSTOMER) == fixed | own
    assert closed(three(), Audience.CUSTOMER, OWN) == fixed | {Action.CANCEL_NOW: Closed.POLICY_FORBIDS}
    assert closed(as_of(three(), day(3)), Audience.MERCHANT) == fixed | last
    assert closed(as_of(three(), day(3)), Audience.CUSTOMER, OWN) == fixed | own | last
    assert closed(trying(instalments=Instalments(2, KEEP, day(3, 15))), Audience.MERCHANT) == fixed
    with pytest.raises(ActionNotAllowed) as refused:
        demand(Action.CHANGE_PLAN, three(), OWN, Audience.MERCHANT, custom_priced=False)
    assert refused.value.reason_code == "INSTALMENTS"


def test_a_date_comes_before_the_completion_unless_that_is_over() -> None:
    demand_before_completion(three(), day(3, 31), START, "date")
    demand_before_completion(as_of(three(status=Status.PAST_DUE), day(4, 2)), day(4, 9), day(4, 2), "date")
    demand_before_completion(facts(), day(9), START, "date")
    for when, at in ((day(4), START), (day(5), START), (day(4), day(4, 2))):
        with pytest.raises(DateOutOfRange) as refused:
            demand_before_completion(three(), when, at, "date")
        assert (refused.value.field, refused.value.latest) == ("date", day(4))
