"""Who was written about on a PostgreSQL server: asked on a connection of its own before memory is believed. (ADR 25)

Whoever takes an owner's sequence leaves the number of his transaction there. What two looks at the server show, the
transactions that the later one sees and the former did not, is exactly what was committed between; `taken` leads from
those to the owners. A look is as old as its beginning: the answer to one that began before a commit says nothing of it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from time import monotonic  # noqa: TID251  (an age, of no business fact: the loop's own time stands still in a turn)
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from models.unavailable import noted

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

AHEAD: Final = 0.4
"""After this part of the time for which a look is believed, whoever asks begins the next and does not wait for it."""
PATIENCE: Final = 0.05
"""So many seconds a question waits for a look; then it reads through."""
SILENCE: Final = 1.0
"""A server that says nothing for so many seconds is lost."""
BACK_OFF: Final = 0.1, 5.0
"""So many seconds after it was lost a server is tried again: at first, and at most."""
NAMED: Final = 1_000
"""So many owners are named by a look; of more it says that anybody may have been written about."""
REMEMBERED: Final = 10_000
"""So many owners are remembered with when they were noticed; who was seen before the oldest is compared again."""
LOOK: Final = """
SELECT pg_postmaster_start_time(), pg_is_in_recovery(), pg_current_snapshot()::text, ARRAY(
  (SELECT owner_id FROM sequence
    WHERE taken >= $1 AND taken < pg_snapshot_xmax(pg_current_snapshot())::text::bigint ORDER BY taken DESC LIMIT $3)
  UNION ALL
  (SELECT owner_id FROM sequence WHERE taken = ANY($2::bigint[]) LIMIT $3)
)"""
PROBLEMS: Final = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Seen(NamedTuple):
    """Which transactions a look saw, on which server: all below `end` that were not `open`."""

    server: datetime
    end: int
    open: list[int]


NOTHING: Final[tuple[int, list[int]]] = 2**63 - 1, []
"""Where nothing was seen before, nothing was committed since."""


def _seen(server: datetime, said: str) -> Seen:
    _, end, open_ = said.split(":")
    return Seen(server, int(end), [int(each) for each in open_.split(",") if each])


class Lookout:
    """Notices who was written about, whenever somebody asks whether memory may be believed."""

    def __init__(self, engine: AsyncEngine, notice: float) -> None:
        """Connect when it is first asked, beside the pool; a look is believed for `notice` seconds after it began."""
        self.looks = 0
        """How many looks the server answered."""
        self.lost = 0
        """How often it was lost, or was another."""
        self.began = 0
        """What was seen before this count is not to be believed."""
        self._engine = engine
        self._notice = notice
        self._connection: AsyncConnection | None = None
        self._count = 0
        self._since = 0
        """Of what was seen before this count it is not known any more what was noticed."""
        self._noticed: OrderedDict[str, int] = OrderedDict()
        self._seen: Seen | None = None
        self._looking: asyncio.Task[None] | None = None
        self._looked = self._wrote = float("-inf")
        self._again = float("-inf")
        self._back_off = BACK_OFF[0]
        self._slow = self._closed = False

    @property
    def lives(self) -> bool:
        """Whether the server answered the last look."""
        return self._seen is not None

    def present(self) -> int | None:
        """Count what was noticed so far; None where the last look is too old to be believed."""
        now = monotonic()
        if self._looked <= max(self._wrote, now - AHEAD * self._notice):
            self._begin(now)
        return self._count if self._looked > max(self._wrote, now - self._notice) else None

    async def certain(self) -> int | None:
        """Count likewise, after a look where there has to be one; None where the server does not answer soon.

        For one that was slow the last time nobody waits.
        """
        since = max(self._wrote, (now := monotonic()) - self._notice)
        while self._looked <= since:
            self._begin(monotonic())
            left = now + PATIENCE - monotonic()
            if self._looking is None or self._slow or left <= 0:
                return None
            await asyncio.wait([self._looking], timeout=left)
        return self._count

    def moved(self, owners: Collection[str], seen: int) -> bool:
        """Whether one of these may have been written about after so much was noticed."""
        return seen < self._since or any(self._noticed.get(each, 0) > seen for each in owners)

    def wrote(self) -> None:
        """Hear that this program has committed something, before anybody is told: earlier looks did not see it."""
        self._wrote = monotonic()

    async def close(self) -> None:
        """Look no more."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        await self._hang_up()

    def _begin(self, now: float) -> None:
        if self._looking is None and not self._closed and now >= self._again:
            self._looking = asyncio.get_running_loop().create_task(self._look())
            self._looking.add_done_callback(self._ended)

    def _ended(self, _looking: asyncio.Task[None]) -> None:
        self._looking = None

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(SILENCE):
                driver = await self._driver()
                before = self._seen
                end, open_ = (before.end, before.open) if before is not None else NOTHING
                looked = monotonic()
                server, recovers, said, owners = await driver.fetchrow(LOOK, end, open_, NAMED + 1)
        except PROBLEMS as problem:
            noted("lookout_lost", problem)
            await self._lose()
            return
        if recovers:
            await self._lose()
            return
        seen = _seen(server, said)
        if before is None or before.server != server or before.end > seen.end:
            self._start_anew()
        else:
            self._hear(owners)
        self._seen, self._looked, self._back_off = seen, looked, BACK_OFF[0]
        self._slow = monotonic() - looked > PATIENCE
        self.looks += 1

    def _hear(self, owners: Collection[str]) -> None:
        if not owners:
            return
        self._count += 1
        if len(owners) > NAMED:
            self._since = self._count
            self._noticed.clear()
            return
        for each in owners:
            self._noticed[each] = self._count
            self._noticed.move_to_end(each)
        while len(self._noticed) > REMEMBERED:
            self._since = max(self._since, self._noticed.popitem(last=False)[1])

    def _start_anew(self) -> None:
        self._count += 1
        self.began = self._since = self._count
        self._noticed.clear()

    async def _driver(self) -> Any:  # noqa: ANN401  (asyncpg's own connection)
        if self._connection is None:
            self._connection = await self._engine.connect()
        return (await self._connection.get_raw_connection()).driver_connection

    async def _lose(self) -> None:
        """Believe nothing until the server answers again, which is tried ever more seldom."""
        self._seen, self._looked = None, float("-inf")
        self._start_anew()
        self.lost += 1
        self._again = monotonic() + self._back_off
        self._back_off = min(2 * self._back_off, BACK_OFF[1])
        await self._hang_up()

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*PROBLEMS):
                await connection.invalidate()
                await connection.close()
