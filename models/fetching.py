"""Asking PostgreSQL: what is compiled once goes to a prepared statement of the connection, and no further.

SQLAlchemy's pool opens the connection and names what goes wrong; between a statement that was met before, or the
beginning and the end of a transaction, and the driver stands nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy.exc import DBAPIError

from models.answers import Answer
from models.crossing import Elsewhere

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql import Executable

    from models.prepared import Preparing
    from models.rows import Sets

AT_ANY_TIME = 0.0
"""What is prepared stays so: no program changes tables while it runs."""


class Fetching:
    """A runner over one connection, inside its transaction."""

    def __init__(
        self,
        connection: AsyncConnection,
        adapter: Any,  # noqa: ANN401  (what is used of it has no public name)
        preparing: Preparing,
    ) -> None:
        """Run on the adapter's connection, which the pool's `connection` holds."""
        self._connection = connection
        self._adapter = adapter
        self._preparing = preparing

    @classmethod
    async def begin(cls, connection: AsyncConnection, preparing: Preparing) -> Fetching:
        """Open the transaction in which everything is asked; who holds the connection ends it."""
        adapter: Any = (await connection.get_raw_connection()).dbapi_connection
        begun = cls(connection, adapter, preparing)
        try:
            await adapter._start_transaction()  # noqa: SLF001  (as the adapter's own cursor does)
        except BaseException as problem:  # noqa: BLE001  (it is raised again, as SQLAlchemy names it)
            await begun._raise(problem)
        return begun

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's dialect."""
        return self._preparing.dialect

    async def say(self, sql: str) -> None:
        """Say something to the server that it has no answer to."""
        try:
            await self._adapter.driver_connection.execute(sql)
        except BaseException as problem:  # noqa: BLE001  (as above)
            await self._raise(problem)

    async def execute(self, statement: Executable, given: Sets = None) -> Answer:
        """Carry a statement out; for many sets it is sent at once, and answers the rows of all, in order."""
        prepared, sql, places = self._preparing(statement, given)
        self._preparing.tell(sql)
        try:
            held, columns = await self._adapter._prepare(sql, AT_ANY_TIME)  # noqa: SLF001  (as above)
            if not isinstance(given, list):
                found = await held.fetch(*places)
                met = _met(held.get_statusmsg())
            elif columns:
                found = await held.fetchmany(places)
                met = len(found)
            else:
                await held.executemany(places)
                return Answer(prepared.known, ())
        except BaseException as problem:  # noqa: BLE001  (as above)
            await self._raise(problem)
        return Answer(prepared.reading(lambda: [each.name for each in columns]), found, met)

    async def _raise(self, problem: BaseException) -> NoReturn:
        """Name what the driver raised as SQLAlchemy does; let a connection go that may be in the midst of something."""
        adapter = self._adapter
        if not isinstance(problem, Exception):
            await self._connection.invalidate()
            raise problem
        if isinstance(problem, (TimeoutError, OSError)) or adapter.driver_connection.is_closed():
            await self._lose(problem)
        try:
            adapter._handle_exception(problem)  # noqa: SLF001  (as above)
        except adapter.dbapi.Error as named:
            raise DBAPIError.instance(None, None, named, adapter.dbapi.Error, hide_parameters=True) from problem
        raise problem

    async def _lose(self, problem: Exception) -> None:
        """Let this connection go, and have the pool try no other that is as old: who lost one lost them all."""
        held = self._connection.sync_connection
        if held is not None and not held.invalidated:
            pool: Any = held.engine.pool
            pool._invalidate(held.connection, problem, _checkin=False)  # noqa: SLF001  (as SQLAlchemy does)
        await self._connection.invalidate()


class Alone:
    """A runner for one statement that only reads, outside of any transaction; raises `Elsewhere` at a second one."""

    def __init__(self, fetching: Fetching) -> None:
        """Run on its connection, which opens no transaction by itself."""
        self._fetching = fetching
        self._asked = False

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's dialect."""
        return self._fetching.dialect

    async def execute(self, statement: Executable, given: Sets = None) -> Answer:
        """Carry the statement out."""
        if self._asked or not statement.is_select:
            raise Elsewhere
        self._asked = True
        return await self._fetching.execute(statement, given)


def _met(status: str) -> int:
    """Read how many rows were written off what the server says last, as `UPDATE 3`."""
    number = status.rpartition(" ")[2]
    return int(number) if number.isdecimal() else -1
