"""One sequence per owner: numbers are unique and without gaps, whoever writes at the same time."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from billing.refusals import NotFound
from models.rows import rows, value
from models.session import Database
from models.tables import EventRow, SequenceRow
from models.tables.base import table
from models.work import Happening
from tests.models.world import CUSTOMER, ENV, Numbered, customer, day, environment, settle, undone, working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

E, Q = table(EventRow), table(SequenceRow)
OTHER = "other"


@pytest.fixture
async def gates(database_url: str) -> AsyncIterator[list[Database]]:
    """The same database, opened twice."""
    opened = [Database(database_url), Database(database_url)]
    sequences = [SequenceRow(owner_id=owner, environment_id=ENV) for owner in (CUSTOMER, OTHER)]
    await settle(opened[0], *environment(), customer(), customer(OTHER), *sequences)
    yield opened
    for each in opened:
        await each.close()


async def numbers(database: Database, owner: str) -> list[int]:
    """The numbers of an owner's events."""
    async with database.reading() as connection:
        return [
            row["seq"] for row in await rows(connection, select(E.c.seq).where(E.c.owner_id == owner).order_by(E.c.seq))
        ]


async def reached(database: Database, owner: str) -> int:
    """How far an owner's sequence went."""
    async with database.reading() as connection:
        return int(await value(connection, select(Q.c.seq).where(Q.c.owner_id == owner)))


async def happen(database: Database, owner: str, count: int, ids: Numbered, *, deny: bool = False) -> None:
    """Let so many things happen in one unit of work, or none after all."""
    async with database.working() as session:
        work = working(session, ids=ids)
        assert await work.bump(owner)
        assert await work.bump(owner)
        for _ in range(count):
            await work.record(owner, Happening("thing.happened", owner, {}, {}))
        if deny:
            raise NotFound("Denied.")
        await work.close()


async def test_units_at_once_take_numbers_without_gaps(gates: list[Database]) -> None:
    chance, ids = random.Random(7), Numbered()
    wanted = [(chance.choice((CUSTOMER, OTHER)), chance.randint(1, 3), chance.random() < 0.3) for _ in range(40)]

    units = (
        happen(gates[index % 2], owner, count, ids, deny=deny) for index, (owner, count, deny) in enumerate(wanted)
    )
    ended = await asyncio.gather(*units, return_exceptions=True)

    assert [type(each).__name__ for each in ended] == ["NotFound" if deny else "NoneType" for _, _, deny in wanted]
    for owner in (CUSTOMER, OTHER):
        total = sum(count for each, count, deny in wanted if each == owner and not deny)
        assert await numbers(gates[0], owner) == [*range(1, total + 1)]
        assert await reached(gates[0], owner) == total


async def test_a_bump_shows_what_was_committed_before_it(gates: list[Database]) -> None:
    seen: list[int] = []

    async def count(database: Database) -> None:
        async with database.working() as session:
            work = working(session, ids=Numbered())
            await work.bump(CUSTOMER)
            before = await value(session, select(Q.c.seq).where(Q.c.owner_id == CUSTOMER))
            await asyncio.sleep(0.002)
            seen.append(int(before))

    await asyncio.gather(*(count(gates[index % 2]) for index in range(10)))

    assert seen == [*range(1, 11)]


async def test_an_owner_that_is_not_known_here_cannot_be_bumped(gates: list[Database]) -> None:
    async with undone(gates[0]) as session:
        work = working(session)

        assert await work.bump("nobody") is False
        assert await work.bump(CUSTOMER) is True
        elsewhere = working(session)
        elsewhere.environment_id = "elsewhere"
        assert await elsewhere.bump(CUSTOMER) is False


async def test_a_unit_that_records_nothing_leaves_no_number_out(gates: list[Database]) -> None:
    await happen(gates[0], CUSTOMER, 0, Numbered())
    await happen(gates[0], CUSTOMER, 2, Numbered())
    await happen(gates[1], CUSTOMER, 0, Numbered())

    assert await numbers(gates[0], CUSTOMER) == [1, 2]
    assert await reached(gates[0], CUSTOMER) == 2


async def test_the_test_clock_may_have_moved_when_the_work_opens(gates: list[Database]) -> None:
    async with undone(gates[0]) as session:
        work = working(session, day(0))
        view = await work.environments.by_id(ENV)
        assert view is not None
        await work.environments.set_clock(ENV, day(5), None)
        await work.open(view)

        assert work.at == day(5)


async def test_documents_of_two_kinds_are_numbered_in_one_order_so_that_nobody_waits_in_a_ring(
    gates: list[Database],
) -> None:
    met = asyncio.Barrier(2)

    async def meet(_number: str) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await met.wait()

    async def numbered(database: Database, owner: str, first: int, *kinds: str) -> None:
        async with database.working() as session:
            work = working(session, ids=Numbered(count(first)))
            assert await work.bump(owner)
            for kind in kinds:
                work.number_at_end(owner, kind, "", Happening(f"{kind}.made", owner, {}, {}), meet)
            await work.close()

    await asyncio.gather(
        numbered(gates[0], CUSTOMER, 100, "invoice", "credit_note"),
        numbered(gates[1], OTHER, 200, "credit_note", "invoice"),
    )

    assert await numbers(gates[0], CUSTOMER) == await numbers(gates[0], OTHER) == [1, 2]
