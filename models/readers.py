"""Reading SQLite: connections that are held open and never write, and questions that cross to one and back once.

A question is a coroutine that awaits statements and nothing else. It is carried out whole in the connection's own
thread, in one snapshot: what costs is crossing between threads, not what is asked there.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from threading import Event
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import aiosqlite
from sqlalchemy import make_url
from sqlalchemy.dialects.sqlite.aiosqlite import dialect as aiosqlite_dialect
from sqlalchemy.exc import DBAPIError

from models.answers import Answer
from models.prepared import Preparing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
    from contextvars import Context

    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql import Executable

    from models.rows import Given, Runner

T = TypeVar("T")
Question: TypeAlias = "Callable[[Runner], Coroutine[Any, Any, T]]"
AT_ONCE = 3
"""So many questions are carried out at once, one more than one call may ask: more would only take turns."""
STATEMENTS = 500
"""So many statements stay compiled in each connection: more than there are."""


class GivenUp(Exception):  # noqa: N818  (it ends a question, and nobody hears of it)
    """Nobody waits for the answer any more."""


class Straight:
    """A runner in the thread of a connection: nothing is waited for."""

    def __init__(self, connection: sqlite3.Connection, preparing: Preparing, given_up: Event) -> None:
        """Run on this connection, inside its transaction, until nobody waits for the answer any more."""
        self._connection = connection
        self._preparing = preparing
        self._given_up = given_up

    @property
    def dialect(self) -> Dialect:
        """SQLite's dialect."""
        return self._preparing.dialect

    async def execute(self, statement: Executable, given: Given | Sequence[Mapping[str, Any]] = None) -> Answer:
        """Carry a statement out, here and now."""
        if self._given_up.is_set():
            raise GivenUp
        return _answered(self._connection, self._preparing, statement, given)


class Hopping:
    """A runner beside the connection: each statement crosses to its thread and back."""

    def __init__(self, driver: aiosqlite.Connection, preparing: Preparing) -> None:
        """Run on this connection, inside its transaction."""
        self._driver = driver
        self._preparing = preparing

    @property
    def dialect(self) -> Dialect:
        """SQLite's dialect."""
        return self._preparing.dialect

    async def execute(self, statement: Executable, given: Given | Sequence[Mapping[str, Any]] = None) -> Answer:
        """Carry a statement out."""
        answer: Answer = await _crossed(self._driver, _answered, self._preparing, statement, given)
        return answer


class Readers:
    """The connections that read one file; the last that was given back is taken first."""

    def __init__(self, url: str, *, size: int, wait: float, pragmas: Sequence[str]) -> None:
        """Open at most `size`, when they are needed; raises `TimeoutError` where none is free for `wait` seconds."""
        self.preparing = Preparing(aiosqlite_dialect())
        self.places, self.options = self.preparing.dialect.create_connect_args(make_url(url))
        self._size = size
        self._wait = wait
        self.pragmas = pragmas
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
            answer: T = await _crossed(driver, _whole, copy_context(), self.preparing, question, given_up)
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
            await _crossed(driver, _said, "BEGIN")
            try:
                yield Hopping(driver, self.preparing)
            except DBAPIError:
                raise
            except Exception:
                await _crossed(driver, _ended)
                kept = True
                raise
            await _crossed(driver, _ended)
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
            async with asyncio.timeout(self._wait):
                await turns.acquire()
        else:
            await turns.acquire()

    async def _taken(self) -> aiosqlite.Connection:
        await self._entered(self._turns)
        if self._free:
            return self._free.pop()
        try:
            return await self._opened()
        except BaseException:
            self._turns.release()
            raise

    async def _opened(self) -> aiosqlite.Connection:
        options: dict[str, Any] = {**self.options, "isolation_level": None, "timeout": self._wait}
        try:
            opening: Any = aiosqlite.connect(*self.places, cached_statements=STATEMENTS, **options)
            opening._thread.daemon = True  # noqa: SLF001  (as SQLAlchemy has it: what hangs keeps no program alive)
            driver: aiosqlite.Connection = await opening
        except sqlite3.Error as problem:
            raise _named(problem) from problem
        try:
            for pragma in self.pragmas:
                await _crossed(driver, _said, f"PRAGMA {pragma}")
        except BaseException:
            self._let_go(driver)
            raise
        return driver

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


async def _crossed(driver: Any, act: Callable[..., T], *given: Any) -> T:  # noqa: ANN401  (aiosqlite has no name for it)
    """Run an act on the connection in its own thread."""
    return cast("T", await driver._execute(act, driver._conn, *given))  # noqa: SLF001  (as said)


def _whole(
    connection: sqlite3.Connection, within: Context, preparing: Preparing, question: Question[T], given_up: Event
) -> T:
    """Carry a question out in one snapshot, as if it were asked where it came from."""
    _said(connection, "BEGIN")
    asking = question(Straight(connection, preparing, given_up))
    try:
        answer: T = within.run(carried_out, asking)
    except BaseException:
        with suppress(DBAPIError):  # what went wrong is told, not that no end could be made of it
            _ended(connection)
        raise
    finally:
        asking.close()
    _ended(connection)
    return answer


def carried_out(asking: Coroutine[Any, Any, T]) -> T:
    """Carry a question out whole; raises `TypeError` where it awaits more than statements."""
    try:
        asking.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    raise TypeError(asking)


def _answered(
    connection: sqlite3.Connection,
    preparing: Preparing,
    statement: Executable,
    given: Given | Sequence[Mapping[str, Any]],
) -> Answer:
    prepared, values = preparing(statement, cast("Given", given))
    sql, places = prepared.given(values)
    if preparing.hear is not None:
        preparing.hear(sql)
    try:
        cursor = connection.execute(sql, places)
        found = cursor.fetchall()
    except sqlite3.Error as problem:
        raise _named(problem) from problem
    names = prepared.names or [each[0] for each in cursor.description or ()]
    return Answer(names, prepared.read(found))


def _said(connection: sqlite3.Connection, sql: str) -> None:
    try:
        connection.execute(sql)
    except sqlite3.Error as problem:
        raise _named(problem) from problem


def _ended(connection: sqlite3.Connection) -> None:
    """End the transaction, where the database has not done so itself: it does after some errors."""
    if connection.in_transaction:
        _said(connection, "ROLLBACK")


def _named(problem: sqlite3.Error) -> Exception:
    """Name what the driver raised as SQLAlchemy does, without the statement and what was given."""
    return DBAPIError.instance(None, None, problem, sqlite3.Error, hide_parameters=True)
