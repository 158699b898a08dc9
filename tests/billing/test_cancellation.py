"""When a cancellation takes effect. (K8, K14)"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from billing.cancellation import FURTHEST, action_of, demand_avoidable, effective_at, timing_for_customer
from billing.ending_refusals import ProrationUnavoidable
from billing.lifecycle import Action, CancelTiming, ChangeKind, Status
from billing.policies import CancellationMode, SelfServicePolicy
from billing.refusals import DateOutOfRange, InvalidInput
from billing.subscriptions import Scheduled
from billing.trials import TrialEnding
from tests.billing.facts import YEAR, cancelling, day, facts, target, trying

if TYPE_CHECKING:
    from billing.subscriptions import Facts

AT = day(1, 10)
NOW, END, DATE = CancelTiming.IMMEDIATE, CancelTiming.END_OF_PERIOD, CancelTiming.ON_DATE
CYCLES = CancelTiming.AFTER_CYCLES
TICK = timedelta(microseconds=1)
YEARLY = day(1, year=2025)
"""The end of the year of the anchor: another interval begins a period of its own by the same anchor."""


@pytest.mark.parametrize(
    ("held", "timing", "date", "when"),
    [
        (facts(), NOW, None, AT),
        (facts(), END, None, day(2)),
        (facts(), DATE, day(3, 15), day(3, 15)),
        (facts(), DATE, AT + TICK, AT + TICK),
        (facts(), DATE, AT + FURTHEST, AT + FURTHEST),
        (trying(), NOW, None, AT),
        (trying(), END, None, day(1, 15)),
        (cancelling(day(1, 20)), END, None, day(2)),
    ],
)
def test_the_end_is_now_the_natural_end_or_the_date(
    held: Facts, timing: CancelTiming, date: datetime | None, when: datetime
) -> None:
    assert effective_at(held, timing, date, AT) == when


@pytest.mark.parametrize("date", [AT - TICK, AT, AT + FURTHEST + TICK])
def test_a_date_is_ahead_and_within_ten_years(date: datetime) -> None:
    with pytest.raises(DateOutOfRange) as refused:
        effective_at(facts(), DATE, date, AT)

    assert (refused.value.field, refused.value.earliest, refused.value.latest) == ("date", AT, AT + FURTHEST)


@pytest.mark.parametrize(
    ("held", "cycles", "when"),
    [
        (facts(), 1, day(2)),
        (facts(), 2, day(3)),
        (facts(), 14, day(3, year=2025)),
        (trying(), 1, day(1, 15)),
        (trying(), 2, day(2, 15)),
        (trying(trial_ending=TrialEnding.CANCEL, method_missing=True), 3, day(3, 15)),
        (trying(trial_ending=TrialEnding.PAUSE, method_missing=True), 3, day(3, 15)),
        (cancelling(day(1, 20)), 1, day(2)),
        (cancelling(day(1, 20)), 3, day(4)),
        (facts(status=Status.NOT_STARTED), 1, day(2)),
        (facts(scheduled=(Scheduled("up", ChangeKind.PLAN_CHANGE, day(2), target=target("big", YEAR)),)), 2, YEARLY),
    ],
)
def test_cycles_count_the_present_period_and_what_is_planned(held: Facts, cycles: int, when: datetime) -> None:  # C9
    assert effective_at(held, CYCLES, None, AT, cycles) == when


@pytest.mark.parametrize("cycles", [0, -1, 3654])
def test_no_cycles_and_too_many_are_refused(cycles: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        effective_at(facts(), CYCLES, None, AT, cycles)

    assert refused.value.field == "cycles"


def test_cycles_reach_ten_years_ahead_at_most() -> None:
    assert effective_at(facts(), CYCLES, None, AT, 120) == day(1, year=2034)
    with pytest.raises(DateOutOfRange) as refused:
        effective_at(facts(), CYCLES, None, AT, 121)

    assert refused.value.field == "cycles"


@pytest.mark.parametrize(("timing", "cycles"), [(CYCLES, None), (NOW, 1), (END, 1)])
def test_cycles_go_with_after_cycles_and_with_nothing_else(timing: CancelTiming, cycles: int | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        effective_at(facts(), timing, None, AT, cycles)

    assert refused.value.field == "cycles"


@pytest.mark.parametrize(
    ("held", "when"),
    [
        (facts(), day(1, 20)),
        (facts(), day(2)),
        (facts(), day(5)),
        (cancelling(day(1, 20)), day(1, 25)),
        (trying(), day(1, 12)),
        (trying(), day(3, 15)),
        (facts(status=Status.NOT_STARTED), day(1)),
    ],
)
def test_a_date_in_billed_time_or_between_periods_may_be_left_unprorated(held: Facts, when: datetime) -> None:
    demand_avoidable(held, when)


@pytest.mark.parametrize(
    ("held", "when", "start"),
    [
        (facts(), day(2) + TICK, day(2)),
        (facts(), day(5, 20), day(5)),
        (cancelling(day(1, 20)), day(3, 2), day(3)),
        (trying(), day(1, 20), day(1, 15)),
        (facts(status=Status.NOT_STARTED), day(1, 20), day(1)),
    ],
)
def test_the_proration_of_a_period_to_come_is_unavoidable(held: Facts, when: datetime, start: datetime) -> None:  # C17
    with pytest.raises(ProrationUnavoidable) as refused:
        demand_avoidable(held, when)

    assert (refused.value.field, refused.value.period_start) == ("prorate", start)


@pytest.mark.parametrize(("timing", "date"), [(DATE, None), (NOW, day(2)), (END, day(2))])
def test_a_date_goes_with_on_date_and_with_nothing_else(timing: CancelTiming, date: datetime | None) -> None:
    with pytest.raises(InvalidInput):
        effective_at(facts(), timing, date, AT)


@pytest.mark.parametrize(
    ("mode", "timing", "action"),
    [
        (CancellationMode.IMMEDIATE, NOW, Action.CANCEL_NOW),
        (CancellationMode.END_OF_PERIOD, END, Action.CANCEL_AT_PERIOD_END),
    ],
)
def test_the_policy_says_how_a_customers_cancellation_ends(
    mode: CancellationMode, timing: CancelTiming, action: Action
) -> None:
    assert timing_for_customer(SelfServicePolicy(mode=mode), Status.ACTIVE) is timing
    assert timing_for_customer(SelfServicePolicy(mode=mode), Status.NOT_STARTED) is CancelTiming.IMMEDIATE
    assert action_of(timing) is action
