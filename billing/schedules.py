"""Schedules: phases that follow each other, and what happens when the last one is over. (C9)

A schedule is pending changes that belong together: each phase is a plan change at its instant, and the end is a
cancellation or a release. Whatever reads, undoes or bills a pending change knows them already.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.cancellation import FURTHEST
from billing.dataclass import dataclass
from billing.lifecycle import ChangeKind
from billing.periods import cut
from billing.refusals import DateOutOfRange, InvalidInput
from billing.schedule_refusals import ManagedBySchedule
from billing.subscriptions import Phase, Scheduled, as_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from billing.subscriptions import Facts, Target

MOST_PHASES = 30
MOST_CYCLES = FURTHEST.days
END = "end"
"""The item of a schedule's end, beside the numbers of its phases."""


class EndBehavior(StrEnum):
    """What becomes of the subscription when the last phase is over."""

    RELEASE = "RELEASE"
    CANCEL = "CANCEL"


END_BEHAVIOR_MEANINGS: Mapping[EndBehavior, str] = MappingProxyType(
    {
        EndBehavior.RELEASE: "The subscription goes on as the last phase left it.",
        EndBehavior.CANCEL: "The subscription ends; from the last phase's beginning on the cancellation is pending.",
    },
)


class PhaseAnchor(StrEnum):
    """From when periods are counted in a phase. (C9)"""

    KEEP = "KEEP"
    PHASE_START = "PHASE_START"


PHASE_ANCHOR_MEANINGS: Mapping[PhaseAnchor, str] = MappingProxyType(
    {
        PhaseAnchor.KEEP: "From when they were counted before.",
        PhaseAnchor.PHASE_START: "From the phase's beginning, with which a period begins.",
    },
)


class ScheduleStatus(StrEnum):
    """Where a schedule stands."""

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    RELEASED = "RELEASED"
    CANCELED = "CANCELED"


SCHEDULE_STATUS_MEANINGS: Mapping[ScheduleStatus, str] = MappingProxyType(
    {
        ScheduleStatus.ACTIVE: "It says what comes next.",
        ScheduleStatus.COMPLETED: "Its last phase is over; its end behaviour was carried out.",
        ScheduleStatus.RELEASED: "It was taken off, and the subscription went on as it was.",
        ScheduleStatus.CANCELED: "The subscription ended before it.",
    },
)


class ProrationBehavior(StrEnum):
    """What a change does with time that is billed already. (C18)"""

    NONE = "NONE"
    CREATE_PRORATIONS = "CREATE_PRORATIONS"
    ALWAYS_INVOICE = "ALWAYS_INVOICE"

    @property
    def pair(self) -> tuple[bool, bool]:
        """Whether it is charged and credited, and whether that is invoiced at once."""
        return self is not ProrationBehavior.NONE, self is ProrationBehavior.ALWAYS_INVOICE

    @classmethod
    def of(cls, *, prorate: bool, invoice_now: bool) -> ProrationBehavior:
        """Name a pair."""
        if not prorate:
            return cls.NONE
        return cls.ALWAYS_INVOICE if invoice_now else cls.CREATE_PRORATIONS


PRORATION_BEHAVIOR_MEANINGS: Mapping[ProrationBehavior, str] = MappingProxyType(
    {
        ProrationBehavior.NONE: "Nothing is charged or credited until the renewal, which bills the new price.",
        ProrationBehavior.CREATE_PRORATIONS: "It is charged and credited with the next invoice.",
        ProrationBehavior.ALWAYS_INVOICE: "It is charged and credited, and invoiced at once.",
    },
)


@dataclass(frozen=True, slots=True)
class Lasts:
    """How long a phase lasts: until an instant, or for so many periods of its own, the one in which it begins first.

    Neither is only for the last phase of a schedule that is released: it has no end.
    """

    until: datetime | None = None
    cycles: int | None = None


WHOLE_PERIOD = Lasts(cycles=1)
NOT_SAID = Lasts()


def unscheduled(facts: Facts) -> Facts:
    """The facts as if there were no schedule."""
    return cut(replace(facts, scheduled=tuple(s for s in facts.scheduled if not s.schedule_id)))


def end_of_phase(facts: Facts, lasts: Lasts, since: datetime, at: datetime, field: str) -> datetime:
    """When a phase is over that holds `facts` from `since` on; cycles are counted along the anchor.

    An end is after the phase's beginning and at most ten years from `at`.
    """
    if lasts.until is not None and lasts.cycles is not None:
        raise InvalidInput("Say how long it lasts once: until when, or for how many cycles.", field=f"{field}.cycles")
    if lasts.cycles is not None:
        return _counted(facts, lasts.cycles, at, f"{field}.cycles")
    if lasts.until is None:
        raise InvalidInput("Say how long it lasts: endsAt or cycles.", field=f"{field}.endsAt")
    if not since < lasts.until <= at + FURTHEST:
        raise DateOutOfRange(
            "A phase ends after it begins, and at most ten years from now.",
            field=f"{field}.endsAt",
            earliest=since,
            latest=at + FURTHEST,
        )
    return lasts.until


def phase_of(number: int, since: datetime, target: Target, phase: Phase) -> Scheduled:
    """The change that begins a phase."""
    return Scheduled("", ChangeKind.PLAN_CHANGE, since, item=f"{number:03}", target=target, phase=phase)


def end_of_schedule(behavior: EndBehavior, ends_at: datetime) -> Scheduled:
    """The change that ends a schedule."""
    kind = ChangeKind.CANCEL if behavior is EndBehavior.CANCEL else ChangeKind.RELEASE
    return Scheduled("", kind, ends_at, item=END)


def held_at(facts: Facts, phases: Sequence[Scheduled], at: datetime) -> Facts:
    """The facts as the phases so far leave them where the next one begins, if a payment method is there by then."""
    return as_of(replace(facts, scheduled=(*facts.scheduled, *phases), method_missing=False), at)


def managed(facts: Facts, field: str | None = None) -> ManagedBySchedule:
    """Say that a schedule is in charge."""
    return ManagedBySchedule(
        "A schedule says what comes next: edit it, or release it first.", field=field, schedule_id=facts.schedule_id
    )


def demand_before_end(facts: Facts, when: datetime, field: str) -> None:
    """Refuse a cancellation that comes no sooner than the one of the schedule."""
    ends = facts.schedule_cancel_at
    if ends is not None and when >= ends:
        raise managed(facts, field)


def _counted(facts: Facts, cycles: int, at: datetime, field: str) -> datetime:
    if not 1 <= cycles <= MOST_CYCLES:
        raise InvalidInput(f"`{field}` is a whole number from 1 to {MOST_CYCLES}.", field=field)
    running = cut(replace(facts, scheduled=(), method_missing=False))
    for number in range(cycles):
        running = as_of(running, running.natural_end) if number else running
        if running.natural_end > at + FURTHEST:
            raise DateOutOfRange("A phase ends at most ten years from now.", field=field, latest=at + FURTHEST)
    return running.natural_end
