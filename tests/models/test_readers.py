"""Questions cross to SQLite once: one snapshot, the same values as through SQLAlchemy, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, select, text, tuple_

from billing.refusals import NotFound, TemporarilyUnavailable
from models.files import file_of
from models.rows import add, rows, value
from models.sqlite import READERS, Sqlite
from models.tables import RevokedTokenRow
from models.tables.base import table
from plangate.http.begun import within
from tests.models.inside import settled_threads
from tests.models.world import START, environment, settle

if TYPE_CHECKING:
    from models.rows import Runner
    from models.session import Database

TOKEN = table(RevokedTokenRow)
NAMED = select(TOKEN).where(TOKEN.c.jti.in_(bindparam("of", expanding=True))).order_by(TOKEN.c.jti)
SHORT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT max(i) FROM n"
FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
COUNTED = "SELECT count(*) FROM revoked_token"


def token(jti: str, hours: int = 1) -> RevokedTokenRow:
    """A revoked token."""
    return RevokedTokenRow(jti=jti, environment_id="env", expires_at=START + timedelta(hours=hours))


@pytest.fixture
async def opened(database: Database) -> Database:
    """A database of each kind with three tokens."""
    await settle(database, *environment())
    async with database.working() as run:
        await add(run, token("a"), token("b", 2), token("c", 3))
    return database


async def test_a_question_answers_what_a_transaction_would(opened: Database) -> None:
    async def several(run: Runner) -> list[list[dict[str, Any]]]:
        of = [await rows(run, NAMED, {"of": names}) for names in ([], ["a"], ["c", "a"], ["b"], ["x", "b", "c"])]
        of.append(await rows(run, select(TOKEN).where(TOKEN.c.expires_at > START + timedelta(hours=2))))
        return [[dict(each) for each in found] for found in of]

    asked = await opened.asked(several)
    async with opened.reading() as run:
        assert await several(run) == asked
    async with opened.working() as run:
        assert await several(run) == asked
    assert [len(of) for of in asked] == [0, 1, 2, 1, 2, 2]


async def test_lists_of_several_columns_are_put_in_part_by_part(opened: Database) -> None:
    both = tuple_(TOKEN.c.environment_id, TOKEN.c.expires_at)
    two = [("env", START + timedelta(hours=1)), ("env", START + timedelta(hours=3)), ("other", START)]

    async def either(run: Runner) -> list[set[str]]:
        return [
            {each["jti"] for each in await rows(run, select(TOKEN.c.jti).where(both.in_(of), TOKEN.c.jti != "jti"))}
            for of in (two, two[:1], [])
        ]

    assert await opened.asked(either) == [{"a", "c"}, {"a"}, set()]
    async with opened.reading() as run:
        assert await either(run) == [{"a", "c"}, {"a"}, set()]


async def test_a_statement_made_for_each_call_keeps_its_own_values(opened: Database) -> None:
    async def named(run: Runner) -> list[str | None]:
        return [await value(run, select(TOKEN.c.jti).where(TOKEN.c.jti == each)) for each in ("a", "x", "c")]

    assert await opened.asked(named) == ["a", None, "c"]
    assert await opened.asked(named) == ["a", None, "c"]


async def test_a_question_sees_one_snapshot_and_writes_nothing(sqlite_database: Database) -> None:
    await settle(sqlite_database, *environment())
    begun, written = threading.Event(), threading.Event()

    async def twice(run: Runner) -> list[int]:
        first = len(await rows(run, select(TOKEN)))
        begun.set()
        assert written.wait(10)
        return [first, len(await rows(run, select(TOKEN)))]

    asked = asyncio.create_task(sqlite_database.asked(twice))
    await asyncio.to_thread(begun.wait, 10)
    async with sqlite_database.working() as run:
        await add(run, token("later"))
    written.set()

    assert await asked == [1, 1]
    with pytest.raises(TemporarilyUnavailable):
        await sqlite_database.asked(lambda run: rows(run, text("DELETE FROM revoked_token RETURNING jti")))
    assert await sqlite_database.asked(lambda run: value(run, text("SELECT count(*) FROM revoked_token"))) == 2


async def test_a_question_that_awaits_something_else_is_a_mistake_and_harms_nobody(sqlite_database: Database) -> None:
    async def sleeping(_run: Runner) -> None:
        await asyncio.sleep(0)

    with pytest.raises(TypeError):
        await sqlite_database.asked(sleeping)

    assert await sqlite_database.asked(lambda run: value(run, text("SELECT 1"))) == 1


async def test_who_gives_up_frees_the_connection_and_the_thread(sqlite_database: Database) -> None:
    async with settled_threads():
        for _ in range(20):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await sqlite_database.asked(lambda run: value(run, text(FOREVER)))
        assert await sqlite_database.asked(lambda run: value(run, text("SELECT 1"))) == 1
        await sqlite_database.close()


async def test_questions_that_nobody_waits_for_are_no_more_than_the_connections(sqlite_database: Database) -> None:
    carried_out: list[str] = []
    sqlite_database.heard_by(carried_out.append)

    async def many(run: Runner) -> None:
        for _ in range(50):
            await rows(run, text(SHORT))

    async with settled_threads():
        for _ in range(30):
            with suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await sqlite_database.asked(many)
        assert len(carried_out) < 30 * 25
        assert await sqlite_database.asked(lambda run: value(run, text("SELECT 1"))) == 1
        await sqlite_database.close()


async def test_a_refusal_keeps_the_connection(sqlite_database: Database) -> None:
    async def refused() -> None:
        async with sqlite_database.reading() as run:
            await rows(run, text("SELECT 1"))
            raise NotFound("There is none.", what="Customer")

    for _ in range(2):
        with pytest.raises(NotFound):
            await refused()
    async with sqlite_database.reading() as run:
        assert await value(run, text("SELECT count(*) FROM revoked_token")) == 0
    store = sqlite_database._store  # pyright: ignore[reportPrivateUsage]  (to count what is held)
    assert isinstance(store, Sqlite)
    assert len(store._readers._free) == 1  # pyright: ignore[reportPrivateUsage]  (as above)


async def test_where_every_connection_is_taken_the_next_is_told_in_time(sqlite_url: str) -> None:
    from models.session import Database  # noqa: PLC0415  (named in annotations above)

    database = Database(sqlite_url, wait_seconds=0.2)
    held = [database.reading() for _ in range(READERS)]
    for each in held:
        await each.__aenter__()

    with pytest.raises(TemporarilyUnavailable):
        await database.asked(lambda run: value(run, text("SELECT 1")))

    for each in held:
        await each.__aexit__(None, None, None)
    assert await database.asked(lambda run: value(run, text("SELECT 1"))) == 1
    await database.close()


async def threads_of(database: Database, *statements: str) -> list[str]:
    """Ask a brief question with these statements; in which threads it was begun, the last one that which answered."""
    begun: list[str] = []

    async def question(run: Runner) -> int:
        begun.append(threading.current_thread().name)
        return len([await rows(run, text(each)) for each in statements])

    assert await database.asked(question, brief=True) == len(statements)
    return begun


async def test_a_brief_question_is_answered_where_it_is_asked_until_it_proves_long(sqlite_database: Database) -> None:
    await settle(sqlite_database, *environment())
    here = threading.current_thread().name
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i FROM n"
    told: list[str] = []
    sqlite_database.heard_by(told.append)

    assert await threads_of(sqlite_database, "SELECT 1", numbers.format(200)) == [here]
    for long in (numbers.format(301), SHORT):
        begun = await threads_of(sqlite_database, "SELECT 2", long)
        assert begun[0] == here
        assert begun[1:] != [here]
        assert len(begun) == 2
        assert told[-2:] == ["SELECT 2", long]
    assert told.count("SELECT 2") == 2
    assert await threads_of(sqlite_database, "SELECT 3") == [here]


async def test_a_brief_question_sees_what_was_written_before_it_and_writes_nothing(sqlite_database: Database) -> None:
    await settle(sqlite_database, *environment())
    counting = text(COUNTED)
    for number in range(1, 4):
        assert await sqlite_database.asked(lambda run: value(run, counting), brief=True) == number
        async with sqlite_database.working() as run:
            await add(run, token(f"t{number}"))

    with pytest.raises(TemporarilyUnavailable):
        await sqlite_database.asked(lambda run: rows(run, text("DELETE FROM revoked_token RETURNING jti")), brief=True)
    with pytest.raises(NotFound):
        await sqlite_database.asked(_refused, brief=True)
    assert await sqlite_database.asked(lambda run: value(run, counting), brief=True) == 4


async def test_a_stretch_is_of_one_snapshot_begins_with_what_is_committed_and_ends_where_somebody_waits(
    sqlite_database: Database,
) -> None:
    await settle(sqlite_database, *environment())
    other = sqlite3.connect(str(file_of(sqlite_database.url)), isolation_level=None)
    names = count()

    async def counted() -> int:
        found: int = await sqlite_database.asked(lambda run: value(run, text(COUNTED)), brief=True)
        return found

    async def request(*, refused: bool) -> list[int]:
        seen = [await counted()]
        other.execute("INSERT INTO revoked_token VALUES (?, ?, 1)", ("env", f"n{next(names)}"))
        with suppress(NotFound):
            await sqlite_database.asked(_refused if refused else counting, brief=True)
        seen.append(await counted())
        await asyncio.sleep(0)
        return [*seen, await counted()]

    async def counting(run: Runner) -> None:
        await value(run, text(COUNTED))

    assert await within(1, request(refused=False), sqlite_database.stretch) == [1, 1, 2]
    assert await within(1, request(refused=False), sqlite_database.stretch) == [2, 2, 3]
    assert await within(1, request(refused=True), sqlite_database.stretch) == [3, 4, 4]
    assert await within(1, request(refused=False)) == [4, 5, 5]
    assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0, "somebody holds a snapshot"
    other.close()


async def _refused(run: Runner) -> None:
    await rows(run, text("SELECT 1"))
    raise NotFound("There is none.", what="Customer")
