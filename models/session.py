"""The database's two doors: reading a snapshot, and working in one transaction that is on disk when it is left.

SQLite has one writer at a time and any number of readers; PostgreSQL has many of both. The seam for committing
several units of work together is `working`: today a group is one unit.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from billing.refusals import TemporarilyUnavailable
from models.in_flight import InFlight

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable

    from sqlalchemy.engine.interfaces import DBAPIConnection

READERS = 8
WAIT_SECONDS = 10.0


class Database:
    """An open database. `working` is the only way to write."""

    def __init__(self, url: str, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Prepare the engines; nothing is opened before the first use."""
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self._wait = wait_seconds
        if self.sqlite:
            self._writer = _sqlite_engine(url, readonly=False, size=1, wait=wait_seconds)
            self._reader = _sqlite_engine(url, readonly=True, size=READERS, wait=wait_seconds)
        else:
            self._writer = self._reader = _postgresql_engine(url, wait_seconds)
        self._turn = asyncio.Lock() if self.sqlite else None
        self.in_flight = InFlight()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection, None]:
        """Open one snapshot of what is committed."""
        connection = await _available(self._reader.connect())
        try:
            await connection.execution_options(postgresql_readonly=True)
            yield connection
        except SQLAlchemyError as problem:
            raise unavailable(problem) from problem
        finally:
            await asyncio.shield(connection.close())

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[AsyncSession, None]:
        """Own a write transaction from the first to the last statement; leaving returns after COMMIT is on disk."""
        await self._enter()
        try:
            async with self._transaction() as connection:
                session = AsyncSession(
                    bind=connection,
                    join_transaction_mode="create_savepoint",
                    expire_on_commit=False,
                )
                try:
                    yield session
                    await session.commit()
                finally:
                    await asyncio.shield(session.close())
        except SQLAlchemyError as problem:
            raise unavailable(problem) from problem
        finally:
            if self._turn is not None:
                self._turn.release()

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[AsyncConnection, None]:
        connection = await _available(self._writer.connect())
        try:
            transaction = await connection.begin()
            try:
                yield connection
            except BaseException:
                await asyncio.shield(transaction.rollback())
                raise
            await asyncio.shield(transaction.commit())
        finally:
            await asyncio.shield(connection.close())

    async def _enter(self) -> None:
        if self._turn is None:
            return
        try:
            async with asyncio.timeout(self._wait):
                await self._turn.acquire()
        except TimeoutError as late:
            raise _busy() from late

    async def probe(self) -> None:
        """Ask the database for a sign of life; raises TemporarilyUnavailable."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    def engine(self) -> AsyncEngine:
        """Give the writing engine to migrations and tests."""
        return self._writer

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


def unavailable(problem: SQLAlchemyError) -> TemporarilyUnavailable | SQLAlchemyError:
    """Name what a driver could not do in our own words; a mistake in a statement stays a bug."""
    if isinstance(problem, IntegrityError):
        return TemporarilyUnavailable("Another call wrote the same thing first; nothing was done here. Ask again.")
    if isinstance(problem, DBAPIError) and not _is_bug(problem):
        return _busy()
    return problem if isinstance(problem, DBAPIError) else _busy()


def _is_bug(problem: DBAPIError) -> bool:
    said = str(problem.orig).lower()
    return any(words in said for words in ("no such", "syntax", "does not exist", "datatype", "has no column"))


def _busy() -> TemporarilyUnavailable:
    return TemporarilyUnavailable("The store cannot take this call now; nothing was done. Ask again shortly.")


async def _available(opening: Awaitable[AsyncConnection]) -> AsyncConnection:
    try:
        return await opening
    except (SQLAlchemyError, OSError, TimeoutError) as problem:
        raise _busy() from problem


def _sqlite_engine(url: str, *, readonly: bool, size: int, wait: float) -> AsyncEngine:
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=wait,
        connect_args={"isolation_level": None, "timeout": wait},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        for pragma in _pragmas(readonly=readonly):
            connection.cursor().execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401  (SQLAlchemy's own event signature)
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")

    return engine


def _pragmas(*, readonly: bool) -> tuple[str, ...]:
    shared = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY")
    return (*shared, "query_only=ON") if readonly else shared


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _postgresql_engine(url: str, wait: float) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=READERS,
        max_overflow=READERS,
        pool_timeout=wait,
        json_serializer=_json,
        json_deserializer=orjson.loads,
        connect_args={"command_timeout": wait, "timeout": wait},
    )
