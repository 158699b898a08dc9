"""One sequence per customer, one position per environment, and a worker that writes the scheduled instants. (C15)"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from models.rows import value
from models.tables.base import table
from models.tables.subscription import SubscriptionRow
from resolvers.entitlement_consume import EntitlementConsume, consume
from resolvers.inputs import CustomerRef
from tests.scenarios import documents
from tests.scenarios.story import ended, instant, renewed

if TYPE_CHECKING:
    import pytest

    from tests.scenarios.story import Story


async def everything(story: Story) -> list[dict[str, Any]]:
    """Read the environment's events in the order of their positions."""
    edges = (await story.world.ask(documents.EVENTS))["events"]["edges"]
    return [edge["node"] for edge in edges]


async def test_a_customers_events_are_one_sequence(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    beta = await story.subscribe("beta", "team")
    story.read.clear()
    for id in (acme, beta):
        await story.act(documents.CHANGE, subscriptionId=id, quantity=2)
        await story.act(documents.CANCEL, subscriptionId=id, timing="END_OF_PERIOD")
    await story.advance("2024-02-01")

    for external_id in ("acme", "beta"):
        events = await story.events(external_id)
        assert [int(event["sequence"]) for event in events] == sorted({int(event["sequence"]) for event in events})
        assert [event["type"] for event in events] == [
            "customer.created",
            "subscription.created",
            "invoice.finalized",
            "subscription.quantity_changed",
            "credit_note.created",
            "invoice.voided",
            "invoice.finalized",
            "subscription.cancellation_scheduled",
            "subscription.canceled",
            "invoice.created",
        ]


async def test_the_relay_gives_every_event_one_position_and_only_once(story: Story) -> None:
    await story.subscribe("acme", "team")
    assert await everything(story) == [], "what is not placed has no place in the environment's order"

    await story.world.worker().catch_up()
    first = await everything(story)
    await story.subscribe("beta", "team")
    await story.world.worker().catch_up()
    await story.world.worker().catch_up()
    second = await everything(story)

    assert second[: len(first)] == first
    assert [int(event["position"]) for event in second] == list(range(1, len(second) + 1))
    for customer in (await story.customer_id("acme"), await story.customer_id("beta")):
        own = [int(event["sequence"]) for event in second if event["ownerId"] == customer]
        assert own == sorted(own)
        assert len(own) == 3


async def test_who_came_first_and_waited_is_placed_by_its_number(story: Story) -> None:
    await story.subscribe("acme", "team")
    first = await story.world.context()
    story.world.clock.move(timedelta(milliseconds=5))
    second = await story.world.context()
    acme = CustomerRef(external_id="acme")

    for context, key in ((second, "second"), (first, "first")):
        await consume(context, EntitlementConsume(acme, "lfs_bandwidth", idempotency_key=key))
    await story.world.worker().catch_up()

    used = [event for event in await everything(story) if event["type"] == "usage.consumed"]
    assert [int(event["sequence"]) for event in used] == [4, 5]


async def test_after_downtime_every_event_has_its_scheduled_instant(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 4, 10))
    await story.news("acme")
    expected = [
        renewed("2024-01-01", "2024-02-01", "2024-03-01"),
        renewed("2024-02-01", "2024-03-01", "2024-04-01"),
        renewed("2024-03-01", "2024-04-01", "2024-04-10"),
        ended("2024-04-10"),
    ]
    await story.jump("2024-09-01")

    await story.world.worker().catch_up()

    assert await story.news("acme") == expected


async def test_an_act_makes_what_was_due_before_it_permanent_first(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.jump("2024-03-15")

    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    assert await story.news("acme") == [
        renewed("2024-01-01", "2024-02-01", "2024-03-01"),
        renewed("2024-02-01", "2024-03-01", "2024-04-01"),
        ended("2024-03-15", "API", periodEnd=("2024-04-01", "2024-03-15")),
    ]


async def test_an_environment_that_fails_does_not_stop_the_others(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    world = story.world
    bad = await story.subscribe("acme", "team")
    await world.settle("other", instant(2024))
    good = await world.subscribed("acme", "team", place="other", currency="USD", interval={"unit": "MONTH"})
    async with world.database.working() as session:
        rows = table(SubscriptionRow)
        await session.execute(update(rows).where(rows.c.id == bad).values(zone="Nowhere/Land"))
    await world.jump(instant(2024, 2, 1))
    await world.jump(instant(2024, 2, 1), place="other")

    await world.worker().catch_up()

    async with world.database.reading() as connection:
        stored = await value(connection, select(rows.c.period_start).where(rows.c.id == good))
    assert stored == instant(2024, 2, 1)
