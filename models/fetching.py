"""Reading PostgreSQL: what is compiled once goes to a prepared statement of the connection, and no further.

SQLAlchemy's pool holds the connection, opens its transaction and names what goes wrong; between a statement that was
met before and the driver stands nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, cast

from sqlalchemy.exc import DBAPIError

from models.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Dialect
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql import Executable

    from models.prepared import Preparing
    from models.rows import Given

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
        """Open the transaction in which everything is read; the pool ends it."""
        adapter: Any = (await connection.get_raw_connection()).dbapi_connection
        begun = cls(connection, adapter, preparing)
        try:
            await adapter._start_transaction()  # noqa: SLF001  (as the adapter's own cursor does)
        except Exception as problem:  # noqa: BLE001  (SQLAlchemy names what the driver raises)
            await begun._raise(problem)
        return begun

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's dialect."""
        return self._preparing.dialect

    async def execute(self, statement: Executable, given: Given | Sequence[Mapping[str, Any]] = None) -> Answer:
        """Carry a statement out."""
        prepared, values = self._preparing(statement, cast("Given", given))
        sql, places = prepared.given(values)
        if self._preparing.hear is not None:
            self._preparing.hear(sql)
        try:
            held, columns = await self._adapter._prepare(sql, AT_ANY_TIME)  # noqa: SLF001  (as above)
            found = await held.fetch(*places)
        except Exception as problem:  # noqa: BLE001  (as above)
            await self._raise(problem)
        return Answer(prepared.names or [each.name for each in columns], prepared.read(found))

    async def _raise(self, problem: Exception) -> NoReturn:
        """Name what the driver raised as SQLAlchemy does; let a connection go that may be in the midst of something."""
        adapter = self._adapter
        if isinstance(problem, (TimeoutError, OSError)) or adapter.driver_connection.is_closed():
            await self._connection.invalidate()
        try:
            adapter._handle_exception(problem)  # noqa: SLF001  (as above)
        except adapter.dbapi.Error as named:
            raise DBAPIError.instance(None, None, named, adapter.dbapi.Error, hide_parameters=True) from problem
        raise problem
