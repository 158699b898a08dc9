"""Events, what was answered to idempotency keys, and the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, update

from models.paging import Key, after, cursor_of, number_in, ordered, page_of
from models.rows import Runner, add, changed, row, rows, value
from models.tables.base import table
from models.tables.journal import EventRow, IdempotencyRow, OutboxRow
from models.views import EventView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Select

    from models.paging import Page

E = table(EventRow)
O = table(OutboxRow)  # noqa: E741  (beside E and I)
I = table(IdempotencyRow)  # noqa: E741
REMEMBERED = select(I.c.fingerprint, I.c.outcome).where(
    I.c.environment_id == bindparam("env"),
    I.c.mutation == bindparam("of"),
    I.c.principal == bindparam("by"),
    I.c.key == bindparam("under"),
)

EVENT_TO_PLACE = "EVENT_TO_PLACE"
"""The outbox act of giving an event its environment-wide position."""


def _to_place() -> Select[str, str, str]:
    """The oldest acts each name a turn of their owner's; its waiting event of the lowest number has the first turn."""
    waiting = O.c.kind == EVENT_TO_PLACE
    oldest = select(O.c.id, O.c.subject_id).where(waiting).order_by(O.c.id).limit(bindparam("limit")).subquery()
    nth = func.row_number().over(partition_by=E.c.owner_id, order_by=oldest.c.id).label("turn")
    turns = select(oldest.c.id, E.c.owner_id, nth).join_from(oldest, E, E.c.id == oldest.c.subject_id).subquery()
    nth = func.row_number().over(partition_by=E.c.owner_id, order_by=E.c.seq).label("turn")
    among = select(O, E.c.owner_id, nth).join_from(O, E, E.c.id == O.c.subject_id)
    own = among.where(waiting, E.c.owner_id.in_(select(turns.c.owner_id))).subquery()
    taken = (own.c.owner_id == turns.c.owner_id) & (own.c.turn == turns.c.turn)
    listed = select(own.c.id, own.c.environment_id, own.c.subject_id)
    return listed.join_from(turns, own, taken).order_by(turns.c.id)


TO_PLACE = _to_place()
WAITING = select(O.c.id).where(O.c.kind == EVENT_TO_PLACE).limit(1)


@dataclass(frozen=True, slots=True)
class EventsWanted:
    """Which events a list holds; with a customer in its own sequence, else by environment position."""

    customer_id: str | None = None
    types: tuple[str, ...] | None = None
    subject_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered the first time, and the fingerprint of what was asked."""

    fingerprint: str
    outcome: dict[str, Any]


class Journal:
    """What happened in one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection or session, for one environment."""
        self._run = run
        self._env = environment_id

    async def append(self, event: EventRow, outbox: OutboxRow) -> None:
        """Keep an event with the act of giving it its position."""
        await add(self._run, event, outbox)

    async def by_id(self, event_id: str) -> EventView | None:
        """Find an event."""
        found = await row(self._run, select(E).where(E.c.id == event_id, E.c.environment_id == self._env))
        return event_view(found) if found else None

    async def page(self, wanted: EventsWanted, first: int, cursor: str | None) -> Page[EventView]:
        """List in order: a customer's by its sequence, the environment's by position."""
        column = E.c.position if wanted.customer_id is None else E.c.seq
        keys = (Key(column),)
        listed = select(E).where(E.c.environment_id == self._env)
        listed = listed.where(
            E.c.position.is_not(None) if wanted.customer_id is None else E.c.owner_id == wanted.customer_id
        )
        if wanted.types is not None:
            listed = listed.where(E.c.type.in_(wanted.types))
        if wanted.subject_id is not None:
            listed = listed.where(E.c.subject_id == wanted.subject_id)
        if cursor is not None:
            listed = after(listed, keys, (number_in(cursor),))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        return page_of(found, first, lambda each: cursor_of((each[column.name],)), event_view, began=cursor is not None)

    async def remembered(self, mutation: str, principal: str, key: str) -> Outcome | None:
        """Find what was answered to a key."""
        given = {"env": self._env, "of": mutation, "by": principal, "under": key}
        found = await row(self._run, REMEMBERED, given)
        return Outcome(found["fingerprint"], found["outcome"]) if found else None

    async def remember(self, record: IdempotencyRow) -> None:
        """Keep what was answered to a key."""
        await add(self._run, record)

    async def forget(self, before: datetime) -> int:
        """Forget keys that have had their time."""
        return await changed(self._run, delete(I).where(I.c.environment_id == self._env, I.c.expires_at < before))


class Outbox:
    """Acts to carry out after commit, of every environment."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection or session."""
        self._run = run

    async def waits(self) -> bool:
        """Whether an event has no position yet."""
        return await value(self._run, WAITING) is not None

    async def to_place(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """List acts of giving a position, oldest first, but those of one owner by the numbers of its events."""
        return await rows(self._run, TO_PLACE, {"limit": limit})

    async def done(self, outbox_id: str) -> bool:
        """Take an act out; False where somebody else has."""
        return await changed(self._run, delete(O).where(O.c.id == outbox_id)) == 1

    async def place(self, event_id: str, position: int) -> None:
        """Give an event its environment-wide position."""
        await self._run.execute(update(E).where(E.c.id == event_id, E.c.position.is_(None)).values(position=position))


def event_view(found: Mapping[str, Any]) -> EventView:
    """Read an event."""
    return EventView(
        id=found["id"],
        owner_id=found["owner_id"],
        seq=found["seq"],
        type=found["type"],
        subject_id=found["subject_id"],
        occurred_at=found["occurred_at"],
        recorded_at=found["recorded_at"],
        cause=found["cause"],
        channel=found["channel"],
        actor=found["actor"],
        before=found["before"],
        after=found["after"],
        position=found["position"],
    )
