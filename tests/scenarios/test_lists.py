"""Lists filter by state, plan and date as of now, whether or not a worker made it permanent. (K10, K16)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

STATES = [
    "NOT_STARTED",
    "INCOMPLETE",
    "INCOMPLETE_EXPIRED",
    "TRIALING",
    "ACTIVE",
    "PAST_DUE",
    "UNPAID",
    "PAUSED",
    "CANCELING",
    "CANCELED",
    "COMPLETED",
    "PENDING_CANCELLATION",
]
DAYS = ["2024-01-01", "2024-01-10", "2024-01-20", "2024-01-31", "2024-02-01", "2024-02-15", "2024-03-01", "2024-06-01"]


async def listed(story: Story, **filter: Any) -> dict[str, str]:
    """List customers' subscriptions with their states, by name."""
    found = (await story.world.ask(documents.SUBSCRIPTIONS, filter=filter))["subscriptions"]["edges"]
    return {story.names.of(edge["node"]["id"]): edge["node"]["state"] for edge in found}


async def lives(story: Story) -> None:
    """Make one subscription of each sort, each named as its customer."""

    async def begun(external_id: str, plan: str, **more: Any) -> str:
        made = await story.subscribe(external_id, plan, **more)
        story.names.known[made] = external_id
        return made

    await begun("active", "team")
    at_end = await begun("at-end", "team")
    await story.act(documents.CANCEL, subscriptionId=at_end, timing="END_OF_PERIOD")
    beyond = await begun("beyond", "team")
    await story.act(documents.CANCEL, subscriptionId=beyond, timing="ON_DATE", date=instant(2024, 2, 15))
    gone = await begun("gone", "team")
    await story.act(documents.CANCEL, subscriptionId=gone, timing="IMMEDIATE")
    await begun("later", "enterprise", startsAt=instant(2024, 1, 10), trialDays=10)
    lower = await begun("lower", "enterprise", trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=lower, planId="team")
    dropped = await begun("lower-not", "enterprise", trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=dropped, planId="team")
    await story.act(documents.CANCEL, subscriptionId=dropped, timing="END_OF_PERIOD")
    await begun("trying", "enterprise")
    leaving = await begun("trying-not", "enterprise")
    await story.act(documents.CANCEL, subscriptionId=leaving, timing="END_OF_PERIOD")


async def test_the_states_in_sql_are_those_of_the_field_at_every_instant(story: Story) -> None:
    await lives(story)

    for day in DAYS:
        await story.jump(day)
        everybody = await listed(story)
        by_state = {state: await listed(story, state=[state]) for state in STATES}

        assert len(everybody) == 9
        assert by_state == {
            state: {name: each for name, each in everybody.items() if each == state} for state in STATES
        }, day


async def test_active_leaves_those_out_that_will_end(story: Story) -> None:
    await lives(story)

    assert await listed(story, state=["ACTIVE"]) == {"active": "ACTIVE", "lower": "ACTIVE"}
    assert await listed(story, state=["PENDING_CANCELLATION", "CANCELED"]) == {
        "at-end": "PENDING_CANCELLATION",
        "beyond": "PENDING_CANCELLATION",
        "gone": "CANCELED",
        "lower-not": "PENDING_CANCELLATION",
        "trying-not": "PENDING_CANCELLATION",
    }


async def test_every_filter_answers_the_same_before_and_after_the_worker(story: Story) -> None:
    await lives(story)
    filters: list[dict[str, Any]] = [
        {"planKey": "team"},
        {"planKey": "enterprise"},
        {"planKey": "team", "state": ["ACTIVE"]},
        {"cancelBefore": "2024-02-10T00:00:00Z"},
        {"cancelBefore": "2024-03-01T00:00:00Z", "state": ["PENDING_CANCELLATION"]},
        {"customer": {"externalId": "beyond"}},
    ]

    for day in DAYS:
        await story.jump(day)
        without = [await listed(story, **filter) for filter in filters]
        await story.world.worker().catch_up()

        assert [await listed(story, **filter) for filter in filters] == without, day


async def test_the_plan_of_a_list_is_the_plan_of_now(story: Story) -> None:
    await lives(story)
    await story.jump("2024-02-01")

    assert set(await listed(story, planKey="team")) == {"active", "at-end", "beyond", "gone", "lower"}
    assert set(await listed(story, planKey="enterprise")) == {"later", "lower-not", "trying", "trying-not"}


async def test_what_has_ended_is_not_about_to_end(story: Story) -> None:
    await lives(story)
    assert set(await listed(story, cancelBefore="2024-02-10T00:00:00Z")) == {"at-end", "lower-not", "trying-not"}

    await story.jump("2024-01-31")

    assert set(await listed(story, cancelBefore="2024-02-10T00:00:00Z")) == {"at-end", "lower-not"}
