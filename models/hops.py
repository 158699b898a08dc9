"""SQLite in one hop: a statement crosses to the connection's thread and back once, with its rows.

SQLAlchemy's adapter crosses four times (open a cursor, execute, fetch, close), and the crossings cost more than the
statements do. What is written and what is answered is the same.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from typing import TYPE_CHECKING, Any, cast

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.util import await_only

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Cursor:
    """One statement and its rows, as the DBAPI describes it; nothing stays open behind it."""

    arraysize = 1
    server_side = False

    def __init__(self, connection: Connection) -> None:
        """Run on this connection."""
        self._adapter = connection
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, operation: str, parameters: Sequence[Any] | None = None) -> None:
        """Run a statement and take all its rows along."""
        self._run(operation, parameters or (), many=False)

    def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each set of parameters, and take the rows of all along, in order."""
        self._run(operation, parameters, many=True)

    def fetchone(self) -> Any:  # noqa: ANN401  (a row of anything)
        """Take the next row; None where there is none."""
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Take the next rows, at most so many."""
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        """Take the rest of the rows."""
        taken = list(self._rows)
        self._rows.clear()
        return taken

    def __iter__(self) -> Iterator[Any]:
        while self._rows:
            yield self._rows.popleft()

    def close(self) -> None:
        """Let go of the rows."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is open: SQLAlchemy asks before it hands rows to code that cannot await."""

    def _run(self, operation: str, parameters: Sequence[Any], *, many: bool) -> None:
        self.description, found, self.rowcount, self.lastrowid = self._adapter.cross(operation, parameters, many=many)
        self._rows = deque(found)


class Connection(AsyncAdapt_aiosqlite_connection):
    """SQLAlchemy's connection with the cursor above."""

    __slots__ = ()

    def cursor(self, server_side: bool = False) -> Any:  # noqa: ANN401  (SQLAlchemy's own signature)
        """Make a cursor; one that stays open on the server's side is SQLAlchemy's."""
        return super().cursor(server_side=True) if server_side else Cursor(self)

    def cross(self, operation: str, parameters: Sequence[Any], *, many: bool) -> tuple[Any, list[Any], int, int | None]:
        """Run a statement in the connection's thread; answer description, rows, row count and last row id."""
        try:
            answered: tuple[Any, list[Any], int, int | None] = await_only(self._cross(operation, parameters, many))
        except Exception as error:  # noqa: BLE001  (SQLAlchemy names what the driver raises)
            self._handle_exception(error)
        return answered

    async def _cross(self, operation: str, parameters: Sequence[Any], many: bool) -> Any:  # noqa: ANN401
        async with self._execute_mutex:
            driver = cast("Any", self._connection)
            return await driver._execute(_statement, driver._conn, operation, parameters, many)  # noqa: SLF001


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """SQLAlchemy's driver with the connection above; an engine takes it as its `module`."""

    def __init__(self) -> None:
        """Stand before aiosqlite."""
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **options: Any) -> Connection:  # noqa: ANN401  (the driver's own)
        """Open a connection."""
        opened: Any = super().connect(*arguments, **options)
        return Connection(self, opened.driver_connection)


def _statement(
    connection: sqlite3.Connection,
    operation: str,
    parameters: Sequence[Any],
    many: bool,
) -> tuple[Any, list[Any], int, int | None]:
    cursor = connection.cursor()
    try:
        if many:
            return _many(cursor, operation, parameters)
        cursor.execute(operation, parameters)
        found = cursor.fetchall() if cursor.description else []
        return cursor.description, found, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()


def _many(
    cursor: sqlite3.Cursor, operation: str, parameters: Sequence[Sequence[Any]]
) -> tuple[Any, list[Any], int, int | None]:
    """Run a statement for each set; `executemany` itself has no rows to give."""
    first, *rest = parameters
    cursor.execute(operation, first)
    if cursor.description:
        found, described = cursor.fetchall(), cursor.description
        for each in rest:
            found += cursor.execute(operation, each).fetchall()
        return described, found, len(found), cursor.lastrowid
    met = cursor.rowcount
    cursor.executemany(operation, rest)
    return None, [], met + cursor.rowcount, cursor.lastrowid
