"""Events, and what was answered to idempotency keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from billing.dataclass import dataclass
from models.paging import Key, after, cursor_of, number_in, ordered, page_of
from models.rows import Runner, add_all, changed, even, row, rows
from models.tables.base import table
from models.tables.journal import EventRow, IdempotencyRow
from models.unavailable import taken
from models.views import EventView

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from models.paging import Page

E = table(EventRow)
I = table(IdempotencyRow)  # noqa: E741
_REMEMBERED = select(I.c.mutation, I.c.principal, I.c.key, I.c.fingerprint, I.c.outcome).where(
    I.c.environment_id == bindparam("env")
)
REMEMBERED = _REMEMBERED.where(
    I.c.mutation == bindparam("of"), I.c.principal == bindparam("by"), I.c.key == bindparam("under")
)
REMEMBERED_ALL = _REMEMBERED.where(
    I.c.mutation.in_(bindparam("of", expanding=True)),
    I.c.principal.in_(bindparam("by", expanding=True)),
    I.c.key.in_(bindparam("under", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class EventsWanted:
    """Which events a list holds; with a customer in its own sequence, else by environment position."""

    customer_id: str | None = None
    types: tuple[str, ...] | None = None
    subject_id: str | None = None


class KeyUsed(NamedTuple):
    """An idempotency key in its scope: the root field, who asked, and the caller's own key."""

    mutation: str
    principal: str
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered the first time, and the fingerprint of what was asked."""

    fingerprint: str
    outcome: dict[str, Any]


class KeyTaken(Exception):  # noqa: N818  (it leaves a unit of work by rolling it back)
    """Another program remembered one of these keys while this one was at work: by now its outcome can be read."""


class Journal:
    """What happened in one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id

    async def append(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Keep events, each as the values of every column; they wait for their environment-wide position."""
        await add_all(self._run, EventRow, events)

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

    async def remembered(self, keys: Collection[KeyUsed]) -> dict[KeyUsed, Outcome]:
        """Find what was answered to keys."""
        if not keys:
            return {}
        if len(keys) == 1:
            (key,) = keys
            found = await rows(self._run, REMEMBERED, {"env": self._env, "of": key[0], "by": key[1], "under": key[2]})
        else:
            found = await rows(self._run, REMEMBERED_ALL, {"env": self._env, **_columns_of(keys)})
        answered = {
            KeyUsed(each["mutation"], each["principal"], each["key"]): Outcome(each["fingerprint"], each["outcome"])
            for each in found
        }
        return {key: answered[key] for key in keys if key in answered}

    async def remember(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep what was answered to keys; each record is the values of every column. Raises KeyTaken.

        They are written in one order everywhere, so that nobody waits for one who waits for him.
        """
        in_order = sorted(records, key=lambda record: (record["mutation"], record["principal"], record["key"]))
        try:
            await add_all(self._run, IdempotencyRow, in_order)
        except IntegrityError as problem:
            if taken(problem):
                raise KeyTaken from problem
            raise

    async def forget(self, before: datetime) -> int:
        """Forget keys that have had their time."""
        return await changed(self._run, delete(I).where(I.c.environment_id == self._env, I.c.expires_at < before))


def _columns_of(keys: Collection[KeyUsed]) -> dict[str, list[str]]:
    return {"of": sorted({key.mutation for key in keys}), "by": sorted({key.principal for key in keys})} | {
        "under": even({key.key for key in keys})
    }


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
        request_id=found["request_id"],
    )
