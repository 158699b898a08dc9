"""Schedules as they leave the stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from billing.lifecycle import Channel
    from billing.schedules import EndBehavior, ScheduleStatus
    from billing.subscriptions import Phase, Target


@dataclass(frozen=True, slots=True)
class PhaseView:
    """One phase; `ends_at` is None where it has no end, `change_id` is the scheduled change that begins it."""

    change_id: str
    number: int
    starts_at: datetime
    ends_at: datetime | None
    target: Target
    phase: Phase


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule with its phases in order, the one first in which it was made."""

    id: str
    customer_id: str
    subscription_id: str
    status: ScheduleStatus
    end_behavior: EndBehavior
    ends_at: datetime
    actor: str
    channel: Channel
    created_at: datetime
    settled_at: datetime | None
    phases: tuple[PhaseView, ...]
