"""When a cancellation takes effect, and how a date is checked. (K8, K14, C8, C16)"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from billing.lifecycle import CANCEL_ACTIONS, CancelTiming, Status
from billing.policies import CancellationMode
from billing.refusals import DateOutOfRange, InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from billing.lifecycle import Action
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
    """The policy, never the customer, says how it ends; what has not begun ends at once. (P4)"""
    return CancelTiming.IMMEDIATE if status is Status.NOT_STARTED else _OF_MODE[policy.mode]


def effective_at(facts: Facts, timing: CancelTiming, date: datetime | None, at: datetime) -> datetime:
    """The instant at which the subscription ends."""
    if (date is not None) != (timing is CancelTiming.ON_DATE):
        raise InvalidInput("`date` goes with timing ON_DATE and with no other.", field="date")
    if timing is CancelTiming.IMMEDIATE:
        return at
    if timing is CancelTiming.END_OF_PERIOD:
        return facts.natural_end
    return _checked(date, at)


def _checked(date: datetime | None, at: datetime) -> datetime:
    if date is None:
        raise InvalidInput("Timing ON_DATE needs `date`.", field="date")
    if not at < date <= at + FURTHEST:
        raise DateOutOfRange(
            "The date must be after now and at most ten years away.",
            field="date",
            earliest=at,
            latest=at + FURTHEST,
        )
    return date
