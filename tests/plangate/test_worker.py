"""The worker goes on: past a customer whose rows are broken, and past one that was mended meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs

from models.session import Database
from models.stores.environments import Environments
from tests.world import World

FEBRUARY = datetime(2024, 2, 5, tzinfo=UTC)
HELD = "UPDATE sequence SET seq = seq WHERE owner_id = (SELECT min(customer_id) FROM subscription)"
PERIODS = "SELECT period_start FROM subscription WHERE id = :id"


async def _broken(database: Database, subscription: str, zone: str) -> None:
    async with database.working() as session:
        await session.execute(
            text("UPDATE subscription SET zone = :zone WHERE id = :id"), {"zone": zone, "id": subscription}
        )


async def _period(database: Database, subscription: str) -> object:
    async with database.reading() as connection:
        return (await connection.execute(text(PERIODS), {"id": subscription})).scalar()


async def test_a_customer_who_cannot_be_settled_holds_up_nobody_else(sqlite_database: Database) -> None:
    world = await World.begin(sqlite_database)
    first = await world.subscribed("acme", "free")
    second = await world.subscribed("birch", "free")
    began = await _period(sqlite_database, second)
    await _broken(sqlite_database, first, "No/Such_Zone")
    await world.jump(FEBRUARY)
    worker = world.worker()

    await worker.catch_up()

    assert await _period(sqlite_database, first) == began
    assert await _period(sqlite_database, second) != began

    await _broken(sqlite_database, first, "UTC")
    await world.worker().catch_up()
    assert await _period(sqlite_database, first) == await _period(sqlite_database, second)


async def test_a_broken_customer_does_not_stop_a_test_clock_either(database: Database) -> None:
    world = await World.begin(database)
    broken = await world.subscribed("acme", "free")
    second = await world.subscribed("birch", "free")
    began = await _period(database, second)
    await _broken(database, broken, "No/Such_Zone")
    place = world.places["main"].environment.id
    async with database.working() as session:
        await Environments(session).aim_clock(place, FEBRUARY)
    structlog.reset_defaults()

    with capture_logs() as lines:
        await world.worker().catch_up()

    async with database.reading() as connection:
        assert await Environments(connection).clock(place) == (FEBRUARY, None)
    assert await _period(database, broken) == began != await _period(database, second)
    assert [line["event"] for line in lines] == ["customer_failed"]


@pytest.mark.postgres
async def test_a_worker_passes_over_whom_another_is_at_without_waiting(postgresql_url: str) -> None:
    database = Database(postgresql_url, wait_seconds=1)
    world = await World.begin(database)
    first = await world.subscribed("acme", "free")
    second = await world.subscribed("birch", "free")
    began = await _period(database, first)
    await world.jump(FEBRUARY)
    structlog.reset_defaults()

    async with database.working() as other:
        await other.execute(text(HELD))
        with capture_logs() as lines:
            await world.worker().catch_up()
        assert await _period(database, first) == began != await _period(database, second)
    await world.worker().catch_up()

    assert await _period(database, first) == await _period(database, second)
    assert lines == []
    await database.close()
