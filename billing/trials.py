"""What a trial's end does where there is no payment method by then: an invoice all the same, the end, or a pause.

It speaks of the trial that a subscription begins with; one that a schedule gives later ends as any other phase. Whether
a method is there is a fact that is kept with the subscription while that matters, so that time alone decides.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.lifecycle import Status
from billing.periods import begin_period

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.subscriptions import Facts


class TrialEnding(StrEnum):
    """What the end of a trial does where there is no payment method."""

    CREATE_INVOICE = "CREATE_INVOICE"
    CANCEL = "CANCEL"
    PAUSE = "PAUSE"


TRIAL_ENDING_MEANINGS: Mapping[TrialEnding, str] = MappingProxyType(
    {
        TrialEnding.CREATE_INVOICE: "It goes on and is invoiced: the invoice is sent, to be paid until its due day.",
        TrialEnding.CANCEL: (
            "It ends with the trial, with the reason NO_PAYMENT_METHOD, or goes on on the plan that the product names; "
            "nothing is invoiced."
        ),
        TrialEnding.PAUSE: "It is paused and gives no access; the first payment method begins a period and is charged.",
    },
)

_WAITING = frozenset({Status.NOT_STARTED, Status.TRIALING, Status.PAUSED})


def usual_ending(setting: TrialEnding | None, *, merchant: bool) -> TrialEnding:
    """What holds where nobody chose: the environment's setting, else by who made the subscription."""
    return setting or (TrialEnding.CREATE_INVOICE if merchant else TrialEnding.CANCEL)


def waits_for_method(facts: Facts) -> bool:
    """Whether it matters that a payment method is there: until the trial is over, and in the pause that follows it."""
    return facts.trial_ending is not TrialEnding.CREATE_INVOICE and facts.status in _WAITING and _first(facts)


def present_ending(facts: Facts) -> TrialEnding:
    """What the end of the present trial does, as things stand."""
    lacks = facts.status is Status.TRIALING and facts.method_missing and _first(facts)
    return facts.trial_ending if lacks else TrialEnding.CREATE_INVOICE


def ended_unpaid(facts: Facts) -> bool:
    """Whether it is over, or went on on another plan, because its trial ended without a payment method. (S7)"""
    over = facts.status is Status.CANCELED and facts.ended_at == facts.trial_end and _first(facts)
    went_on = facts.trial_leads_to is not None and facts.went_on_at == facts.trial_end
    return (over or went_on) and facts.method_missing and facts.trial_ending is TrialEnding.CANCEL


def end_trial(facts: Facts, at: datetime) -> Facts:
    """End a trial that does not end the subscription: it waits, or the first period that is paid for begins."""
    if present_ending(facts) is TrialEnding.PAUSE:
        return replace(facts, status=Status.PAUSED)
    status = Status.ACTIVE if facts.status is Status.TRIALING else facts.status
    return begin_period(replace(facts, status=status, anchor=at), at)


def resumed(facts: Facts, at: datetime) -> Facts:
    """End the pause that a trial's end led to: the first period that is paid for begins, and is counted from here."""
    return begin_period(replace(facts, status=Status.ACTIVE, method_missing=False, anchor=at), at)


def _first(facts: Facts) -> bool:
    """Whether its period is the trial that it began with."""
    return facts.trial_end is not None and facts.period.start == facts.starts_at
