"""Every event gets one position, an owner's in the order of its numbers, and a reader by position skips none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from billing.lifecycle import Cause, Channel
from models.rows import add, rows
from models.session import Database
from models.stores.journal import EventsWanted, Journal
from models.stores.positions import OLDEST, Positions, behind
from models.tables import EventRow
from tests.models.world import CUSTOMER, ENV, START, day, environment, settle

if TYPE_CHECKING:
    from models.rows import Runner


def event(name: str, owner: str, seq: int, *, place: str = ENV, position: int | None = None) -> EventRow:
    """An event."""
    return EventRow(
        id=name, environment_id=place, owner_id=owner, seq=seq, type="thing.begun", subject_id=f"{owner}{seq}",
        occurred_at=day(0), recorded_at=START, cause=Cause.REQUEST, channel=Channel.API, position=position,
    )  # fmt: skip


@pytest.fixture
async def store(database: Database) -> Database:
    """A database with an environment."""
    await settle(database, *environment())
    return database


async def listed(database: Database) -> list[str]:
    """The events of the environment by position."""
    async with database.reading() as connection:
        page = await Journal(connection, ENV).page(EventsWanted(), 100, None)
    return [view.subject_id for _, view in page.rows]


async def placed(database: Database, limit: int) -> int:
    """Place some, as one relay does."""
    async with database.working() as session:
        return await Positions(session, ENV).place(limit)


async def waiting(database: Database) -> list[str]:
    """Environments that have something to place."""
    async with database.reading() as connection:
        return await behind(connection)


async def test_events_are_placed_oldest_first_and_once(store: Database) -> None:
    await settle(store, *(event(f"evt{number}", f"owner{number % 2}", number) for number in range(1, 6)))
    assert await listed(store) == []
    assert await waiting(store) == [ENV]

    assert [await placed(store, 3), await placed(store, 3), await placed(store, 3)] == [3, 2, 0]

    assert await listed(store) == ["owner11", "owner02", "owner13", "owner04", "owner15"]
    assert await waiting(store) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 9])
async def test_an_owners_events_are_placed_by_their_numbers_whatever_their_ids_say(store: Database, limit: int) -> None:
    turned = (("a", 5), ("b", 2), ("a", 4), ("b", 3), ("a", 3), ("c", 1), ("a", 2))
    await settle(
        store,
        event("old", "a", 1, position=1),
        *(event(f"evt{number}", owner, seq) for number, (owner, seq) in enumerate(turned)),
    )
    async with store.working() as session:
        await session.execute(text("UPDATE environment SET position = 1"))

    while await placed(store, limit):
        pass

    found = await listed(store)
    assert [each for each in found if each[0] == "a"] == ["a1", "a2", "a3", "a4", "a5"]
    assert [each for each in found if each[0] != "a"] == ["b2", "b3", "c1"]
    assert limit < 7 or found == ["a1", "a2", "b2", "a3", "b3", "a4", "c1", "a5"]


async def test_two_relays_place_every_event_once(store: Database, database_url: str) -> None:
    other = Database(database_url)
    await settle(store, *(event(f"evt{number:03}", CUSTOMER, number) for number in range(1, 101)))

    counts = await asyncio.gather(*(placed(each, 7) for each in (store, other) * 10))

    assert sum(counts) == 100
    assert await listed(store) == [f"{CUSTOMER}{number}" for number in range(1, 101)]
    await other.close()


@pytest.mark.postgres
async def test_who_writes_events_does_not_wait_for_the_relay(postgresql_url: str) -> None:
    database = Database(postgresql_url, wait_seconds=1)
    await settle(database, *environment(), event("evt1", CUSTOMER, 1))
    async with database.working() as session:
        assert await Positions(session, ENV).place(10) == 1
        await settle(database, event("evt2", CUSTOMER, 2))
    await database.close()


async def test_what_waits_is_found_by_its_own_index(store: Database) -> None:
    async with store.working() as session:
        await add(session, *(event(f"evt{number}", CUSTOMER, number, position=number) for number in range(1, 400)))
        await add(session, event("last", CUSTOMER, 400))
    async with store.reading() as connection:
        plan = await planned(connection)

    assert "ix_event_unplaced" in plan
    assert "SCAN" not in plan.replace("SCAN event USING INDEX ix_event_unplaced", "")
    assert "Seq Scan" not in plan


async def planned(connection: Runner) -> str:
    """How the database would find the oldest that wait."""
    sqlite = connection.dialect.name == "sqlite"
    query = str(
        OLDEST.limit(10).params({"of": ENV}).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    )
    lines = await rows(connection, text(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{query}"))
    return "\n".join(str(list(line.values())[-1]) for line in lines)
