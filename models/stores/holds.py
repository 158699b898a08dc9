"""Which outward channels are held: the switch that whoever runs the program throws, and what the worker reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from models.rows import Runner, add, rows
from models.tables.base import table
from models.tables.environment import EnvironmentRow
from models.tables.hold import HoldRow
from models.views import HoldView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Select

H = table(HoldRow)
E = table(EnvironmentRow)


def _holds() -> Select[Any]:
    return select(H, E.c.key.label("environment")).outerjoin(E, E.c.id == H.c.environment_id)


STANDING = _holds().where(H.c.released_at.is_(None)).order_by(H.c.held_at, H.c.id)
HISTORY = _holds().order_by(H.c.held_at.desc(), H.c.id.desc())


class Holds:
    """The hold switch of a database."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection or session."""
        self._run = run

    async def standing(self) -> list[HoldView]:
        """List what is held now, oldest first."""
        return [_hold(found) for found in await rows(self._run, STANDING)]

    async def history(self, limit: int) -> list[HoldView]:
        """List what was held and released, the newest first."""
        return [_hold(found) for found in await rows(self._run, HISTORY.limit(limit))]

    async def add(self, hold: HoldRow) -> None:
        """Hold a channel."""
        await add(self._run, hold)

    async def release(self, hold_id: str, at: datetime, by: str) -> None:
        """Release a hold; a second time changes nothing."""
        standing = (H.c.id == hold_id, H.c.released_at.is_(None))
        await self._run.execute(update(H).where(*standing).values(released_at=at, released_by=by))


def _hold(found: Mapping[str, Any]) -> HoldView:
    return HoldView(
        id=found["id"],
        environment_id=found["environment_id"],
        environment=found["environment"],
        channel=found["channel"],
        reason=found["reason"],
        held_at=found["held_at"],
        held_by=found["held_by"],
        released_at=found["released_at"],
        released_by=found["released_by"],
    )
