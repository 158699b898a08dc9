"""An add-on that went off sale: who has it keeps it, at any quantity, and nobody else gets it. (K2)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

ARCHIVE = """mutation { planArchive(input: {planId: "data_pack"}) {
  __typename ... on PlanArchiveDone { plan { key } live } ... on UserError { code } } }"""
ITEMS = """query($id: ID!) { subscription(id: $id) { status items { plan { key } quantity addOn } } }"""
REFUSED = {"__typename": "PlanNotAvailable", "code": "PLAN_NOT_AVAILABLE", "field": "addOns"}


def packs(quantity: int) -> list[dict[str, Any]]:
    """So many data packs."""
    return [{"addOnId": "data_pack", "quantity": quantity}]


async def held(story: Story, subscription: str) -> tuple[str, int]:
    """The status, and how many packs there are."""
    found = (await story.world.ask(ITEMS, id=subscription))["subscription"]
    return found["status"], sum(item["quantity"] for item in found["items"] if item["addOn"])


async def test_an_archived_add_on_renews_and_changes_quantity_and_is_sold_to_nobody_new(story: Story) -> None:
    has = await story.subscribe("acme", "team", quantity=3, addOns=packs(2))
    lacks = await story.subscribe("rival", "team", quantity=3)

    archived = (await story.world.ask(ARCHIVE))["planArchive"]
    await story.advance(instant(2024, 2, 3))
    renewed = await held(story, has)
    more = await story.act(documents.CHANGE, subscriptionId=has, addOns=packs(5), timing="IMMEDIATE")
    raised = await held(story, has)
    joined = await story.act(documents.CHANGE, subscriptionId=lacks, addOns=packs(1))
    made = await story.create("rival", "team", quantity=1, resourceId="b", addOns=packs(1))
    await story.act(documents.CANCEL, subscriptionId=has, timing="END_OF_PERIOD")
    await story.advance(instant(2024, 3, 3))

    assert archived == {"__typename": "PlanArchiveDone", "plan": {"key": "data_pack"}, "live": 1}
    assert (renewed, raised) == (("ACTIVE", 2), ("ACTIVE", 5))
    assert more["__typename"] == "SubscriptionChanged"
    assert [{name: each[name] for name in REFUSED} for each in (joined, made)] == [REFUSED, REFUSED]
    assert await held(story, lacks) == ("ACTIVE", 0)
    assert (await held(story, has))[0] == "CANCELED"


async def test_an_add_on_that_was_given_up_after_it_went_off_sale_does_not_come_back(story: Story) -> None:
    has = await story.subscribe("acme", "team", quantity=3, addOns=packs(2))
    await story.world.ask(ARCHIVE)
    await story.act(documents.CHANGE, subscriptionId=has, addOns=[], timing="IMMEDIATE")

    back = await story.act(documents.CHANGE, subscriptionId=has, addOns=packs(1), timing="IMMEDIATE")

    assert {name: back[name] for name in REFUSED} == REFUSED
    assert await held(story, has) == ("ACTIVE", 0)
