"""Seats and add-ons: more at once, fewer when the period ends; and what a pending plan change makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import happened, held, renewed, waits

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

JANUARY = "2024-01-01 to 2024-02-01"
FEBRUARY = "2024-02-01 to 2024-03-01"


def waits_for_quantity(at: str, quantity: int, name: str = "sch1", **other: Any) -> Told:
    """Write a pending change of quantity as it is told."""
    told = {"id": name, "kind": "QUANTITY", "status": "PENDING", "appliesAt": at, "quantity": quantity}
    return told | other


async def test_seats_come_now_and_go_when_the_period_ends(story: Story) -> None:
    acme = await story.subscribe("acme", "team", quantity=5)
    await story.advance("2024-01-10")

    up = await story.act(documents.CHANGE, subscriptionId=acme, quantity=8)
    down = await story.act(documents.CHANGE, subscriptionId=acme, quantity=6)

    assert up == {
        "__typename": "SubscriptionChanged",
        "replayed": False,
        "subscription": held("team", JANUARY, quantity=8),
    }
    change = waits_for_quantity("2024-02-01", 6)
    assert down == {
        "__typename": "SubscriptionChanged",
        "replayed": False,
        "change": change,
        "subscription": held("team", JANUARY, quantity=8, scheduledChanges=[change]),
    }
    assert (await story.entitlement("acme", "seats"))["limit"] == "8"
    expected = [
        happened("2024-01-10", "subscription.quantity_changed", "API", quantity=(5, 8)),
        happened("2024-01-10", "subscription.change_scheduled", "API"),
        happened("2024-02-01", "subscription.quantity_changed", quantity=(8, 6)),
        renewed("2024-01-01", "2024-02-01", "2024-03-01"),
    ]
    await story.advance("2024-02-01")

    assert await story.news("acme") == expected
    assert (await story.entitlement("acme", "seats"))["limit"] == "6"


async def test_the_quantity_held_takes_a_pending_reduction_away(story: Story) -> None:
    acme = await story.subscribe("acme", "team", quantity=5)
    await story.act(documents.CHANGE, subscriptionId=acme, quantity=3)

    back = await story.act(documents.CHANGE, subscriptionId=acme, quantity=5)

    assert back == {
        "__typename": "SubscriptionChanged",
        "replayed": False,
        "replacedChanges": [waits_for_quantity("2024-02-01", 3, status="REPLACED")],
        "subscription": held("team", JANUARY, quantity=5),
    }
    again = await story.act(documents.CHANGE, subscriptionId=acme, quantity=5)
    assert again == {"__typename": "NothingChanges", "code": "NOTHING_CHANGES", "field": "quantity"}
    assert await story.news("acme") == [
        happened("2024-01-01", "subscription.change_scheduled", "API"),
        happened("2024-01-01", "subscription.change_undone", "API"),
    ]


async def test_an_add_on_joins_now_and_leaves_when_the_period_ends(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    assert (await story.entitlement("acme", "lfs_bandwidth"))["limit"] == "250"

    joined = await story.act(documents.CHANGE, subscriptionId=acme, addOns=[{"addOnId": "data_pack", "quantity": 2}])

    packs = [{"plan": "data_pack", "quantity": 2}]
    assert joined["subscription"] == held("team", JANUARY, addOns=packs)
    assert (await story.entitlement("acme", "lfs_bandwidth"))["limit"] == "350"
    left = await story.act(documents.CHANGE, subscriptionId=acme, addOns=[])
    change = waits_for_quantity("2024-02-01", 0, addOn="data_pack")
    assert left["subscription"] == held("team", JANUARY, addOns=packs, scheduledChanges=[change])
    expected = [
        happened("2024-01-01", "subscription.quantity_changed", "API", addOns=(None, {"data_pack": 2})),
        happened("2024-01-01", "subscription.change_scheduled", "API"),
        happened("2024-02-01", "subscription.quantity_changed", addOns=({"data_pack": 2}, None)),
        renewed("2024-01-01", "2024-02-01", "2024-03-01"),
    ]
    await story.advance("2024-02-01")

    assert await story.news("acme") == expected
    assert await story.subscription(acme) == held("team", FEBRUARY)
    assert (await story.entitlement("acme", "lfs_bandwidth"))["limit"] == "250"


async def test_a_pending_plan_change_takes_a_new_quantity_along(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", quantity=5, trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")

    more = await story.act(documents.CHANGE, subscriptionId=acme, quantity=9)

    change = waits("2024-02-01", "sch2", plan="team", quantity=9)
    assert more == {
        "__typename": "SubscriptionChanged",
        "replayed": False,
        "change": change,
        "replacedChanges": [waits("2024-02-01", plan="team", quantity=5, status="REPLACED")],
        "subscription": held("enterprise", JANUARY, quantity=9, scheduledChanges=[change]),
    }
    await story.advance("2024-02-01")
    assert await story.subscription(acme) == held("team", FEBRUARY, quantity=9)


async def test_a_pending_plan_change_takes_a_new_add_on_along(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")

    await story.act(documents.CHANGE, subscriptionId=acme, addOns=[{"addOnId": "data_pack", "quantity": 3}])
    await story.advance("2024-02-01")

    packs = [{"plan": "data_pack", "quantity": 3}]
    assert await story.subscription(acme) == held("team", FEBRUARY, addOns=packs)


async def test_a_pending_plan_change_leaves_behind_what_its_plan_does_not_take(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="free")

    await story.act(documents.CHANGE, subscriptionId=acme, addOns=[{"addOnId": "data_pack", "quantity": 1}])
    await story.advance("2024-02-01")

    assert await story.subscription(acme) == held("free", FEBRUARY)


async def test_a_plan_change_replaces_what_was_pending_and_names_it(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", quantity=5, trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    await story.act(documents.CHANGE, subscriptionId=acme, quantity=4)

    answer = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="free")

    change = waits("2024-02-01", "sch3", plan="free", quantity=5)
    assert {each["id"] for each in answer.pop("replacedChanges")} == {"sch2"}
    assert answer == {
        "__typename": "SubscriptionDowngraded",
        "replayed": False,
        "change": change,
        "subscription": held("enterprise", JANUARY, quantity=5, scheduledChanges=[change]),
    }


async def test_a_merchant_may_move_down_at_once_and_up_at_the_periods_end(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0, quantity=4)

    down = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team", timing="IMMEDIATE")
    up = await story.act(documents.CHANGE, subscriptionId=acme, quantity=6, timing="END_OF_PERIOD")

    assert down["subscription"] == held("team", JANUARY, quantity=4)
    change = waits_for_quantity("2024-02-01", 6)
    assert up["subscription"] == held("team", JANUARY, quantity=4, scheduledChanges=[change])
    await story.advance("2024-02-01")
    assert await story.subscription(acme) == held("team", FEBRUARY, quantity=6)


async def test_a_new_add_on_does_not_wait(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    packs = [{"addOnId": "data_pack", "quantity": 1}]

    refused = await story.act(documents.CHANGE, subscriptionId=acme, addOns=packs, timing="END_OF_PERIOD")

    assert refused == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": "timing"}
    assert await story.subscription(acme) == held("team", JANUARY)
    assert await story.news("acme") == []
