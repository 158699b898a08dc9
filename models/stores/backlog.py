"""How far the worker is behind: for whoever runs the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from models.rows import Runner, row
from models.tables.base import table
from models.tables.entitlement import GrantRow, OverrideRow
from models.tables.journal import EventRow
from models.tables.reservation import ReservationRow
from models.tables.subscription import SubscriptionRow

if TYPE_CHECKING:
    from datetime import datetime

E = table(EventRow)
DUE = (table(SubscriptionRow), table(GrantRow), table(OverrideRow), table(ReservationRow))


class Backlog(NamedTuple):
    """What waits in an environment: due things and the oldest of them, events without a position and their oldest."""

    overdue: int
    overdue_since: datetime | None
    unplaced: int
    unplaced_since: datetime | None


async def backlog(run: Runner, environment_id: str, now: datetime) -> Backlog:
    """Count what waits in an environment at its present."""
    overdue, since = 0, None
    for rows in DUE:
        of = (rows.c.environment_id == environment_id, rows.c.due_at <= now)
        found = await row(run, select(func.count().label("n"), func.min(rows.c.due_at).label("since")).where(*of))
        if found is not None and found["n"]:
            overdue += found["n"]
            since = found["since"] if since is None else min(since, found["since"])
    waiting = (E.c.environment_id == environment_id, E.c.position.is_(None))
    found = await row(run, select(func.count().label("n"), func.min(E.c.recorded_at).label("since")).where(*waiting))
    return Backlog(overdue, since, found["n"] if found else 0, found["since"] if found else None)
