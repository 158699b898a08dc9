"""Events that have no environment-wide position yet, and giving it to them: only the relay does.

An owner's events become visible in the order of their numbers, since each unit of work holds its owner's sequence until
commit; so those that wait are always the end of the owner's sequence, and none before them can appear later.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from sqlalchemy import bindparam, case, exists, select, update

from models.rows import Runner, rows, value
from models.tables.base import table
from models.tables.environment import EnvironmentRow
from models.tables.journal import EventRow

E = table(EventRow)
V = table(EnvironmentRow)
P = E.alias("previous")

_WAITS = E.c.position.is_(None)
_OF_OWNER = (E.c.owner_id == bindparam("owner"), E.c.seq < bindparam("below"))

BEHIND = select(V.c.id).where(exists().where(E.c.environment_id == V.c.id, _WAITS)).order_by(V.c.id)
HELD = select(V.c.position).where(V.c.id == bindparam("of")).with_for_update(key_share=True)
"""No writer of events is held up by it: their foreign keys ask for the key only."""
REACHED = update(V).where(V.c.id == bindparam("of")).values(position=bindparam("to"))
BEFORE = (
    select(case((P.c.position.is_(None), P.c.id)))
    .where(P.c.owner_id == E.c.owner_id, P.c.seq < E.c.seq)
    .order_by(P.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
"""The event before it in its owner's sequence, if that one waits too."""
OLDEST = (
    select(E.c.id, E.c.owner_id, E.c.seq, BEFORE.label("before"))
    .where(E.c.environment_id == bindparam("of"), _WAITS)
    .order_by(E.c.id)
    .limit(bindparam("limit"))
)
LAST_PLACED = select(E.c.seq).where(*_OF_OWNER, E.c.position.is_not(None)).order_by(E.c.seq.desc()).limit(1)
FIRST_OF_OWNER = (
    select(E.c.id)
    .where(E.c.owner_id == bindparam("owner"), E.c.seq > bindparam("after"), _WAITS)
    .order_by(E.c.seq)
    .limit(bindparam("limit"))
)
PLACE = update(E).where(E.c.id == bindparam("event")).values(position=bindparam("to"))


class Waiting(NamedTuple):
    """An event without a position; `before` is its predecessor in the owner's sequence, if that waits as well."""

    id: str
    owner_id: str
    seq: int
    before: str | None


async def behind(run: Runner) -> list[str]:
    """Name the environments that have events without a position."""
    return [each["id"] for each in await rows(run, BEHIND)]


class Positions:
    """The one order of an environment's events."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection or session, for one environment."""
        self._run = run
        self._env = environment_id

    async def place(self, limit: int) -> int:
        """Give positions to the oldest that wait, at most `limit`, and answer how many that were.

        Whoever else places events of this environment waits until this unit of work has committed.
        """
        reached = int(await value(self._run, HELD, {"of": self._env}))
        order = await self._next(limit)
        if order:
            given = [{"event": event, "to": to} for to, event in enumerate(order, reached + 1)]
            await self._run.execute(PLACE, given)
            await self._run.execute(REACHED, {"of": self._env, "to": reached + len(order)})
        return len(order)

    async def _next(self, limit: int) -> list[str]:
        """Put the oldest in order: by id, but those of one owner by their numbers, whatever their ids say."""
        found = await rows(self._run, OLDEST, {"of": self._env, "limit": limit})
        oldest = [Waiting(each["id"], each["owner_id"], each["seq"], each["before"]) for each in found]
        owned: dict[str, list[Waiting]] = {}
        for each in oldest:
            owned.setdefault(each.owner_id, []).append(each)
        turns = {owner: deque(await self._first_of(own)) for owner, own in owned.items()}
        return [turns[each.owner_id].popleft() for each in oldest]

    async def _first_of(self, own: list[Waiting]) -> list[str]:
        """Take an owner's first waiting events: those at hand, unless one before them is not among them."""
        own = sorted(own, key=lambda each: each.seq)
        at_hand = {each.id for each in own}
        if all(each.before is None or each.before in at_hand for each in own):
            return [each.id for each in own]
        owner = own[0].owner_id
        placed = await value(self._run, LAST_PLACED, {"owner": owner, "below": own[0].seq})
        given = {"owner": owner, "after": placed or 0, "limit": len(own)}
        return [each["id"] for each in await rows(self._run, FIRST_OF_OWNER, given)]
