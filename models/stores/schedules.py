"""Schedules: which one is in charge, its phases, and what became of it. (C9)"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from billing.lifecycle import ChangeStatus
from billing.schedules import ScheduleStatus
from models.rows import Runner, add, even, rows
from models.schedule_views import PhaseView, ScheduleView
from models.stores.kept import phase_read, target_read
from models.tables.base import table
from models.tables.subscription import ScheduledChangeRow, SubscriptionRow, SubscriptionScheduleRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement

    from billing.schedules import EndBehavior

D = table(SubscriptionScheduleRow)
S = table(SubscriptionRow)
H = table(ScheduledChangeRow)


class Schedules:
    """The schedules of one environment, as of an instant."""

    def __init__(self, run: Runner, environment_id: str, at: datetime) -> None:
        """Run on this connection, for one environment and instant."""
        self._run = run
        self._env = environment_id
        self._at = at

    async def by_id(self, schedule_id: str) -> ScheduleView | None:
        """Find by its id."""
        return next(iter(await self._views(D.c.id == schedule_id)), None)

    async def by_ids(self, ids: Sequence[str]) -> dict[str, ScheduleView]:
        """Find several, by id."""
        return {each.id: each for each in await self._views(D.c.id.in_(even(ids)))}

    async def last_of(self, subscription_id: str) -> ScheduleView | None:
        """Find the schedule that a subscription is under, or came out of; None where it was taken off, or never was."""
        found = await self._views(D.c.subscription_id == subscription_id)
        return found[-1] if found and found[-1].status in (ScheduleStatus.ACTIVE, ScheduleStatus.COMPLETED) else None

    async def add(self, schedule: SubscriptionScheduleRow) -> None:
        """Keep a new schedule; its phases are scheduled changes."""
        await add(self._run, schedule)

    async def edit(self, schedule_id: str, end_behavior: EndBehavior, ends_at: datetime) -> None:
        """Keep another end."""
        edited = update(D).where(D.c.id == schedule_id).values(end_behavior=end_behavior, ends_at=ends_at)
        await self._run.execute(edited)

    async def settle(self, schedule_id: str, status: ScheduleStatus, at: datetime) -> None:
        """Keep what became of a schedule."""
        settled = update(D).where(D.c.id == schedule_id, D.c.status == ScheduleStatus.ACTIVE)
        await self._run.execute(settled.values(status=status, settled_at=at))

    async def _views(self, *conditions: ColumnElement[bool]) -> list[ScheduleView]:
        listed = select(D, S.c.cancel_at).join(S, S.c.id == D.c.subscription_id).where(D.c.environment_id == self._env)
        found = await rows(self._run, listed.where(*conditions).order_by(D.c.created_at, D.c.id))
        phases = await self._phases([each["id"] for each in found])
        return [self._view(each, phases[each["id"]]) for each in found]

    async def _phases(self, ids: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
        grouped: dict[str, list[Mapping[str, Any]]] = {each: [] for each in ids}
        if not grouped:
            return grouped
        stand = H.c.status.in_([ChangeStatus.PENDING, ChangeStatus.APPLIED])
        of = select(D.c.id.label("of"), H).join(H, H.c.subscription_id == D.c.subscription_id)
        of = of.where(D.c.id.in_(ids), H.c.schedule_id == D.c.id, H.c.phase.is_not(None), stand)
        for each in await rows(self._run, of.order_by(H.c.applies_at, H.c.item)):
            grouped[each["of"]].append(each)
        return grouped

    def _view(self, found: Mapping[str, Any], phases: Sequence[Mapping[str, Any]]) -> ScheduleView:
        status, settled_at = self._status(found)
        last = min(found["ends_at"], settled_at or found["ends_at"])
        ends = [*(later["applies_at"] for _, later in pairwise(phases)), last]
        return ScheduleView(
            id=found["id"],
            customer_id=found["customer_id"],
            subscription_id=found["subscription_id"],
            status=status,
            end_behavior=found["end_behavior"],
            ends_at=found["ends_at"],
            actor=found["actor"],
            channel=found["channel"],
            created_at=found["created_at"],
            settled_at=settled_at,
            phases=tuple(_phase(each, end) for each, end in zip(phases, ends, strict=True)),
        )

    def _status(self, found: Mapping[str, Any]) -> tuple[ScheduleStatus, datetime | None]:
        """What it is as of the instant: an end that is due counts, though nobody made it permanent yet."""
        if found["status"] is not ScheduleStatus.ACTIVE:
            return found["status"], found["settled_at"]
        sooner = found["cancel_at"]
        if sooner is not None and sooner <= self._at and sooner < found["ends_at"]:
            return ScheduleStatus.CANCELED, sooner
        over = found["ends_at"] <= self._at
        return (ScheduleStatus.COMPLETED, found["ends_at"]) if over else (ScheduleStatus.ACTIVE, None)


def _phase(found: Mapping[str, Any], ends_at: datetime) -> PhaseView:
    phase = phase_read(found["phase"], found["trial_end"])
    if phase is None:
        raise LookupError(found["id"])
    return PhaseView(
        change_id=found["id"],
        number=int(found["item"]),
        starts_at=found["applies_at"],
        ends_at=ends_at if ends_at > found["applies_at"] else None,
        target=target_read(found["target"]),
        phase=phase,
    )
