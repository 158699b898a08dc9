"""What stands about a feature grows with the resources of a customer, and not with their square. (K8)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.reader import Reader
from models.rows import tuples
from models.stores.standing import BY_EXTERNAL_ID
from tests.races.arena import FEATURE
from tests.scenarios.documents import CONSUME
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

MANY = 4
MONTHLY: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}}


async def test_each_resource_is_read_with_its_own_head_and_that_of_the_customer_and_no_others(
    database: Database,
) -> None:
    world = await World.begin(database)
    await world.subscribed("acme", "free")
    await consumed(world, "7")
    counts: list[int] = []
    held: dict[str, int] = {"": 7000}
    for number in range(MANY):
        counts.append((await found(world))[0])
        await world.subscribed("acme", "team", resourceId=f"r{number}", **MONTHLY)
        await consumed(world, str(number + 1), resource=f"r{number}")
        held[f"r{number}"] = (number + 1) * 1000

    assert await found(world) == (counts[0] + MANY * (counts[1] - counts[0]), held)


async def consumed(world: World, amount: str, **about: str) -> None:
    """Consume of the feature."""
    asked = {"customer": {"externalId": "acme"}, "feature": FEATURE, "amount": amount, **about}
    told = await world.ask(CONSUME, input={**asked, "idempotencyKey": world.fresh_key()})
    assert told["answer"]["__typename"] == "EntitlementGranted"


async def found(world: World) -> tuple[int, dict[str, int]]:
    """How many rows are read, and what the heads among them hold."""
    at, place = world.clock.now(), world.places["main"].environment.id
    given = {"env": place, "customer": "acme", "feature": FEATURE, "at": at}
    async with world.database.reading() as connection:
        read = await tuples(connection, BY_EXTERNAL_ID, given)
        standing = await Reader(connection, place, at).standings.of(None, "acme", FEATURE, at)
    return len(read), {scope: head["used"] for scope, head in standing.heads.items() if head}
