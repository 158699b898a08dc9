"""A subscription's stored facts, and what time alone makes of them.

`steps(facts, until)` yields every due thing in order, each at its scheduled instant. Reading applies them and forgets;
the worker applies the same ones and keeps them: so access never waits for the worker, and going to c by way of b is
going to c.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from billing.anchoring import keeps_anchor
from billing.calendar import Interval, Period, period_at
from billing.dataclass import dataclass
from billing.instalments import completed, in_last_period
from billing.invoicing.values import BillingMode
from billing.leaving import leave
from billing.lifecycle import LIVE, ChangeKind, State, Status
from billing.periods import begin_period, cut
from billing.quantities import with_quantity
from billing.trials import TrialEnding, end_trial, present_ending

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from billing.instalments import Instalments
    from billing.lifecycle import CollectionBehavior


@dataclass(frozen=True, slots=True)
class Item:
    """One price of a plan or add-on at a quantity; `price_id` is '' where nothing is charged."""

    plan_id: str
    plan_version_id: str
    price_id: str
    quantity: int
    add_on: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What a plan change leads to; another interval begins a period of its own by the same anchor."""

    plan_id: str
    plan_version_id: str
    items: tuple[Item, ...]
    interval: Interval
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """What a phase of a schedule brings beside its plan. (C9)

    `trial_end` is where nothing is paid for until then; `coupon_id` is taken off until the phase ends, given by a
    promotion code or by itself. The pair says whether what the phase cuts or adds is charged and credited, and whether
    that is invoiced at once. One that `restarts` begins a period of its own: its start is the anchor from then on.
    """

    trial_end: datetime | None = None
    coupon_id: str = ""
    prorate: bool = True
    invoice_now: bool = False
    restarts: bool = False
    promotion_code_id: str = ""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A pending change. `item` is '' for the plan, or the add-on's plan id; `job_id` is '' where no job asked.

    The target of a cancellation is where the customer goes on when it comes; None is where it just ends. (S7)
    A schedule is pending changes that belong together: its phases, each with its number as `item`, and its end.
    One that waits `until_fits` is applied by whoever has seen that no more is used than it leads to, not by time. (S6)
    """

    id: str
    kind: ChangeKind
    applies_at: datetime
    item: str = ""
    target: Target | None = None
    quantity: int | None = None
    job_id: str = ""
    schedule_id: str = ""
    phase: Phase | None = None
    until_fits: bool = False


@dataclass(frozen=True, slots=True)
class CollectionPause:
    """What becomes of invoices while collection is paused, and when it resumes; None is when somebody says so. (C1)"""

    behavior: CollectionBehavior
    resumes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A subscription as it is kept. A cancel date cuts `period.end` short; `natural_end` is without it. (K15)

    `currency` is '' until a price was agreed: from then on it stays. `grace_until` is until when it gives access while
    it is past due. Periods are counted from `anchor`, which was chosen when it was made or was not. `anchor_follows` is
    the cancel date that a CLASSIC one's anchor is meanwhile, and `anchor_before` what an undo gives back. (C19)
    `went_on_at` is when an end last led it to the plan that it has: what was invoiced by then is as after an end. (S7)
    `instalments` is what was agreed where it is paid in so many parts. (K4) `trial_ending` is what its trial's end does
    while the payment method is missing, which is noted as long as that matters, and `trial_leads_to` where that end
    leads. (S7)
    """

    id: str
    status: Status
    starts_at: datetime
    trial_end: datetime | None
    anchor: datetime
    interval: Interval
    zone: ZoneInfo
    period: Period
    natural_end: datetime
    plan_id: str
    plan_version_id: str
    items: tuple[Item, ...]
    currency: str = ""
    scheduled: tuple[Scheduled, ...] = ()
    ended_at: datetime | None = None
    access_until: datetime | None = None
    collection_pause: CollectionPause | None = None
    grace_until: datetime | None = None
    billing_mode: BillingMode = BillingMode.FLEXIBLE
    anchor_chosen: bool = False
    anchor_follows: datetime | None = None
    anchor_before: datetime | None = None
    went_on_at: datetime | None = None
    instalments: Instalments | None = None
    trial_ending: TrialEnding = TrialEnding.CREATE_INVOICE
    method_missing: bool = False
    trial_leads_to: Target | None = None

    @property
    def billing_anchor(self) -> datetime:
        """The anchor as it is told: the one that periods are counted from, or the cancel date that it follows."""
        return self.anchor_follows or self.anchor

    @property
    def quantity(self) -> int:
        """How many of the plan: seats, workspaces; 1 where it is not counted."""
        return max((item.quantity for item in self.items if not item.add_on), default=1)

    @property
    def cancel_at(self) -> datetime | None:
        """When a pending cancellation takes effect; a schedule's counts in its last phase only. (C9)"""
        phased = self.last_phase_at is not None
        ends = (s.applies_at for s in self.scheduled if s.kind is ChangeKind.CANCEL and not (s.schedule_id and phased))
        return min(ends, default=None)

    @property
    def schedule_id(self) -> str:
        """The schedule that says what comes next; '' where none does."""
        return next((s.schedule_id for s in self.scheduled if s.schedule_id), "")

    @property
    def last_phase_at(self) -> datetime | None:
        """When the last phase begins that has not begun yet; None where all have, and where there is no schedule."""
        return max((s.applies_at for s in self.scheduled if s.phase is not None), default=None)

    @property
    def schedule_cancel_at(self) -> datetime | None:
        """When a schedule ends the subscription, known from the schedule's beginning on."""
        ends = (s.applies_at for s in self.scheduled if s.kind is ChangeKind.CANCEL and s.schedule_id)
        return next(ends, None)

    @property
    def due_at(self) -> datetime | None:
        """The next instant at which time changes it, or it is looked at; None when it has ended."""
        return next_due(self)

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status in LIVE

    @property
    def trying(self) -> bool:
        """Whether its present period is a trial, which a schedule may give somebody who is past due too."""
        return self.trial_end is not None and self.period.start < self.trial_end

    @property
    def state(self) -> State:
        """Its status, or PENDING_CANCELLATION. (K16)"""
        return State.PENDING_CANCELLATION if self.live and self.cancel_at else State(self.status.value)

    @property
    def goes_on(self) -> Target | None:
        """Where the pending cancellation leads; None where it just ends, and where none is pending. (S7)"""
        ends = (s for s in self.scheduled if s.kind is ChangeKind.CANCEL and s.applies_at == self.cancel_at)
        return next((s.target for s in ends), None)

    def outlived(self, made_at: datetime) -> bool:
        """Whether an invoice that was made then is of a time that has ended: whatever becomes of it changes nothing."""
        return not self.live or (self.went_on_at is not None and made_at <= self.went_on_at)

    def pending(self, kind: ChangeKind, item: str = "") -> Scheduled | None:
        """Find the pending change of a kind; those of a schedule have an item of their own."""
        return next((s for s in self.scheduled if s.kind is kind and s.item == item), None)


class StepKind(StrEnum):
    """What happens at a due instant; the order here is the order at one instant."""

    CANCEL = "subscription.canceled"
    COMPLETE = "subscription.completed"
    START = "subscription.started"
    TRIAL_END = "subscription.trial_ended"
    PAUSE = "subscription.paused"
    PHASE = "subscription.phase_began"
    COLLECTION_RESUME = "subscription.collection_resumed"
    PLAN_CHANGE = "subscription.plan_changed"
    QUANTITY = "subscription.quantity_changed"
    RELEASE = "subscription_schedule.completed"
    RENEW = "subscription.renewed"


_INSTANT = timedelta(microseconds=1)
_ORDER = {kind: index for index, kind in enumerate(StepKind)}
_STEP_OF = {
    ChangeKind.CANCEL: StepKind.CANCEL,
    ChangeKind.PLAN_CHANGE: StepKind.PLAN_CHANGE,
    ChangeKind.QUANTITY: StepKind.QUANTITY,
    ChangeKind.RELEASE: StepKind.RELEASE,
}
_TRIAL_STEPS = {
    TrialEnding.CREATE_INVOICE: StepKind.TRIAL_END,
    TrialEnding.CANCEL: StepKind.CANCEL,
    TrialEnding.PAUSE: StepKind.PAUSE,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One due thing: when, what, the change that brought it, and the facts before and after."""

    at: datetime
    kind: StepKind
    before: Facts
    after: Facts
    change: Scheduled | None = None


def next_due(facts: Facts) -> datetime | None:
    """The next instant at which time changes the facts, or they are looked at; None when it has ended."""
    due = _next(facts)
    looked_at = [change.applies_at for change in facts.scheduled if change.until_fits and facts.live]
    return min([*looked_at, *([due[0]] if due else [])], default=None)


def steps(facts: Facts, until: datetime) -> Iterator[Step]:
    """Yield everything due at or before `until`, in order."""
    while (due := _next(facts)) and due[0] <= until:
        at, kind, change = due
        after = _apply(facts, at, kind, change)
        yield Step(at, kind, facts, after, change)
        facts = after


def as_of(facts: Facts, at: datetime) -> Facts:
    """Apply everything due at or before `at`; long runs of renewals are crossed in one stride."""
    while (due := _next(facts)) and due[0] <= at:
        instant, kind, change = due
        facts = _stride(facts, at) if kind is StepKind.RENEW else _apply(facts, instant, kind, change)
    return facts


def _next(facts: Facts) -> tuple[datetime, StepKind, Scheduled | None] | None:
    if not facts.live:
        return None
    due: list[tuple[datetime, StepKind, Scheduled | None]] = [
        (s.applies_at, StepKind.PHASE if s.phase else _STEP_OF[s.kind], s)
        for s in facts.scheduled
        if s.kind in _STEP_OF and not s.until_fits
    ]
    if facts.collection_pause is not None and facts.collection_pause.resumes_at is not None:
        due.append((facts.collection_pause.resumes_at, StepKind.COLLECTION_RESUME, None))
    if facts.status is Status.NOT_STARTED:
        due.append((facts.starts_at, StepKind.START, None))
    elif facts.status is Status.PAUSED:
        pass
    elif facts.trying and facts.trial_end is not None:
        due.append((facts.trial_end, _TRIAL_STEPS[present_ending(facts)], None))
    elif in_last_period(facts):
        due += [(facts.natural_end, StepKind.COMPLETE, None)] if facts.status is Status.ACTIVE else []
    else:
        due.append((facts.natural_end, StepKind.RENEW, None))
    return min(due, key=lambda d: (d[0], _ORDER[d[1]], d[2].item if d[2] else ""), default=None)


def _apply(facts: Facts, at: datetime, kind: StepKind, change: Scheduled | None) -> Facts:
    rest = tuple(s for s in facts.scheduled if s is not change)
    facts = replace(facts, scheduled=rest)
    if kind is StepKind.CANCEL:
        return leave(facts, change.target if change else facts.trial_leads_to, at)
    if kind is StepKind.COMPLETE:
        return completed(facts, at)
    if kind is StepKind.START:
        trial = facts.trial_end is not None and facts.trial_end > at
        return replace(facts, status=Status.TRIALING if trial else Status.ACTIVE)
    if kind in (StepKind.TRIAL_END, StepKind.PAUSE):
        return end_trial(facts, at)
    if kind is StepKind.COLLECTION_RESUME:
        return replace(facts, collection_pause=None)
    return begin_period(facts, at) if change is None else _changed(facts, at, change)


def _changed(facts: Facts, at: datetime, change: Scheduled) -> Facts:
    if change.phase is not None and change.target is not None:
        return _begin_phase(move(facts, change.target, at), at, change.phase)
    if change.target is not None:
        return move(facts, change.target, at)
    return facts if change.quantity is None else with_quantity(facts, change.item, change.quantity)


def _begin_phase(facts: Facts, at: datetime, phase: Phase) -> Facts:
    """Begin a phase: in the last one the schedule's end cuts the period, and a trial is one period. (C9)

    What is paused has its plan, and no period or trial begins before it resumes.
    """
    if facts.status is Status.PAUSED:
        return facts
    if phase.restarts and not facts.trying:
        return begin_period(replace(facts, anchor=at), at)
    if phase.trial_end is None:
        return cut(facts)
    status = Status.TRIALING if facts.status is Status.ACTIVE else facts.status
    tried = replace(facts, status=status, trial_end=phase.trial_end, natural_end=phase.trial_end)
    return cut(replace(tried, period=Period(at, phase.trial_end)))


def move(facts: Facts, target: Target, at: datetime) -> Facts:
    """Put the target plan in place at `at`; a trial keeps its end, another interval begins its own period.

    The anchor stays, and with it the windows of every counter; in CLASSIC another interval is counted from here. (C19)
    """
    moved = replace(
        facts,
        plan_id=target.plan_id,
        plan_version_id=target.plan_version_id,
        items=target.items,
        currency=target.currency or facts.currency,
    )
    moved = replace(moved, interval=target.interval)
    if facts.status in (Status.TRIALING, Status.PAUSED) or target.interval == facts.interval:
        return moved
    return begin_period(moved if keeps_anchor(facts) else replace(moved, anchor=at), at)


def _stride(facts: Facts, at: datetime) -> Facts:
    """Cross every renewal up to `at`, or up to just before the next other due thing."""
    alone = (s for s in facts.scheduled if s.kind in _STEP_OF and not s.until_fits)
    others = [s.applies_at for s in alone if s.applies_at <= at]
    last = period_at(facts.anchor, facts.interval, min([at, *others]), facts.zone)
    if facts.instalments is not None and last.start >= facts.instalments.completes_at:
        final = period_at(facts.anchor, facts.interval, facts.instalments.completes_at - _INSTANT, facts.zone)
        return begin_period(facts, final.start)
    if others and last.start >= min(others):
        return begin_period(facts, facts.natural_end)
    return begin_period(facts, max(last.start, facts.natural_end))
