"""One test clock never moves another, two advances settle nothing twice, and no write is before its clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from models.stores.environments import Environments
from models.tables import CustomerRow, EventRow, SubscriptionRow
from tests.world import START

if TYPE_CHECKING:
    from datetime import datetime

    from tests.races.arena import Arena
    from tests.world import World

SOON, LATER = START + timedelta(days=40), START + timedelta(days=100)


async def stands(world: World, place: str) -> tuple[datetime | None, datetime | None]:
    """Where an environment's clock is, and where it is going."""
    async with world.database.reading() as connection:
        return await Environments(connection).clock(world.places[place].environment.id)


async def renewals(arena: Arena, subscription: str) -> list[datetime]:
    """When a subscription was renewed."""
    told = await arena.of(EventRow, subject_id=subscription)
    return sorted(each["occurred_at"] for each in told if each["cause"] == "AUTOMATIC")


async def test_advancing_one_clock_moves_and_settles_no_other(two: Arena) -> None:
    world = two.world
    await world.settle("other", START)
    main = await world.subscribed("acme", "free")
    other = await world.subscribed("acme", "free", place="other")
    before = await two.of(SubscriptionRow, id=other)

    await asyncio.gather(world.advance(LATER), *(door.worker().catch_up() for door in two.doors))
    await asyncio.gather(*(door.worker().catch_up() for door in two.doors))

    assert len(await renewals(two, main)) == 3
    assert (await stands(world, "main"), await stands(world, "other")) == ((LATER, None), (START, None))
    assert (await two.of(SubscriptionRow, id=other), await renewals(two, other)) == (before, [])


async def test_two_advances_at_once_end_at_the_later_and_settle_nothing_twice(two: Arena) -> None:
    first, second = two.doors
    second.places = first.places
    subscription = await first.subscribed("acme", "free")

    told = await asyncio.gather(first.advance(SOON), second.advance(LATER))

    assert told[1]["__typename"] == "TestClockAdvanced"
    assert told[0]["__typename"] in ("TestClockAdvanced", "DateOutOfRange")
    assert await stands(first, "main") == (LATER, None)
    found = await renewals(two, subscription)
    assert len(found) == len(set(found)) == 3


async def test_a_write_waits_for_a_clock_that_is_moving_and_is_not_before_it(one: Arena) -> None:
    world = one.world
    async with world.database.working() as moving:
        await Environments(moving).set_clock(world.places["main"].environment.id, LATER, None)
        writing = asyncio.create_task(world.subscribed("acme", "free"))
        await asyncio.sleep(0.5)
        assert not writing.done()
    subscription = await writing

    (customer,) = await one.of(CustomerRow, external_id="acme")
    (row,) = await one.of(SubscriptionRow, id=subscription)
    assert (customer["created_at"], row["starts_at"]) == (LATER, LATER)
