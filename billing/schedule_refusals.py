"""Refusals of schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import Refusal

if TYPE_CHECKING:
    from billing.schedules import ScheduleStatus


@dataclass(slots=True)
class ManagedBySchedule(Refusal):
    """A schedule says what comes next: edit it, or release it first. (C9)"""

    schedule_id: str = ""


@dataclass(slots=True)
class ScheduleOver(Refusal):
    """The schedule is over, was released, or ended with its subscription; `schedule_status` says which. (C9)"""

    schedule_status: ScheduleStatus | None = None
