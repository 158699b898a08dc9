"""Looking into a database and changing it, past the program."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import NullPool, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from tests.models.catalogs import described, views

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.models.catalogs import Described

Rows: TypeAlias = "dict[str, list[dict[str, Any]]]"


@asynccontextmanager
async def inside(url: str) -> AsyncGenerator[AsyncConnection, None]:
    """Open a database in one transaction."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        yield connection


@asynccontextmanager
async def settled_threads() -> AsyncGenerator[None, None]:
    """Let the driver's threads that begin here end here: it does not wait for those of files it could not open."""
    before = _threads()
    yield
    async with asyncio.timeout(5):
        while _threads() - before:  # noqa: ASYNC110  (a thread tells no loop that it ends)
            await asyncio.sleep(0.002)


def _threads() -> set[Thread]:
    return {thread for thread in enumerate_threads() if "_connection_worker_thread" in thread.name}


async def change(url: str, *statements: str) -> None:
    """Carry out statements."""
    async with inside(url) as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def described_at(url: str) -> Described:
    """Describe what a database has."""
    async with inside(url) as connection:
        return await connection.run_sync(described)


async def views_at(url: str) -> dict[str, str]:
    """Give the views of a database."""
    async with inside(url) as connection:
        return await connection.run_sync(views)


async def rows_at(url: str) -> Rows:
    """Give every row of every table, as the database keeps it."""
    async with inside(url) as connection:
        return await connection.run_sync(_rows)


async def asked(url: str, query: str) -> list[tuple[Any, ...]]:
    """Answer a query."""
    async with inside(url) as connection:
        return [tuple(row) for row in await connection.exec_driver_sql(query)]


def _rows(connection: Connection) -> Rows:
    names = inspect(connection).get_table_names()
    return {name: _of(connection, name) for name in names if name != "alembic_version"}


def _of(connection: Connection, name: str) -> list[dict[str, Any]]:
    found = connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()  # noqa: S608  (a table of ours)
    return sorted((dict(row) for row in found), key=repr)
