"""Changing plans: which way a move goes, when it takes effect, and what it replaces. (S6)"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.calendar import IntervalUnit
from billing.dataclass import dataclass
from billing.leaving import BEGUN
from billing.lifecycle import ChangeKind, ChangeTiming, Status
from billing.refusals import (
    CancellationPending,
    ChangePending,
    CurrencyMismatch,
    NotADowngrade,
    NothingChanges,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from billing.calendar import Interval
    from billing.subscriptions import Facts, Scheduled


class Direction(StrEnum):
    """Which way a change of plan goes."""

    UP = "UP"
    DOWN = "DOWN"
    SIDEWAYS = "SIDEWAYS"


DIRECTION_MEANINGS: Mapping[Direction, str] = MappingProxyType(
    {
        Direction.UP: "To a higher rank; at equal rank to a higher price per day; of one plan to a longer interval.",
        Direction.DOWN: "To a lower rank; at equal rank to a lower price per day; of one plan to a shorter interval.",
        Direction.SIDEWAYS: "To a plan of the same rank and price.",
    },
)


class MigrationTiming(StrEnum):
    """When a plan migration moves a subscription."""

    NOW = "NOW"
    AT_RENEWAL = "AT_RENEWAL"


MIGRATION_TIMING_MEANINGS: Mapping[MigrationTiming, str] = MappingProxyType(
    {
        MigrationTiming.NOW: "As soon as its turn comes.",
        MigrationTiming.AT_RENEWAL: "When its present period, or its trial, ends; until then it can be undone.",
    },
)
TIMING_OF_MIGRATION: Mapping[MigrationTiming, ChangeTiming] = MappingProxyType(
    {MigrationTiming.NOW: ChangeTiming.IMMEDIATE, MigrationTiming.AT_RENEWAL: ChangeTiming.END_OF_PERIOD},
)


class MigrationPrices(StrEnum):
    """What a subscription pays after a plan migration."""

    KEEP = "KEEP"
    NEW = "NEW"


MIGRATION_PRICES_MEANINGS: Mapping[MigrationPrices, str] = MappingProxyType(
    {
        MigrationPrices.KEEP: "The prices that it has; nothing that the target charges beside them is charged.",
        MigrationPrices.NEW: "The target's prices in the currency and at the interval that it has.",
    },
)


class PendingChanges(StrEnum):
    """What a plan migration does where a change of plan or quantity is pending already."""

    KEEP = "KEEP"
    REPLACE = "REPLACE"


PENDING_CHANGES_MEANINGS: Mapping[PendingChanges, str] = MappingProxyType(
    {
        PendingChanges.KEEP: "The subscription is skipped: what was asked for before stands.",
        PendingChanges.REPLACE: "The migration takes its place; undoing the migration restores it while it can.",
    },
)

_DAYS = {
    IntervalUnit.HOUR: Fraction(1, 24),
    IntervalUnit.DAY: Fraction(1),
    IntervalUnit.WEEK: Fraction(7),
    IntervalUnit.MONTH: Fraction(146097, 4800),
    IntervalUnit.YEAR: Fraction(146097, 400),
}


@dataclass(frozen=True, slots=True)
class Position:
    """A plan as the change rules see it; `per_interval` is its licensed price per interval in 10^-9 of the currency.

    `product_key` is '' where no rule asks for it.
    """

    plan_id: str
    plan_version_id: str
    rank: int
    interval: Interval
    currency: str
    per_interval: int
    quantity: int = 1
    plan_key: str = ""
    product_key: str = ""

    @property
    def per_day(self) -> Fraction:
        """The price of an average day of the calendar's 400 years."""
        return Fraction(self.per_interval) / (_DAYS[self.interval.unit] * self.interval.count)


def direction(old: Position, new: Position) -> Direction:
    """Compare by rank, then price per day, then quantity; within one plan first by the length of the interval."""
    if old.currency and new.currency and old.currency != new.currency:
        raise CurrencyMismatch(
            f"The subscription is held in {old.currency}; nothing is converted. Choose a price in {old.currency}.",
            field="currency",
            currency=old.currency,
        )
    if old.plan_id == new.plan_id and old.interval != new.interval:
        before, after = _length(old.interval), _length(new.interval)
    elif old.rank != new.rank:
        before, after = Fraction(old.rank), Fraction(new.rank)
    elif old.per_day != new.per_day:
        before, after = old.per_day, new.per_day
    else:
        before, after = Fraction(old.quantity), Fraction(new.quantity)
    if before == after:
        return Direction.SIDEWAYS
    return Direction.UP if after > before else Direction.DOWN


def demand_downgrade(old: Position, new: Position) -> None:
    """Refuse a downgrade that does not go down."""
    if old.plan_id == new.plan_id and old.interval == new.interval:
        raise NothingChanges("The subscription is on this plan already.", field="planId")
    if direction(old, new) is not Direction.DOWN:
        raise NotADowngrade(
            "This plan is not below the present one: use subscriptionChange to move up or sideways.",
            field="planId",
            current_rank=old.rank,
            target_rank=new.rank,
        )


def demand_no_cancellation(facts: Facts, *, undoable: bool = True) -> None:
    """Refuse a change while a cancellation is pending; `undoable` where the change could undo it as well."""
    if facts.cancel_at is None:
        return
    if undoable:
        raise CancellationPending(
            "A cancellation is pending. Undo it first, or pass undoCancellation: true to change the plan instead.",
            field="undoCancellation",
            effective_at=facts.cancel_at,
        )
    raise CancellationPending("A cancellation is pending, and stands.", effective_at=facts.cancel_at)


def demand_nothing_pending(facts: Facts) -> None:
    """Refuse to take the place of a pending change of plan or quantity."""
    pending = replaced_by_plan_change(facts)
    if pending:
        raise ChangePending(
            "A change of plan or quantity is pending: it stands, unless pendingChanges: REPLACE is asked for.",
            field="pendingChanges",
            applies_at=min(change.applies_at for change in pending),
        )


def applies_at(facts: Facts, timing: ChangeTiming, at: datetime) -> datetime:
    """The instant of a change: now, or the natural end of the present period (of the trial, while trying)."""
    if timing is ChangeTiming.IMMEDIATE:
        return at
    return facts.trial_end if facts.status is Status.TRIALING and facts.trial_end else facts.natural_end


def cuts_short(facts: Facts, moved: Facts, held: Position) -> bool:
    """Whether a move to another interval ends a period, for which something was paid, before its end."""
    paid = held.per_interval > 0 or any(item.add_on and item.price_id for item in facts.items)
    return paid and facts.status in BEGUN and not facts.trying and moved.period.end < facts.period.end


def overall(ways: Iterable[Direction]) -> Direction:
    """Down where anything goes down, else up where anything goes up."""
    found = set(ways)
    return next((way for way in (Direction.DOWN, Direction.UP) if way in found), Direction.SIDEWAYS)


def replaced_by_plan_change(facts: Facts) -> tuple[Scheduled, ...]:
    """The pending plan and quantity changes that a new plan change takes the place of."""
    kinds = (ChangeKind.PLAN_CHANGE, ChangeKind.QUANTITY)
    return tuple(s for s in facts.scheduled if s.kind in kinds and not s.schedule_id)


def _length(interval: Interval) -> Fraction:
    return _DAYS[interval.unit] * interval.count
