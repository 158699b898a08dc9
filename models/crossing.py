"""SQLite in its own thread: what crosses to a connection and back, and what runs there.

What costs is crossing between threads, not what is asked there.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import aiosqlite
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from billing.dataclass import dataclass
from models.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from threading import Event

    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql import Executable

    from models.prepared import Prepared, Preparing
    from models.rows import Runner, Sets

T = TypeVar("T")
Question: TypeAlias = "Callable[[Runner], Coroutine[Any, Any, T]]"
"""What awaits statements and nothing else, and can be carried out whole in a connection's thread."""
ENDED = "the database ended a transaction"
STATEMENTS = 500
"""So many statements stay compiled in each connection: more than there are."""


class Elsewhere(Exception):  # noqa: N818  (no fault: the question is asked elsewhere)
    """This is not to be answered here: it is more than it was expected to be."""


class GivenUp(BaseException):
    """Nobody waits for the answer any more: it ends a question as a cancellation would, and nobody hears of it."""


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

    async def execute(self, statement: Executable, given: Sets = None) -> Answer:
        """Carry a statement out, here and now."""
        if self._given_up.is_set():
            raise GivenUp
        if not self._connection.in_transaction:
            raise OSError(ENDED)  # nothing is written by itself
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

    async def execute(self, statement: Executable, given: Sets = None) -> Answer:
        """Carry a statement out."""
        answer: Answer = await crossed(self._driver, _answered, self._preparing, statement, given)
        return answer


@dataclass(frozen=True, slots=True)
class Opening:
    """How a connection to one file is opened."""

    url: str
    wait: float
    """So many seconds it waits for who writes."""
    pragmas: Sequence[str]

    def asked(self, preparing: Preparing) -> tuple[Sequence[Any], Mapping[str, Any]]:
        """Give what the driver is called with."""
        places, options = preparing.dialect.create_connect_args(make_url(self.url))
        more = {"isolation_level": None, "timeout": self.wait, "cached_statements": STATEMENTS}
        return places, {**options, **more}

    async def __call__(self, preparing: Preparing) -> aiosqlite.Connection:
        """Open one; raises what the driver raises, as SQLAlchemy names it."""
        places, options = self.asked(preparing)
        try:
            opening: Any = aiosqlite.connect(*places, **options)
            opening._thread.daemon = True  # noqa: SLF001  (as SQLAlchemy has it: what hangs keeps no program alive)
            driver: aiosqlite.Connection = await opening
        except sqlite3.Error as problem:
            raise named(problem) from problem
        try:
            for pragma in self.pragmas:
                await crossed(driver, said, f"PRAGMA {pragma}")
        except BaseException:
            opening.stop()
            raise
        return driver


async def crossed(driver: Any, act: Callable[..., T], *given: Any) -> T:  # noqa: ANN401  (aiosqlite has no name for it)
    """Run an act on the connection in its own thread."""
    return cast("T", await driver._execute(act, driver._conn, *given))  # noqa: SLF001  (as said)


def carried_out(asking: Coroutine[Any, Any, T]) -> T:
    """Carry out what awaits nothing but statements that are answered at once."""
    try:
        asking.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    raise TypeError(asking)


def said(connection: sqlite3.Connection, sql: str) -> None:
    """Say something to a connection that it has no answer to."""
    try:
        connection.execute(sql)
    except sqlite3.Error as problem:
        raise named(problem) from problem


def ended(connection: sqlite3.Connection) -> None:
    """End the transaction, where the database has not done so itself: it does after some errors."""
    if connection.in_transaction:
        said(connection, "ROLLBACK")


def named(problem: sqlite3.Error) -> Exception:
    """Name what the driver raised as SQLAlchemy does, without the statement and what was given."""
    return DBAPIError.instance(None, None, problem, sqlite3.Error, hide_parameters=True)


def _answered(connection: sqlite3.Connection, preparing: Preparing, statement: Executable, given: Sets) -> Answer:
    prepared, sql, places = preparing(statement, given)
    preparing.tell(sql)
    try:
        if isinstance(given, list):
            return _of_each(connection.cursor(), prepared, sql, places)
        cursor = connection.execute(sql, places)
        found = cursor.fetchall()
    except sqlite3.Error as problem:
        raise named(problem) from problem
    return Answer(prepared.reading(lambda: [each[0] for each in cursor.description or ()]), found, cursor.rowcount)


def _of_each(cursor: sqlite3.Cursor, prepared: Prepared, sql: str, sets: Sequence[Sequence[Any]]) -> Answer:
    """Run a statement for each set; the driver's own way has no rows to give."""
    if not prepared.known.names:
        cursor.executemany(sql, sets)
        return Answer(prepared.known, (), cursor.rowcount)
    found: list[Any] = []
    for each in sets:
        found += cursor.execute(sql, each).fetchall()
    return Answer(prepared.known, found, len(found))
