"""The limit holds where time runs: a call that waited for its turn sees all that went before it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from plangate.clock import SystemClock
from resolvers.entitlement_consume import EntitlementConsume, EntitlementDenied, consume
from resolvers.inputs import CustomerRef
from tests.world import OWNER, World

if TYPE_CHECKING:
    from models.session import Database

CALLS = 150
ACME = CustomerRef(external_id="acme")


async def _running(database: Database) -> World:
    """Make a world whose environment `real` follows the machine's clock."""
    world = await World.begin(database)
    world.contexts = replace(world.contexts, clock=SystemClock())
    await world.settle("real", None)
    await world.subscribed("acme", "free", place="real")
    return world


async def test_of_calls_in_any_order_just_as_many_are_granted_as_the_limit_has(sqlite_database: Database) -> None:
    world = await _running(sqlite_database)

    async def one(number: int) -> str:
        context = world.contexts.make(OWNER, world.places["real"].environment)
        await asyncio.sleep(0.002 * (number % 7))
        took = EntitlementConsume(ACME, "lfs_bandwidth", amount="0.1", idempotency_key=f"key-{number}")
        return type(await consume(context, took)).__name__

    answers = Counter(await asyncio.gather(*(one(number) for number in range(CALLS))))

    assert answers == {"EntitlementGranted": 100, "EntitlementDenied": CALLS - 100}


async def test_an_earlier_call_that_comes_later_sees_what_was_taken(sqlite_database: Database) -> None:
    world = await _running(sqlite_database)
    early = world.contexts.make(OWNER, world.places["real"].environment)
    late = world.contexts.make(OWNER, world.places["real"].environment)
    late.at = early.at + timedelta(milliseconds=5)

    await consume(late, EntitlementConsume(ACME, "lfs_bandwidth", amount="10", idempotency_key="late"))
    answer = await consume(early, EntitlementConsume(ACME, "lfs_bandwidth", amount="10", idempotency_key="early"))

    assert isinstance(answer, EntitlementDenied)
    assert (answer.used, answer.remaining) == ("10", "0")
