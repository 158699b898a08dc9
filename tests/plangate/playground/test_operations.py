"""The saved operations work: each, in its order, on a real world, with the values that the demo fills in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from plangate.playground.operations import KINDS, OPERATIONS
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
CUSTOMER = "query ($id: ID!) { subscription(id: $id) { customer { id } } }"
DONE = {
    "Create a customer": "CustomerUpserted",
    "Subscribe": "SubscriptionCreated",
    "Grant something extra": "GrantCreated",
    "Make a coupon": "CouponCreated",
    "Give a discount": "DiscountApplied",
    "Open the portal": "BillingPortalSessionCreated",
    "May they?": "Entitlement",
    "Consume": "EntitlementGranted",
    "Report usage": "UsageReported",
    "Hold for a long job": "EntitlementReserved",
    "Settle what was held": "ReservationSettled",
    "Usage by day": "UsageHistory",
    "Preview a change": "SubscriptionChangePreview",
    "Add seats": "SubscriptionChanged",
    "Downgrade": "SubscriptionDowngraded",
    "Undo the downgrade": "ScheduledChangeUndone",
    "Move everybody?": "PlanMigrationPreview",
    "Preview a cancellation": "SubscriptionCancellationPreview",
    "Cancel at the period's end": "SubscriptionCanceled",
    "Keep it after all": "SubscriptionCancellationUndone",
    "Cancel on a date": "SubscriptionCanceled",
    "Cancel after three periods": "SubscriptionCanceled",
    "What would it cost to end them all?": "SubscriptionsCancelStarted",
    "Advance the clock": "TestClockAdvanced",
}


async def test_the_saved_operations_do_what_they_say_one_after_the_other(sqlite_database: Database) -> None:
    world = await World.begin(sqlite_database)
    subscription = await world.subscribed("birch", "enterprise", currency="USD", interval={"unit": "MONTH"})
    filled = {
        "customer": (await world.ask(CUSTOMER, id=subscription))["subscription"]["customer"]["id"],
        "plan": "free",
        "feature": "lfs_bandwidth",
        "subscription": subscription,
        "lowerPlan": "team",
        "earlier": "2023-12-18T00:00:00Z",
        "later": "2024-02-15T00:00:00Z",
    }
    done: dict[str, str] = {}
    for number, saved in enumerate(OPERATIONS):
        variables = orjson.dumps(dict(saved.variables)).decode()
        for name, value in {**filled, "key": f"key-{number}"}.items():
            variables = variables.replace("{{" + name + "}}", value)
        answer = await world.ask(saved.document, **orjson.loads(variables))
        (first, *_) = answer.values()
        if isinstance(first, dict) and "__typename" in first:
            done[saved.title] = first["__typename"]
        for each in ID.findall(orjson.dumps(answer).decode()):
            filled.setdefault(KINDS.get(each[:3], ""), each)

    assert done == DONE
