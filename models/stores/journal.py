"""Events, and what was answered to idempotency keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from models.paging import Key, after, cursor_of, number_in, ordered, page_of
from models.rows import Runner, add, changed, row, rows
from models.tables.base import table
from models.tables.journal import EventRow, IdempotencyRow
from models.views import EventView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from models.paging import Page

E = table(EventRow)
I = table(IdempotencyRow)  # noqa: E741
REMEMBERED = select(I.c.fingerprint, I.c.outcome).where(
    I.c.environment_id == bindparam("env"),
    I.c.mutation == bindparam("of"),
    I.c.principal == bindparam("by"),
    I.c.key == bindparam("under"),
)


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

    async def append(self, event: EventRow) -> None:
        """Keep an event; it waits for its environment-wide position."""
        await add(self._run, event)

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
