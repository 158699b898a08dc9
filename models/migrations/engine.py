"""The migrations' own way into a database: one connection, one transaction, one migration at a time."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import NullPool, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from billing.refusals import TemporarilyUnavailable
from models.files import create_file, demand_local, existing, file_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

WAIT_SECONDS = 60
"""How long a migration waits for another one, and for those who use what it changes."""

T = TypeVar("T")
LOCK = int.from_bytes(b"plangate", "big")
"""The advisory lock that keeps migrations of one PostgreSQL database apart."""


async def looked(url: str, ask: Callable[[Connection], T]) -> T:
    """Ask a database about its catalog, in one transaction; raises TemporarilyUnavailable.

    A file is read here and now: before it is known to be ours nobody is served.
    """
    if file_of(url) is not None:
        return _looked_into(make_url(existing(url)).set(drivername="sqlite"), ask)
    async with _opened(_engine(url)) as connection:
        return await connection.run_sync(ask)


def _looked_into(url: URL, ask: Callable[[Connection], T]) -> T:
    try:
        connection = create_engine(url, poolclass=NullPool).connect()
    except (SQLAlchemyError, OSError) as problem:
        raise _unavailable() from problem
    with connection:
        try:
            return ask(connection)
        except DatabaseError as problem:
            _demand_a_database(problem)
            raise


@asynccontextmanager
async def migrating(url: str) -> AsyncGenerator[AsyncConnection, None]:
    """Open the one transaction in which a database is migrated: all of it happens or none. Others wait their turn.

    A SQLite file is made where there is none. Raises TemporarilyUnavailable where the database cannot be opened or
    somebody else does not let go in time, and NetworkFileSystem for a SQLite file that is not on a local disk.
    """
    file = file_of(url)
    if file is not None:
        demand_local(file)
        create_file(file)
        opening = _opened(_sqlite_engine(url))
    else:
        waiting = (f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'", f"SELECT pg_advisory_xact_lock({LOCK})")
        opening = _opened(_engine(url), *waiting)
    async with opening as connection:
        try:
            yield connection
            await connection.commit()
        except DatabaseError as problem:
            _demand_a_database(problem)
            raise


@asynccontextmanager
async def _opened(engine: AsyncEngine, *first: str) -> AsyncGenerator[AsyncConnection, None]:
    try:
        connection = await _connected(engine)
        try:
            await _begin(connection, first)
            yield connection
        finally:
            await connection.close()
    finally:
        await engine.dispose()


async def _connected(engine: AsyncEngine) -> AsyncConnection:
    try:
        return await engine.connect()
    except (SQLAlchemyError, OSError, TimeoutError) as problem:
        raise _unavailable() from problem


async def _begin(connection: AsyncConnection, first: tuple[str, ...]) -> None:
    try:
        await connection.begin()
        for statement in first:
            await connection.exec_driver_sql(statement)
    except (SQLAlchemyError, OSError, TimeoutError) as problem:
        raise _unavailable() from problem


def _demand_a_database(problem: DatabaseError) -> None:
    if getattr(problem.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
        raise TemporarilyUnavailable("The database's file is no SQLite database; nothing was done.") from None


def _unavailable() -> TemporarilyUnavailable:
    return TemporarilyUnavailable("The database cannot be opened, or somebody else holds it; nothing was done.")


def _engine(url: str, **options: Any) -> AsyncEngine:  # noqa: ANN401  (SQLAlchemy's own options)
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  (who serves a file needs none of it)

    return create_async_engine(url, poolclass=NullPool, **options)


def _sqlite_engine(url: str) -> AsyncEngine:
    """Open with foreign keys off (inside a transaction the pragma is ignored) and real transactions around DDL."""
    engine = _engine(url, connect_args={"isolation_level": None, "timeout": WAIT_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
            connection.cursor().execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401  (SQLAlchemy's own event signature)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
