"""The saved operations work: each, in its order, on a real world, with the values that the demo fills in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from plangate.playground.operations import OPERATIONS
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

DONE = [
    "CustomerUpserted",
    "SubscriptionCreated",
    "Entitlement",
    "EntitlementGranted",
    "SubscriptionChangePreview",
    "SubscriptionDowngraded",
    "SubscriptionCanceled",
    "SubscriptionCancellationUndone",
    "BillingPortalSessionCreated",
    "TestClockAdvanced",
]


async def test_the_saved_operations_do_what_they_say_one_after_the_other(sqlite_database: Database) -> None:
    world = await World.begin(sqlite_database)
    filled = {
        "plan": "free",
        "feature": "lfs_bandwidth",
        "subscription": await world.subscribed("birch", "enterprise", currency="USD", interval={"unit": "MONTH"}),
        "lowerPlan": "team",
        "later": "2024-02-15T00:00:00Z",
    }
    done: list[str] = []
    for saved in OPERATIONS:
        variables = orjson.dumps(dict(saved.variables)).decode()
        for name, value in filled.items():
            variables = variables.replace("{{" + name + "}}", value)
        answer = await world.ask(saved.document, **orjson.loads(variables))
        done += [value["__typename"] for value in answer.values() if "__typename" in value]

    assert done == DONE
