"""Acts on SQLite that wait share a transaction: each for itself all or nothing, and none answered before its COMMIT."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from billing.refusals import NotFound, TemporarilyUnavailable
from models.rows import add, rows
from models.session import Database
from models.tables import RevokedTokenRow
from models.tables.base import table
from tests.models.world import START, environment, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from models.rows import Runner

TOKEN = table(RevokedTokenRow)
NAMES = select(TOKEN.c.jti).where(TOKEN.c.jti != "jti").order_by(TOKEN.c.jti)


@pytest.fixture
async def opened(sqlite_url: str) -> AsyncIterator[Database]:
    """A database with an environment, whose callers have little patience."""
    database = Database(sqlite_url, wait_seconds=0.5)
    await settle(database, *environment())
    yield database
    assert database.in_use == 0
    await database.close()


def adding(name: str, then: BaseException | None = None) -> Callable[[Runner], Coroutine[None, None, str]]:
    """An act that writes a row, and answers its name or goes wrong."""

    async def act(run: Runner) -> str:
        await add(run, RevokedTokenRow(jti=name, environment_id="env", expires_at=START))
        if then is not None:
            raise then
        return name

    return act


async def kept(database: Database) -> list[str]:
    """The rows that are committed."""

    async def question(run: Runner) -> list[str]:
        return [each["jti"] for each in await rows(run, NAMES)]

    return await database.asked(question)


async def test_who_waits_shares_a_commit_and_a_refusal_undoes_only_its_own(opened: Database) -> None:
    heard: list[str] = []
    opened.heard_by(heard.append)
    refusal = NotFound("No.", what="Thing")
    acts = [adding(f"{each}", refusal if each in (3, 7) else None) for each in range(10)]

    ended = await asyncio.gather(*(opened.worked(act) for act in acts), return_exceptions=True)

    assert ended == [refusal if each in (3, 7) else f"{each}" for each in range(10)]
    assert await kept(opened) == [f"{each}" for each in range(10) if each not in (3, 7)]
    assert heard.count("COMMIT") == 1


async def test_each_sees_what_went_before_it_and_nobody_else_before_the_commit(opened: Database) -> None:
    seen: list[list[str]] = []

    async def look(run: Runner) -> None:
        seen.append([each["jti"] for each in await rows(run, NAMES)])

    await asyncio.gather(opened.worked(adding("a")), opened.worked(look), opened.worked(adding("b")))

    assert seen == [["a"]]
    async with opened.working() as run:
        await add(run, RevokedTokenRow(jti="c", environment_id="env", expires_at=START))
        assert await kept(opened) == ["a", "b"]


async def test_where_nothing_is_to_be_kept_nothing_is_committed(opened: Database) -> None:
    heard: list[str] = []
    opened.heard_by(heard.append)
    refusals = [NotFound("No.", what="Thing") for _ in range(3)]

    ended = await asyncio.gather(*(opened.worked(adding("a", each)) for each in refusals), return_exceptions=True)

    assert ended == refusals
    assert "COMMIT" not in heard


async def test_a_row_that_another_of_the_group_has_is_told_to_that_one_only(opened: Database) -> None:
    first, second, third = await asyncio.gather(
        *(opened.worked(adding(name)) for name in ("a", "a", "b")), return_exceptions=True
    )

    assert (first, third) == ("a", "b")
    assert isinstance(second, TemporarilyUnavailable)
    assert await kept(opened) == ["a", "b"]


async def test_what_ends_the_transaction_undoes_all_of_the_group_and_the_next_works(opened: Database) -> None:
    async def end(run: Runner) -> None:
        await run.execute(text("ROLLBACK"))

    ended = await asyncio.gather(
        opened.worked(adding("a")), opened.worked(end), opened.worked(adding("b")), return_exceptions=True
    )

    assert [type(each) for each in ended[:2]] == [TemporarilyUnavailable] * 2
    assert ended[2] == "b"
    assert await kept(opened) == ["b"]


async def test_who_was_refused_for_what_is_undone_then_is_told_that_nothing_was_done(opened: Database) -> None:
    async def promise(run: Runner) -> None:
        await run.execute(text("PRAGMA defer_foreign_keys = ON"))
        await add(run, RevokedTokenRow(jti="a", environment_id="nowhere", expires_at=START))

    async def refuse_a_second(run: Runner) -> None:
        if await rows(run, NAMES):
            raise NotFound("There is one already.", what="Thing")

    early, *undone = await asyncio.gather(
        *(opened.worked(act) for act in (adding("b", NotFound("No.", what="Thing")), promise, refuse_a_second)),
        return_exceptions=True,
    )

    assert isinstance(early, NotFound)
    assert [type(each) for each in undone] == [IntegrityError] * 2
    assert await kept(opened) == []


async def test_who_goes_on_after_the_transaction_was_ended_writes_nothing(opened: Database) -> None:
    async def go_on(run: Runner) -> None:
        await add(run, RevokedTokenRow(jti="before", environment_id="env", expires_at=START))
        await run.execute(text("ROLLBACK"))
        with suppress(OSError):
            await add(run, RevokedTokenRow(jti="after", environment_id="env", expires_at=START))

    with pytest.raises(TemporarilyUnavailable):
        await opened.worked(go_on)

    assert await kept(opened) == []


async def test_a_full_disk_undoes_its_group_and_the_next_works(opened: Database) -> None:
    async def fill(run: Runner) -> None:
        await run.execute(text("PRAGMA max_page_count = 1"))
        for each in range(400):
            await add(run, RevokedTokenRow(jti=f"{each:09}" * 9, environment_id="env", expires_at=START))

    async def limit(run: Runner) -> None:
        await run.execute(text("PRAGMA max_page_count = 100000"))

    ended = await asyncio.gather(opened.worked(adding("a")), opened.worked(fill), return_exceptions=True)

    assert isinstance(ended[1], TemporarilyUnavailable)
    assert await kept(opened) == [each for each in ended if isinstance(each, str)]
    await opened.worked(limit)
    assert await opened.worked(adding("b")) == "b"


async def test_who_awaits_something_else_is_a_mistake_and_harms_nobody(opened: Database) -> None:
    async def sleep(run: Runner) -> None:
        await add(run, RevokedTokenRow(jti="z", environment_id="env", expires_at=START))
        await asyncio.sleep(0)

    first, wrong, last = await asyncio.gather(
        opened.worked(adding("a")), opened.worked(sleep), opened.worked(adding("b")), return_exceptions=True
    )

    assert (first, last) == ("a", "b")
    assert isinstance(wrong, TypeError)
    assert await kept(opened) == ["a", "b"]


async def test_who_does_not_come_to_its_turn_in_time_is_refused_and_is_not_done_later(opened: Database) -> None:
    async with opened.working() as run:
        with pytest.raises(TemporarilyUnavailable):
            await opened.worked(adding("late"))
        await add(run, RevokedTokenRow(jti="a", environment_id="env", expires_at=START))

    assert await opened.worked(adding("b")) == "b"
    assert await kept(opened) == ["a", "b"]


async def test_cancelling_at_any_moment_leaves_all_or_nothing_of_one_and_all_of_the_others(opened: Database) -> None:
    async def both(run: Runner) -> None:
        for name in ("x", "y"):
            await add(run, RevokedTokenRow(jti=name, environment_id="env", expires_at=START))

    for step in range(30):
        first, second = (asyncio.create_task(opened.worked(each)) for each in (adding("a"), adding("b")))
        doomed = asyncio.create_task(opened.worked(both))
        await asyncio.sleep(step * 0.0002)
        doomed.cancel()
        assert [await first, await second] == ["a", "b"]
        await asyncio.wait([doomed])

        found = await kept(opened)
        assert found in (["a", "b"], ["a", "b", "x", "y"])
        assert doomed.cancelled() or "x" in found
        async with opened.working() as run:
            await run.execute(TOKEN.delete())


async def test_closing_waits_for_what_is_being_carried_out(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await settle(database, *environment())
    acts = [asyncio.create_task(database.worked(adding(f"{each}"))) for each in range(3)]
    await asyncio.sleep(0)

    await database.close()

    assert await asyncio.gather(*acts) == ["0", "1", "2"]
