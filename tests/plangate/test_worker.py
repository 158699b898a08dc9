"""The worker goes on: past a customer whose rows are broken, and past one that was mended meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

FEBRUARY = datetime(2024, 2, 5, tzinfo=UTC)
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
