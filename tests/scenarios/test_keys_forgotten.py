"""An idempotency key is remembered for thirty days of the real clock, and means a new act after them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.tidying import forget_expired
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

DAYS = timedelta(days=30)
SECOND = timedelta(seconds=1)
CONSUME = """mutation($input: EntitlementConsumeInput!) { entitlementConsume(input: $input) {
  ... on EntitlementGranted { recordId used replayed } ... on UserError { code } } }"""
GRANT = """mutation($input: GrantCreateInput!) { grantCreate(input: $input) {
  ... on GrantCreated { grant { id } replayed } ... on UserError { code } } }"""
MANY = """mutation($input: UsageReportManyInput!) { usageReportMany(input: $input) {
  ... on UsageManyReported { results { ... on UsageReported { record { id } replayed } } } } }"""
ABOUT: dict[str, Any] = {"customer": {"externalId": "acme"}, "feature": "lfs_bandwidth"}
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "in a group": (CONSUME, {**ABOUT, "amount": "1", "idempotencyKey": "key"}),
    "alone": (GRANT, {**ABOUT, "amount": "1", "idempotencyKey": "key"}),
    "in bulk": (MANY, {"reports": [{**ABOUT, "value": "1", "idempotencyKey": "key"}]}),
}


async def done(world: World, act: str) -> tuple[str, bool]:
    """Act under the one key: what was made, and whether that was before."""
    document, input_ = ACTS[act]
    (answer,) = (await world.ask(document, input=input_)).values()
    answer = answer["results"][0] if "results" in answer else answer
    made = answer.get("recordId") or (answer.get("grant") or answer.get("record"))["id"]
    return made, answer["replayed"]


@pytest.mark.parametrize("act", ACTS)
async def test_a_key_of_thirty_days_replays_and_an_older_one_acts_anew(act: str, database: Database) -> None:
    world = await World.begin(database)
    await world.subscribed("acme", "free")
    first, _ = await done(world, act)
    ends = world.clock.at + DAYS

    for at in (ends - SECOND, ends):
        world.clock.at = at
        await forget_expired(database, world.clock.now())
        assert await done(world, act) == (first, True)
    world.clock.at = ends + SECOND
    await forget_expired(database, world.clock.now())
    anew = await done(world, act)

    assert anew[0] != first
    assert anew[1] is False
    assert await done(world, act) == (anew[0], True), "and is remembered from now on"


async def test_a_worker_forgets_keys_by_the_real_clock_and_no_test_clock_makes_one_old(database: Database) -> None:
    world = await World.begin(database)
    await world.subscribed("acme", "free")
    first, _ = await done(world, "alone")

    await world.advance(2 * DAYS)
    await worked(world)
    assert await done(world, "alone") == (first, True)

    world.clock.move(DAYS + SECOND)
    await worked(world)
    assert (await done(world, "alone"))[1] is False


async def worked(world: World) -> None:
    """Let a worker go once around: a step, and what it tidies first."""
    stop = asyncio.Event()
    works = asyncio.create_task(world.worker().run(stop))
    await asyncio.sleep(0)
    stop.set()
    await works
