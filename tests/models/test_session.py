"""Reading sees one snapshot and writes nothing; working happens whole or not at all, one unit after another."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from billing.refusals import NotFound, TemporarilyUnavailable
from models.files import file_of
from models.rows import add, rows, value
from models.session import WAIT_SECONDS, Database
from models.sqlite import MAPPED
from models.tables import EnvironmentRow, RevokedTokenRow
from models.tables.base import table
from tests.models.inside import settled_threads
from tests.models.world import START, environment, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.rows import Runner

TOKEN, ENV = table(RevokedTokenRow), table(EnvironmentRow)
SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(1)",
}


def token(name: str) -> RevokedTokenRow:
    """Some row."""
    return RevokedTokenRow(jti=name, environment_id="env", expires_at=START)


async def names(run: Runner) -> set[str]:
    """The rows that are there."""
    return {each["jti"] for each in await rows(run, select(TOKEN.c.jti).where(TOKEN.c.jti != "jti"))}


async def kept(database: Database) -> set[str]:
    """The rows that a new reader sees."""
    async with database.reading() as connection:
        return await names(connection)


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Database]:
    """A database with an environment, whose callers have little patience."""
    async with settled_threads():
        database = Database(database_url, wait_seconds=2)
        await settle(database, *environment())
        yield database
        async with asyncio.timeout(5):
            while database.in_use:  # noqa: ASYNC110  (a connection that was cut short ends in its own thread)
                await asyncio.sleep(0.002)
        await database.close()


async def test_what_was_worked_is_committed_when_the_work_is_left(opened: Database) -> None:
    async with opened.working() as session:
        await add(session, token("a"))
        assert await kept(opened) == set()

    other = Database(opened.url)
    assert await kept(other) == {"a"}
    await other.close()


async def test_a_commit_is_on_disk_on_sqlite(sqlite_database: Database) -> None:
    async def pragmas(run: Runner) -> dict[str, object]:
        asked = ("synchronous", "journal_mode", "foreign_keys", "query_only", "busy_timeout", "mmap_size")
        return {name: await value(run, text(f"PRAGMA {name}")) for name in asked}

    shared = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": WAIT_SECONDS * 1_000}
    async with sqlite_database.working() as session:
        assert await pragmas(session) == shared | {"query_only": 0, "mmap_size": 0}
    async with sqlite_database.reading() as first, sqlite_database.reading() as second:
        assert [await pragmas(first), await pragmas(second)] == [shared | {"query_only": 1, "mmap_size": MAPPED}] * 2


async def test_a_file_that_shrinks_under_its_readers_is_read_on(sqlite_database: Database) -> None:
    """Pages that readers have mapped go, as after VACUUM by somebody's hand; who reads an older snapshot keeps it."""
    many = {f"{number:05} {'x' * 900}" for number in range(2_000)}
    await settle(sqlite_database, *environment())
    await settle(sqlite_database, *(token(each) for each in many), token("stays"))
    file = file_of(sqlite_database.url)
    assert file is not None

    def shrink() -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("DELETE FROM revoked_token WHERE jti != 'stays'")
            other.execute("VACUUM")
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def settled() -> int:
        with closing(sqlite3.connect(file)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file.stat().st_size

    large = await asyncio.to_thread(settled)
    async with sqlite_database.reading() as connection:
        assert await names(connection) == many | {"stays"}
        await asyncio.to_thread(shrink)
        assert await names(connection) == many | {"stays"}
    assert await asyncio.to_thread(settled) < large - 1_000_000
    assert [await kept(sqlite_database) for _ in range(2)] == [{"stays"}] * 2
    await settle(sqlite_database, token("new"))
    assert await kept(sqlite_database) == {"stays", "new"}


async def test_a_reader_writes_nothing(opened: Database) -> None:
    async with opened.reading() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(insert(TOKEN).values(jti="a", environment_id="env", expires_at=START))

    assert await kept(opened) == set()


async def test_a_reader_sees_one_snapshot(opened: Database) -> None:
    async with opened.reading() as connection:
        before = await names(connection)
        await settle(opened, token("a"))
        assert await names(connection) == before == set()

    assert await kept(opened) == {"a"}


async def test_readers_and_the_writer_do_not_wait_for_each_other(opened: Database) -> None:
    async with opened.reading() as first, opened.working() as session, opened.reading() as second:
        await names(first)
        await add(session, token("a"))
        assert await names(second) == set()


@pytest.mark.parametrize("reason", [NotFound("No.", what="Thing"), ValueError("a bug"), asyncio.CancelledError()])
async def test_what_is_raised_inside_undoes_everything_and_comes_out(reason: BaseException, opened: Database) -> None:
    with pytest.raises(type(reason)) as raised:  # noqa: PT012  (after something was written)
        async with opened.working() as session:
            await add(session, token("a"))
            raise reason

    assert raised.value is reason
    assert await kept(opened) == set()
    await settle(opened, token("b"))
    assert await kept(opened) == {"b"}


async def test_a_row_that_another_wrote_first_is_asked_for_again(opened: Database) -> None:
    await settle(opened, token("a"))

    with pytest.raises(TemporarilyUnavailable) as refused:
        await settle(opened, token("b"), token("a"))

    assert refused.value.message == "Another call wrote the same thing first; nothing was done here. Ask again."
    assert await kept(opened) == {"a"}


@pytest.mark.parametrize(
    "wrong",
    [{"environment_id": "nowhere"}, {"environment_id": None}, {"expires_at": None}, {"expires_at": "soon"}],
)
async def test_a_mistake_of_ours_is_not_asked_for_again(wrong: dict[str, Any], opened: Database) -> None:
    row: dict[str, Any] = {"jti": "a", "environment_id": "env", "expires_at": START}
    with pytest.raises((StatementError, TypeError)):
        await settle(opened, RevokedTokenRow(**(row | wrong)))

    assert await kept(opened) == set()


async def test_a_statement_that_is_wrong_stays_a_bug(opened: Database) -> None:
    for wrong in ("SELECT * FROM nowhere", "SELEKT 1", "SELECT nothing FROM environment"):
        with pytest.raises(DBAPIError):
            async with opened.working() as session:
                await session.execute(text(wrong))
        with pytest.raises(DBAPIError):
            async with opened.reading() as connection:
                await connection.execute(text(wrong))


async def cancelled(database: Database, after: float, slow: str = "") -> bool:
    """Cancel a unit of work after so many milliseconds; say whether it was done all the same."""

    async def write() -> None:
        async with database.working() as session:
            await add(session, token("a"))
            if slow:
                await session.execute(text(slow))
            await add(session, token("b"))

    task = asyncio.create_task(write())
    await asyncio.sleep(after / 1000)
    task.cancel()
    await asyncio.wait([task])
    return not task.cancelled()


async def test_cancelling_at_any_moment_leaves_all_or_nothing_and_the_next_works(opened: Database) -> None:
    for step in range(40):
        done = await cancelled(opened, step * 0.4)
        found = await kept(opened)

        assert found in ({"a", "b"}, set())
        assert not done or found
        assert opened.in_use == 0
        async with opened.working() as session:
            await session.execute(TOKEN.delete())


async def test_cancelling_during_a_statement_leaves_nothing_and_the_next_works(opened: Database) -> None:
    slow = SLOW["sqlite" if opened.sqlite else "postgresql"]

    assert not await cancelled(opened, 60, slow)

    await settle(opened, token("c"))
    assert await kept(opened) == {"c"}


async def test_who_waits_for_its_turn_can_be_cancelled(opened: Database) -> None:
    async with opened.working() as session:
        await add(session, token("first"))
        waiting = asyncio.create_task(settle(opened, token("second")))
        await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.wait([waiting])

    await settle(opened, token("third"))
    assert await kept(opened) - {"second"} == {"first", "third"}


async def test_units_of_work_never_interleave_on_one_file(sqlite_url: str) -> None:
    gates = [Database(sqlite_url), Database(sqlite_url)]
    said: list[str] = []

    async def work(number: int) -> None:
        async with gates[number % 2].working() as session:
            said.append(f"{number} begins")
            await add(session, token(f"{number}a"))
            await asyncio.sleep(0.001)
            await add(session, token(f"{number}b"))
            said.append(f"{number} ends")

    await settle(gates[0], *environment())
    await asyncio.gather(*(work(number) for number in range(12)))

    numbers = [line.split()[0] for line in said]
    assert said == [line for number in numbers[::2] for line in (f"{number} begins", f"{number} ends")]
    assert len(await kept(gates[1])) == 24
    for gate in gates:
        await gate.close()


async def test_a_commit_that_fails_undoes_the_unit_and_the_next_works(sqlite_database: Database) -> None:
    await settle(sqlite_database, *environment())
    with pytest.raises(IntegrityError):  # noqa: PT012  (COMMIT finds it)
        async with sqlite_database.working() as session:
            await session.execute(text("PRAGMA defer_foreign_keys = ON"))
            await add(session, RevokedTokenRow(jti="a", environment_id="nowhere", expires_at=START))

    await settle(sqlite_database, token("b"))
    assert await kept(sqlite_database) == {"b"}


async def test_a_full_disk_undoes_the_unit_and_the_next_works(sqlite_database: Database) -> None:
    await settle(sqlite_database, *environment())

    async def limit(pages: str) -> None:
        async with sqlite_database.working() as session:
            await session.execute(text(f"PRAGMA max_page_count = {pages}"))

    await limit("1")
    with pytest.raises(TemporarilyUnavailable):
        await settle(sqlite_database, *(token(f"{number:09}" * 9) for number in range(200)))
    await limit("100000")

    assert await kept(sqlite_database) == set()
    await settle(sqlite_database, token("b"))
    assert await kept(sqlite_database) == {"b"}


async def test_after_a_server_was_away_one_call_finds_out_for_all(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    await settle(database, *environment())
    async with AsyncExitStack() as opened:
        for _ in range(6):
            await opened.enter_async_context(database.working())
    other = Database(postgresql_url)
    async with other.working() as run:
        await run.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                               " AND datname = current_database()"))  # fmt: skip
    await other.close()

    with pytest.raises(TemporarilyUnavailable):
        await settle(database, token("a"))
    await settle(database, token("b"))

    assert await kept(database) == {"b"}
    await database.close()


async def test_what_the_driver_would_not_send_leaves_nothing_begun_on_a_connection(postgresql_url: str) -> None:
    """It is prepared by then, and a server that was asked to prepare something has begun."""
    database = Database(postgresql_url)
    unsendable = select(ENV.c.id).where(ENV.c.position == 2**70)

    async def ask(run: Runner) -> None:
        await run.execute(unsendable)

    for alone in (True, False, True):
        with pytest.raises(DBAPIError):
            await database.asked(ask, alone=alone)
        assert database.in_use == 0
        async with AsyncExitStack() as opened:
            for run in [await opened.enter_async_context(database.reading()) for _ in range(12)]:
                assert (await run.execute(text("SELECT 1"))).scalar() == 1
    assert database.in_use == 0
    await database.close()


async def test_another_program_sees_what_was_committed(sqlite_database: Database) -> None:
    await settle(sqlite_database, *environment())
    file = file_of(sqlite_database.url)
    assert file is not None

    other = sqlite3.connect(file)
    found = other.execute("SELECT count(*) FROM environment").fetchall()
    other.close()

    async with sqlite_database.reading() as connection:
        assert found == [(await value(connection, select(func.count()).select_from(text("environment"))),)]
