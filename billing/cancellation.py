"""When a cancellation takes effect, and how a date is checked. (K8, K14, C8, C9, C16)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.ending_refusals import ProrationUnavoidable, RefundAlreadyMade
from billing.lifecycle import CANCEL_ACTIONS, CancelTiming, ChangeKind, Status
from billing.notice import ends_after_notice
from billing.periods import cut
from billing.policies import CancellationMode
from billing.refusals import DateOutOfRange, InvalidInput
from billing.subscriptions import as_of

if TYPE_CHECKING:
    from datetime import datetime

    from billing.lifecycle import Action
    from billing.notice import Notice
    from billing.policies import SelfServicePolicy
    from billing.subscriptions import Facts

FURTHEST = timedelta(days=3653)
"""No date is set further ahead than ten years."""

_OF_MODE = {
    CancellationMode.IMMEDIATE: CancelTiming.IMMEDIATE,
    CancellationMode.END_OF_PERIOD: CancelTiming.END_OF_PERIOD,
}


def action_of(timing: CancelTiming) -> Action:
    """Name the action that a timing stands for."""
    return CANCEL_ACTIONS[timing]


def timing_for_customer(policy: SelfServicePolicy, status: Status) -> CancelTiming:
    """The policy, never the customer, says how it ends; what has no period running ends at once. (P4)"""
    return CancelTiming.IMMEDIATE if status in (Status.NOT_STARTED, Status.PAUSED) else _OF_MODE[policy.mode]


def effective_at(
    facts: Facts,
    timing: CancelTiming,
    date: datetime | None,
    at: datetime,
    cycles: int | None = None,
    notice: Notice | None = None,
    *,
    billed: bool = True,
) -> datetime:
    """The instant at which the subscription ends; `billed` is whether it is ever asked for money."""
    demand_said(timing, date, at, cycles, notice)
    if notice is not None:
        return ends_after_notice(facts, notice, at, billed=billed)
    if timing is CancelTiming.ON_DATE and date is not None:
        return date
    if timing is CancelTiming.END_OF_PERIOD:
        return uncanceled(facts).natural_end
    if timing is CancelTiming.AFTER_CYCLES and cycles is not None:
        return _after(facts, cycles, at)
    return at


def demand_said(
    timing: CancelTiming,
    date: datetime | None,
    at: datetime,
    cycles: int | None = None,
    notice: Notice | None = None,
) -> None:
    """Refuse a date, a number of periods or a notice that a timing does not have, or lacks, or that is out of range."""
    if (date is not None) != (timing is CancelTiming.ON_DATE):
        raise InvalidInput("`date` goes with timing ON_DATE and with no other.", field="date")
    if (cycles is not None) != (timing is CancelTiming.AFTER_CYCLES):
        raise InvalidInput("`cycles` goes with timing AFTER_CYCLES and with no other.", field="cycles")
    if (notice is not None) != (timing is CancelTiming.AFTER_NOTICE):
        raise InvalidInput("`notice` goes with timing AFTER_NOTICE and with no other.", field="notice")
    if date is not None:
        _demand_near(date, at, "date")
    if cycles is not None and not 1 <= cycles <= FURTHEST.days:
        raise InvalidInput(f"`cycles` is a whole number from 1 to {FURTHEST.days}.", field="cycles")


def demand_avoidable(facts: Facts, when: datetime) -> None:
    """Refuse to leave a piece unprorated that no invoice has billed yet: its invoice is made for what is left. (C17)"""
    if facts.status is Status.PAUSED:
        return
    billed_until = facts.starts_at if facts.status is Status.NOT_STARTED else uncanceled(facts).natural_end
    if when <= billed_until:
        return
    start = as_of(uncanceled(facts), when).period.start
    if start < when:
        raise ProrationUnavoidable(
            "The date is inside a period that is not billed yet, and that is billed up to the date only.",
            field="prorate",
            period_start=start,
        )


def demand_before_completion(facts: Facts, when: datetime, at: datetime, field: str) -> None:
    """Refuse an end that would come no sooner than the last instalment's, which completes it; none comes before now.

    Who is behind with a payment by then can still be given a date. (K4)
    """
    if facts.instalments is None:
        return
    completes_at = facts.instalments.completes_at
    if at < completes_at <= when or when < at:
        raise DateOutOfRange(
            "The last instalment completes it by then: end it before.", field=field, earliest=at, latest=completes_at
        )


def demand_not_paid_back(*, paid_back: bool) -> None:
    """Refuse to undo an end, or to move it away, for which money went back already. (K14)"""
    if paid_back:
        raise RefundAlreadyMade("The last payment went back when this end was set, so it stands.")


def _after(facts: Facts, cycles: int, at: datetime) -> datetime:
    """When the last of so many periods ends; the present one is the first."""
    running = uncanceled(facts)
    for _ in range(cycles - 1):
        running = as_of(running, running.natural_end)
        _demand_near(running.natural_end, at, "cycles")
    _demand_near(running.natural_end, at, "cycles")
    return running.natural_end


def uncanceled(facts: Facts) -> Facts:
    """The facts as if nobody had cancelled, and as if a payment method were there: one may still come. (C9)"""
    kept = tuple(each for each in facts.scheduled if each.kind is not ChangeKind.CANCEL)
    return cut(replace(facts, scheduled=kept, method_missing=False))


def _demand_near(when: datetime, at: datetime, field: str) -> None:
    if not at < when <= at + FURTHEST:
        raise DateOutOfRange(
            "The end must be after now and at most ten years away.", field=field, earliest=at, latest=at + FURTHEST
        )
