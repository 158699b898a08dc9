"""PostgreSQL in one go: a statement for many sets of parameters is sent at once, and answers the rows of all.

SQLAlchemy's adapter throws the rows of such a statement away.
"""

# ruff: noqa: SLF001  (the cursor does what the adapter's own does, with the adapter's own connection)

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, cast

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import (
    AsyncAdapt_asyncpg_connection,
    AsyncAdapt_asyncpg_cursor,
    AsyncAdapt_asyncpg_dbapi,
)
from sqlalchemy.util import await_only

if TYPE_CHECKING:
    from collections.abc import Sequence

PREPARED = 500
"""So many statements stay prepared on a connection: more than there are."""

NO_MORE = (None,) * 5
"""What else the DBAPI has a column described by."""


class Cursor(AsyncAdapt_asyncpg_cursor):
    """SQLAlchemy's cursor; of a statement for many sets it keeps the rows, in the order of the sets."""

    __slots__ = ()

    async def _executemany(self, operation: str, seq_of_parameters: Sequence[Sequence[Any]]) -> None:
        connection, described = cast("Any", self._adapt_connection), cast("Any", self)
        async with connection._execute_mutex:
            if connection._transaction is None:
                await connection._start_transaction()
            try:
                prepared, columns = await connection._prepare(operation, self._invalidate_schema_cache_asof)
                described._description = [(each.name, each.type.oid, *NO_MORE) for each in columns] or None
                if columns:
                    self._rows = deque(await prepared.fetchmany(seq_of_parameters))
                else:
                    await prepared.executemany(seq_of_parameters)
            except Exception as error:  # noqa: BLE001  (SQLAlchemy names what the driver raises)
                connection._handle_exception(error)


class Connection(AsyncAdapt_asyncpg_connection):
    """SQLAlchemy's connection with the cursor above."""

    __slots__ = ()
    _cursor_cls = Cursor


class Driver(AsyncAdapt_asyncpg_dbapi):
    """SQLAlchemy's driver with the connection above; an engine takes it as its `module`."""

    def __init__(self) -> None:
        """Stand before asyncpg."""
        super().__init__(asyncpg)  # type: ignore[no-untyped-call]  # SQLAlchemy's own has no types

    def connect(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  (the driver's own)
        """Open a connection."""
        driver: Any = asyncpg.connect(*arguments, **options)
        return await_only(Connection.create(self, driver, prepared_statement_cache_size=PREPARED))
