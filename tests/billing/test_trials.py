"""The end of a trial where no payment method is there: by time alone, and the same whoever looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.access import no_access
from billing.calendar import Period
from billing.entitlements.sources import NoAccess
from billing.lifecycle import ChangeKind, Status
from billing.subscriptions import Facts, Phase, Scheduled, StepKind, as_of, next_due, steps
from billing.trials import TrialEnding, ended_unpaid, resumed, usual_ending, waits_for_method
from tests.billing.facts import day, target, trying

OVER = day(1, 15)


def lacking(ending: TrialEnding, **other: object) -> Facts:
    """A trial until 15 January whose customer has no payment method."""
    return trying(trial_ending=ending, method_missing=True, **other)


@pytest.mark.parametrize(
    ("ending", "kind", "status", "gives"),
    [
        (TrialEnding.CREATE_INVOICE, StepKind.TRIAL_END, Status.ACTIVE, None),
        (TrialEnding.CANCEL, StepKind.CANCEL, Status.CANCELED, NoAccess.TRIAL_ENDED),
        (TrialEnding.PAUSE, StepKind.PAUSE, Status.PAUSED, NoAccess.PAUSED),
    ],
)
def test_without_a_method_a_trial_ends_as_was_chosen_and_with_one_it_is_paid_for(
    ending: TrialEnding, kind: StepKind, status: Status, gives: NoAccess | None
) -> None:
    (step,) = steps(lacking(ending), OVER)
    over = as_of(lacking(ending), day(6))
    held = as_of(replace(lacking(ending), method_missing=False), OVER)

    assert (step.kind, step.at, step.after.status) == (kind, OVER, status)
    assert (over.status, no_access(over, day(6)), ended_unpaid(over)) == (status, gives, kind is StepKind.CANCEL)
    assert (held.status, held.anchor, held.period) == (Status.ACTIVE, OVER, Period(OVER, day(2, 15)))


def test_a_pause_waits_without_end_and_its_first_period_begins_when_it_resumes() -> None:
    paused = as_of(lacking(TrialEnding.PAUSE), day(6))
    again = resumed(paused, day(6, 10))

    assert (next_due(paused), waits_for_method(paused), paused.period) == (None, True, Period(day(1), OVER))
    assert (again.status, again.anchor, again.period) == (Status.ACTIVE, day(6, 10), Period(day(6, 10), day(7, 10)))
    assert not waits_for_method(again)


def test_what_is_scheduled_still_comes_in_a_pause_and_bills_nothing() -> None:
    yearly = Scheduled("plan", ChangeKind.PLAN_CHANGE, day(3), target=target("big"))
    phase = Scheduled("phase", ChangeKind.PLAN_CHANGE, day(4), target=target(), phase=Phase(trial_end=day(5)))
    end = Scheduled("cancel", ChangeKind.CANCEL, day(6))
    happens = list(steps(lacking(TrialEnding.PAUSE, scheduled=(yearly, phase, end)), day(9)))

    assert [(step.at, step.after.status, step.after.plan_id) for step in happens] == [
        (OVER, Status.PAUSED, "team"),
        (day(3), Status.PAUSED, "big"),
        (day(4), Status.PAUSED, "free"),
        (day(6), Status.CANCELED, "free"),
    ]
    assert happens[2].after.period == Period(day(1), OVER)


def test_an_end_that_was_asked_for_comes_first_and_a_phase_that_is_a_trial_takes_the_place_of_the_first() -> None:
    asked = Scheduled("cancel", ChangeKind.CANCEL, OVER)
    (step,) = steps(lacking(TrialEnding.CANCEL, scheduled=(asked,)), day(6))
    longer = Scheduled("1", ChangeKind.PLAN_CHANGE, day(1, 10), "1", target(), phase=Phase(trial_end=day(2)))
    phased = as_of(lacking(TrialEnding.CANCEL, scheduled=(longer,)), day(2))

    assert step.change is asked
    assert phased.status is Status.ACTIVE


def test_an_end_without_a_method_leads_where_it_was_fixed_to_and_a_method_in_time_leads_nowhere() -> None:  # S7
    leads = lacking(TrialEnding.CANCEL, trial_leads_to=target("free"))
    (step,) = steps(leads, OVER)
    paid = as_of(replace(leads, method_missing=False), OVER)

    assert (step.kind, step.after.status, step.after.plan_id) == (StepKind.CANCEL, Status.ACTIVE, "free")
    assert (step.after.went_on_at, step.after.period, ended_unpaid(step.after)) == (
        OVER,
        Period(OVER, day(2, 15)),
        True,
    )
    assert (paid.plan_id, paid.status, ended_unpaid(paid)) == ("team", Status.ACTIVE, False)


def test_who_makes_it_decides_where_nobody_chose() -> None:
    assert usual_ending(None, merchant=True) is TrialEnding.CREATE_INVOICE
    assert usual_ending(None, merchant=False) is TrialEnding.CANCEL
    assert usual_ending(TrialEnding.PAUSE, merchant=False) is TrialEnding.PAUSE
