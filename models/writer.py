"""Writing SQLite: one connection, held open, and one transaction after another.

An act is a coroutine that awaits statements and nothing else. It is carried out whole in the connection's thread. Acts
that wait for their turn are carried out one after another in one transaction, each behind a savepoint of its own: they
share its COMMIT, which is what a disk has to wait for, and none is answered before it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from contextvars import Context, copy_context
from dataclasses import field
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import DBAPIError

from billing.dataclass import dataclass
from models.crossing import ENDED, Hopping, Straight, carried_out, crossed, ended, said
from models.parting import finished
from models.unavailable import uncommitted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Callable, Sequence

    import aiosqlite

    from models.crossing import Opening, Question
    from models.prepared import Preparing

T = TypeVar("T")
MOST = 64
"""So many acts share a transaction."""
GROUP_SECONDS = 0.05
"""After so long no further act joins a transaction: who was first waits for the last."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """An act, where it came from, and where its answer is awaited."""

    act: Question[Any]
    ended: asyncio.Future[Any]
    patience: float
    """The loop's time after which it is refused, unless it has begun."""
    begun: bool = False
    within: Context = field(default_factory=copy_context)
    given_up: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class _Done:
    """An act that stays, once it is committed."""

    answer: Any


@dataclass(frozen=True, slots=True)
class _Undone:
    """An act of which nothing stays, and why."""

    problem: BaseException


class Writer:
    """The one connection that writes a file."""

    def __init__(self, opening: Opening, preparing: Preparing) -> None:
        """Open it when it is needed."""
        self._opening = opening
        self._preparing = preparing
        self._driver: aiosqlite.Connection | None = None
        self.patience = opening.wait
        """So many seconds an act waits for its turn."""
        self._turn = asyncio.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._running: asyncio.Task[None] | None = None

    async def worked(self, act: Question[T]) -> T:
        """Carry an act out and answer it once it is on disk; raises what it raises, and then nothing of it stays.

        Raises `TimeoutError` where it does not come to its turn in time. Who is cancelled while it is carried out
        leaves all of it or nothing.
        """
        loop = asyncio.get_running_loop()
        entry = _Waiting(act, loop.create_future(), loop.time() + self.patience)
        self._waiting.append(entry)
        tiring = loop.call_at(entry.patience, _tire, entry)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), context=Context())
        try:
            answer: T = await entry.ended
        except asyncio.CancelledError:
            entry.given_up.set()
            raise
        finally:
            tiring.cancel()
            del entry  # it holds what was raised, and that holds this frame
        return answer

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[Hopping, None]:
        """Own a transaction, for who awaits other things between statements; leaving returns after it is on disk."""
        async with asyncio.timeout(self.patience) as waiting:
            await self._turn.acquire()
            waiting.reschedule(None)
        try:
            driver = await self._held()
            try:
                await crossed(driver, said, "BEGIN IMMEDIATE")
                yield Hopping(driver, self._preparing)
                await finished(crossed(driver, _committed, self._preparing))
            except BaseException as problem:
                await self._taken_back(driver, cut_short=not isinstance(problem, Exception))
                raise
        finally:
            self._turn.release()

    @property
    def in_use(self) -> int:
        """How many connections somebody has."""
        return int(self._turn.locked())

    async def close(self) -> None:
        """Close the connection, after what is being carried out."""
        while self._running is not None:
            await asyncio.wait([self._running])
        async with self._turn:
            await self._let_go()

    async def _run(self) -> None:
        """Carry out what waits, a group after another, until nothing does."""
        group: list[_Waiting] = []
        try:
            while self._waiting:
                async with self._turn:
                    group = self._next()
                    if group:
                        await self._carry_out(group)
        finally:
            self._running = None
            for entry in (*group, *self._waiting):
                entry.ended.cancel()
            self._waiting.clear()

    def _next(self) -> list[_Waiting]:
        """Take those who still wait, in order of arrival."""
        group: list[_Waiting] = []
        while self._waiting and len(group) < MOST:
            entry = self._waiting.popleft()
            if not entry.ended.done():
                entry.begun = True
                group.append(entry)
        return group

    async def _carry_out(self, group: Sequence[_Waiting]) -> None:
        """Carry a group out, and tell each how its act ended; who was not come to waits on, before all others."""
        try:
            driver = await self._held()
        except Exception as problem:  # noqa: BLE001  (they are told)
            ends: Sequence[_Done | _Undone] = [_Undone(problem)] * len(group)
        else:
            try:
                ends = await crossed(driver, _together, self._preparing, group, asyncio.get_running_loop().time)
            except Exception as problem:  # noqa: BLE001  (as above)
                await self._taken_back(driver)
                ends = [_Undone(problem)] * len(group)
        for entry, end in zip(group, ends, strict=False):
            if entry.ended.done():
                continue
            if isinstance(end, _Done):
                entry.ended.set_result(end.answer)
            else:
                entry.ended.set_exception(end.problem)
        left = group[len(ends) :]
        self._waiting.extendleft(reversed(left))
        for entry in left:
            entry.begun = False
            if asyncio.get_running_loop().time() >= entry.patience:
                _tire(entry)

    async def _held(self) -> aiosqlite.Connection:
        if self._driver is None:
            self._driver = await self._opening(self._preparing)
        return self._driver

    async def _taken_back(self, driver: Any, *, cut_short: bool = False) -> None:  # noqa: ANN401  (no name for a part)
        """Undo what was begun, and cut short what still runs; a connection that cannot do so is not used again."""
        if cut_short:
            driver._conn.interrupt()  # noqa: SLF001  (its own method would have to be awaited)
        try:
            await finished(crossed(driver, ended))
        except DBAPIError:
            await finished(self._let_go())

    async def _let_go(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            with suppress(Exception):  # it is gone either way
                await driver.close()


def _tire(entry: _Waiting) -> None:
    """Refuse who has waited long enough for its turn."""
    if not entry.begun and not entry.ended.done():
        entry.ended.set_exception(TimeoutError())


def _together(
    connection: sqlite3.Connection, preparing: Preparing, group: Sequence[_Waiting], now: Callable[[], float]
) -> Sequence[_Done | _Undone]:
    """Carry acts out in one transaction, as many as there is time for; answers how each ended, once it is on disk."""
    said(connection, "BEGIN IMMEDIATE")
    last = now() + GROUP_SECONDS
    ends: list[_Done | _Undone] = []
    for entry in group:
        run = Straight(connection, preparing, entry.given_up)
        alone = len(group) == 1
        ends.append(_carried(run, entry) if alone else _apart(connection, run, entry))
        if not connection.in_transaction:
            return _undone(ends, OSError(ENDED))
        if now() > last:
            break
    if not any(isinstance(each, _Done) for each in ends):
        ended(connection)
        return ends
    try:
        _committed(connection, preparing)
    except Exception as problem:  # noqa: BLE001  (those whom it is about are told)
        with suppress(DBAPIError):
            ended(connection)
        return _undone(ends, problem)
    return ends


def _undone(ends: Sequence[_Done | _Undone], problem: Exception) -> Sequence[_Done | _Undone]:
    """Tell why nothing is kept, from the first that was done on: who was refused after it had seen what it wrote."""
    kept = next((place for place, each in enumerate(ends) if isinstance(each, _Done)), len(ends))
    return [*ends[:kept], *(_Undone(problem) for _ in ends[kept:])]


def _apart(connection: sqlite3.Connection, run: Straight, entry: _Waiting) -> _Done | _Undone:
    """Carry out one of several: what it wrote can be undone without the others."""
    said(connection, "SAVEPOINT act")
    end = _carried(run, entry)
    if connection.in_transaction:
        if isinstance(end, _Undone):
            said(connection, "ROLLBACK TO act")
        said(connection, "RELEASE act")
    return end


def _carried(run: Straight, entry: _Waiting) -> _Done | _Undone:
    acting, within = entry.act(run), entry.within
    del entry  # as above
    try:
        return _Done(within.run(carried_out, acting))
    except BaseException as problem:  # noqa: BLE001  (whoever asked is told)
        return _Undone(problem)
    finally:
        acting.close()


def _committed(connection: sqlite3.Connection, preparing: Preparing) -> None:
    preparing.tell("COMMIT")
    try:
        said(connection, "COMMIT")
    except DBAPIError as problem:
        known = uncommitted(problem)
        if known is problem:
            raise
        raise known from problem
