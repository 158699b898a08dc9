"""Reading SQLite: connections that are held open and never write, and questions that cross to one and back once.

A question is a coroutine that awaits statements and nothing else. It is carried out whole in the connection's own
thread, in one snapshot.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import DBAPIError

from models.aside import Aside
from models.crossing import Hopping, Straight, carried_out, crossed, ended, said

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Sequence
    from contextvars import Context

    import aiosqlite

    from models.crossing import Opening, Question
    from models.prepared import Preparing

T = TypeVar("T")
AT_ONCE = 3
"""So many questions are carried out at once, one more than one call may ask: more would only take turns."""


class Readers:
    """The connections that read one file; the last that was given back is taken first."""

    def __init__(self, opening: Opening, preparing: Preparing, *, size: int) -> None:
        """Open at most `size`, when they are needed; raises `TimeoutError` where none is free in time."""
        self._opening = opening
        self._preparing = preparing
        self._size = size
        self._wait = opening.wait
        self._free: list[aiosqlite.Connection] = []
        self._leaving: set[asyncio.Future[None]] = set()
        self._closed = False
        self._turns = asyncio.Semaphore(size)
        self._asking = asyncio.Semaphore(AT_ONCE)

    async def asked(self, question: Question[T]) -> T:
        """Carry a question out in one crossing and answer it; raises what it raises."""
        await self._entered(self._asking)
        try:
            driver = await self._taken()
        except BaseException:
            self._asking.release()
            raise
        given_up, kept = Event(), False
        try:
            answer: T = await crossed(driver, _whole, copy_context(), self._preparing, question, given_up)
            kept = True
        except Exception as problem:
            kept = not isinstance(problem, DBAPIError)
            raise
        else:
            return answer
        finally:
            given_up.set()
            self._given_back(driver, kept=kept, turns=(self._asking, self._turns))

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Hopping, None]:
        """Open one snapshot, for statements between which something else may be awaited."""
        driver = await self._taken()
        kept = False
        try:
            await crossed(driver, said, "BEGIN")
            try:
                yield Hopping(driver, self._preparing)
            except DBAPIError:
                raise
            except Exception:
                await crossed(driver, ended)
                kept = True
                raise
            await crossed(driver, ended)
            kept = True
        finally:
            self._given_back(driver, kept=kept, turns=(self._turns,))

    @property
    def in_use(self) -> int:
        """How many connections somebody has."""
        return self._size - self._turns._value  # noqa: SLF001  (asyncio has no other name for it)

    async def close(self) -> None:
        """Close every connection; what is given back later is closed then."""
        self._closed = True
        while self._free:
            await self._free.pop().close()
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=self._wait)

    async def _entered(self, turns: asyncio.Semaphore) -> None:
        """Wait for a turn, as long as there is patience."""
        if turns.locked():
            await Aside()
            async with asyncio.timeout(self._wait):
                await turns.acquire()
        else:
            await turns.acquire()

    async def _taken(self) -> aiosqlite.Connection:
        await self._entered(self._turns)
        if self._free:
            return self._free.pop()
        try:
            return await self._opening(self._preparing)
        except BaseException:
            self._turns.release()
            raise

    def _given_back(
        self,
        driver: Any,  # noqa: ANN401  (as below)
        *,
        kept: bool,
        turns: Sequence[asyncio.Semaphore],
    ) -> None:
        """Keep a connection for the next, or cut short what it does and let it go; its turns end when it does."""
        if kept and not self._closed:
            self._free.append(driver)
            for each in turns:
                each.release()
            return
        driver._conn.interrupt()  # noqa: SLF001  (its own method would have to be awaited)
        self._let_go(driver, turns)

    def _let_go(self, driver: Any, turns: Sequence[asyncio.Semaphore] = ()) -> None:  # noqa: ANN401  (as below)
        """Close a connection once what it does is over."""
        gone: asyncio.Future[None] = driver.stop()
        self._leaving.add(gone)

        def left(_: asyncio.Future[None]) -> None:
            self._leaving.discard(gone)
            for each in turns:
                each.release()

        gone.add_done_callback(left)


def _whole(
    connection: sqlite3.Connection, within: Context, preparing: Preparing, question: Question[T], given_up: Event
) -> T:
    """Carry a question out in one snapshot, as if it were asked where it came from."""
    said(connection, "BEGIN")
    asking = question(Straight(connection, preparing, given_up))
    try:
        answer: T = within.run(carried_out, asking)
    except BaseException:
        with suppress(DBAPIError):  # what went wrong is told, not that no end could be made of it
            ended(connection)
        raise
    finally:
        asking.close()
    ended(connection)
    return answer
