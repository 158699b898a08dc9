"""Acts to carry out after commit, of every environment: what a transaction decided, to be done in the world outside.

Acts of one kind about one subject go out in their order, one after another; an act that is on its way is due again only
when its carrier has had its time, so that it is done at least once, and by one worker at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, delete, exists, func, not_, or_, select, update

from models.rows import Runner, add, changed, row, rows
from models.tables.base import table
from models.tables.journal import OutboxRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Select

O = table(OutboxRow)  # noqa: E741  (the outbox)
F = O.alias("former")
FORMER = exists().where(
    F.c.kind == O.c.kind, F.c.subject_id == O.c.subject_id, F.c.environment_id == O.c.environment_id, F.c.id < O.c.id
)
"""An act of the same kind about the same subject that has not gone out yet."""


class Act(NamedTuple):
    """An act that a worker has taken; `attempts` counts this one, `id` is the same at every attempt."""

    id: str
    environment_id: str
    kind: str
    subject_id: str
    attempts: int


class Among(NamedTuple):
    """Whose acts are meant: of one environment, about one subject; None asks for any."""

    environment_id: str | None = None
    subject_id: str | None = None


class Open(NamedTuple):
    """Which acts may go out: of these kinds, but not those of an environment and kind that are held there."""

    kinds: Collection[str]
    held: Collection[tuple[str, str]] = ()
    among: Among = Among()


class Outbox:
    """What still has to go out."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection or session."""
        self._run = run
        self.filled = False
        """Whether acts were decided here."""

    async def add(self, *acts: OutboxRow) -> None:
        """Decide acts; they go out after commit."""
        self.filled = True
        await add(self._run, *acts)

    async def ready(self, among: Open, now: datetime) -> bool:
        """Whether an act may go out now."""
        return await row(self._run, _oldest(among, now)) is not None

    async def waits(self, among: Open) -> bool:
        """Whether an act has not gone out yet, whether or not its time has come."""
        return await row(self._run, _wanted(among).limit(1)) is not None

    async def take(self, among: Open, now: datetime, until: datetime) -> Act | None:
        """Take the oldest act that may go out now; nobody else takes it before `until`. None where there is none."""
        found = await row(self._run, _oldest(among, now).with_for_update(of=O, skip_locked=True))
        if found is None:
            return None
        attempts = found["attempts"] + 1
        await self._run.execute(update(O).where(O.c.id == found["id"]).values(due_at=until, attempts=attempts))
        return Act(found["id"], found["environment_id"], found["kind"], found["subject_id"], attempts)

    async def done(self, act: Act) -> None:
        """Take an act out: it has been carried out."""
        await changed(self._run, delete(O).where(O.c.id == act.id))

    async def again(self, act: Act, at: datetime) -> None:
        """Let an act that could not be carried out be tried again."""
        await changed(self._run, update(O).where(O.c.id == act.id, O.c.attempts == act.attempts).values(due_at=at))

    async def waiting(self) -> dict[str, int]:
        """Count what has not gone out, by kind."""
        counted = select(O.c.kind, func.count().label("count")).group_by(O.c.kind).order_by(O.c.kind)
        return {found["kind"]: found["count"] for found in await rows(self._run, counted)}


def _oldest(among: Open, now: datetime) -> Select[Any]:
    return _wanted(among).where(O.c.due_at <= now, ~FORMER).order_by(O.c.id).limit(1)


def _wanted(among: Open) -> Select[Any]:
    wanted = select(O).where(O.c.kind.in_(sorted(among.kinds)))
    if among.held:
        pairs = [and_(O.c.environment_id == held, O.c.kind == kind) for held, kind in sorted(among.held)]
        wanted = wanted.where(not_(or_(*pairs)))
    if among.among.environment_id is not None:
        wanted = wanted.where(O.c.environment_id == among.among.environment_id)
    if among.among.subject_id is not None:
        wanted = wanted.where(O.c.subject_id == among.among.subject_id)
    return wanted
