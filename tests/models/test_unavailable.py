"""A database that cannot take a call now says so in our own words, soon, and the next call is served."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import URL, make_url, select, text, update

from billing.refusals import TemporarilyUnavailable
from models.files import file_of
from models.postgresql import CONNECTIONS
from models.rows import add, value
from models.session import Database
from models.sqlite import READERS
from models.tables import EnvironmentRow, RevokedTokenRow, SequenceRow
from models.tables.base import table
from tests.databases import sqlite
from tests.models.inside import asked, settled_threads
from tests.models.world import ENV, START, environment, settle, working

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from tests.databases import Files, Server

SAID = "The store cannot take this call now; nothing was done. Ask again shortly."
NOBODY = 65534
HOLD = """
import sqlite3, sys
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


async def refused(database: Database) -> list[str]:
    """What reading and working are told."""
    said: list[str] = []
    for way in (read, write):
        with pytest.raises(TemporarilyUnavailable) as refusal:
            await way(database)
        said.append(refusal.value.message)
    return said


async def read(database: Database) -> object:
    """Read something."""
    async with database.reading() as connection:
        return await value(connection, select(table(EnvironmentRow).c.id))


async def write(database: Database) -> None:
    """Write something."""
    async with database.working() as session:
        await session.execute(update(table(EnvironmentRow)).values(name="Other"))


@asynccontextmanager
async def impatient(url: str) -> AsyncGenerator[Database, None]:
    """A database whose callers do not wait."""
    async with settled_threads():
        database = Database(url, wait_seconds=0.2)
        yield database
        await database.close()


@contextmanager
def as_nobody() -> Generator[None, None, None]:
    """Be a user who owns nothing; whoever is not root already is one."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)


@contextmanager
def closed(file: Path) -> Generator[None, None, None]:
    """Let everybody read a file and nobody write it, nor any beside it."""
    file.chmod(0o444)
    file.parent.chmod(0o555)
    try:
        yield
    finally:
        file.parent.chmod(0o755)


async def test_a_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    async with impatient(sqlite(tmp_path / "missing.db")) as database:
        assert await refused(database) == [SAID, SAID]

    assert os.listdir(tmp_path) == []  # noqa: PTH208  (it does not block)


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    async with impatient(sqlite(tmp_path)) as database:
        assert await refused(database) == [SAID, SAID]


async def test_a_file_of_something_else_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear Sir or Madam, " * 100)

    async with impatient(sqlite(tmp_path / "letter")) as database:
        assert await refused(database) == [SAID, SAID]


async def test_a_file_that_may_not_be_written_is_unavailable(sqlite_files: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plangate.db"
        url = sqlite_files.fresh(file)
        async with impatient(url) as database:
            await settle(database, *environment())
        with closed(file), as_nobody():
            async with impatient(url) as database:
                with pytest.raises(TemporarilyUnavailable) as refusal:
                    await write(database)

        assert refusal.value.message == SAID
        assert await asked(url, "SELECT name FROM environment") == [("Test",)]


async def test_another_process_that_writes_is_waited_for_but_not_for_ever(sqlite_database: Database) -> None:
    await settle(sqlite_database, *environment())
    file = file_of(sqlite_database.url)
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLD, str(file), stdin=pipe, stdout=pipe)
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"

    async with impatient(sqlite_database.url) as database:
        with pytest.raises(TemporarilyUnavailable) as refusal:
            await write(database)
        assert refusal.value.message == SAID
        assert await read(database) == ENV
    waiting = asyncio.create_task(write(sqlite_database))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    holder.stdin.close()
    await waiting
    await holder.wait()

    assert await asked(sqlite_database.url, "SELECT name FROM environment") == [("Other",)]


async def test_a_turn_that_does_not_come_is_refused(sqlite_url: str) -> None:
    async with impatient(sqlite_url) as database:
        await settle(database, *environment())
        async with database.working():
            with pytest.raises(TemporarilyUnavailable) as refusal:
                await write(database)
        await write(database)

    assert refusal.value.message == SAID


@pytest.mark.postgres
async def test_a_customer_that_another_holds_is_refused_after_a_while(postgresql_url: str) -> None:
    async with impatient(postgresql_url) as database:
        await settle(database, *environment())
        async with database.working() as session:
            await working(session).bump(ENV)
            with pytest.raises(TemporarilyUnavailable) as refusal:
                async with database.working() as other:
                    await working(other).bump(ENV)

        assert refusal.value.message == SAID
        assert await asked(postgresql_url, "SELECT seq FROM sequence") == [(1,)]
        await write(database)


async def test_when_every_connection_is_in_use_the_next_is_refused(database_url: str) -> None:
    async with impatient(database_url) as database:
        await settle(database, *environment())
        limit = READERS if database.sqlite else 2 * CONNECTIONS
        gate = asyncio.Event()

        async def hold() -> None:
            async with database.reading() as connection:
                await connection.execute(text("SELECT 1"))
                await gate.wait()

        holders = [asyncio.create_task(hold()) for _ in range(limit)]
        await asyncio.sleep(0.15)
        with pytest.raises(TemporarilyUnavailable) as refusal:
            await read(database)
        gate.set()
        await asyncio.gather(*holders)

        assert refusal.value.message == SAID
        assert await read(database) == ENV


ELSEWHERE: dict[str, Callable[[URL], URL]] = {
    "database": lambda url: url.set(database="nowhere"),
    "user": lambda url: url.set(username="nobody", password="wrong"),
    "port": lambda _url: make_url("postgresql+asyncpg://a:b@127.0.0.1:1/c"),
    "host": lambda _url: make_url("postgresql+asyncpg://a:b@nowhere.invalid/c"),
    "socket": lambda _url: make_url("postgresql+asyncpg://a:b@/c?host=/nowhere"),
}


@pytest.mark.postgres
@pytest.mark.parametrize("part", ELSEWHERE)
async def test_a_server_that_cannot_be_reached_is_unavailable(part: str, postgresql_server: Server) -> None:
    url = ELSEWHERE[part](make_url(postgresql_server.named("postgres")))

    async with impatient(url.render_as_string(hide_password=False)) as database:
        assert await refused(database) == [SAID, SAID]


@pytest.mark.postgres
async def test_a_server_that_never_answers_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole:  # the system takes the connection, and nobody ever reads
        port = hole.getsockname()[1]
        async with impatient(f"postgresql+asyncpg://a:b@127.0.0.1:{port}/c") as database, asyncio.timeout(2):
            assert await refused(database) == [SAID, SAID]


@pytest.mark.postgres
async def test_connections_that_the_server_ended_are_replaced(postgresql_url: str, postgresql_server: Server) -> None:
    database = Database(postgresql_url)
    await settle(database, *environment())
    ours = f"datname = '{make_url(postgresql_url).database}'"
    with pytest.raises(TemporarilyUnavailable) as refusal:  # noqa: PT012  (in the middle of a unit)
        async with database.working() as session:
            await add(session, RevokedTokenRow(jti="a", environment_id=ENV, expires_at=START))
            postgresql_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")  # noqa: S608
            await add(session, RevokedTokenRow(jti="b", environment_id=ENV, expires_at=START))

    assert refusal.value.message == SAID
    await write(database)
    assert await asked(postgresql_url, "SELECT jti FROM revoked_token") == [("jti",)]
    await database.close()


@pytest.mark.postgres
async def test_two_units_in_each_others_way_are_refused_not_hung(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    await settle(database, *environment(), SequenceRow(owner_id="other", environment_id=ENV))

    async def both(first: str, second: str) -> None:
        async with database.working() as session:
            work = working(session)
            await work.bump(first)
            await asyncio.sleep(0.05)
            await work.bump(second)

    ended = await asyncio.gather(both(ENV, "other"), both("other", ENV), return_exceptions=True)

    assert sorted(type(each).__name__ for each in ended) == ["NoneType", "TemporarilyUnavailable"]
    await database.close()
