"""Schedules in stories: the acts, and the phases in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.scenarios.documents import TOLD, act

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

_SCHEDULE: Final = """fragment Planned on SubscriptionSchedule {
  id status endBehavior endsAt settledAt
  phases { startsAt endsAt trial prorationBehavior plan { key } items { quantity addOn } coupon { key } }
}"""
_MADE: Final = "schedule { ...Planned } subscription { ...Told }"
_MANAGED: Final = "... on ManagedBySchedule { scheduleId } ... on ScheduleOver { scheduleStatus }"
CREATE: Final = act(
    "subscriptionScheduleCreate", "SubscriptionScheduleCreateInput",
    f"... on SubscriptionScheduleCreated {{ replayed {_MADE} replacedChanges {{ kind status }} }}"
    " ... on ManagedBySchedule { scheduleId }", TOLD, _SCHEDULE,
)  # fmt: skip
UPDATE: Final = act(
    "subscriptionScheduleUpdate", "SubscriptionScheduleUpdateInput",
    f"... on SubscriptionScheduleUpdated {{ {_MADE} }} ... on ScheduleOver {{ scheduleStatus }}", TOLD, _SCHEDULE,
)  # fmt: skip
RELEASE: Final = act(
    "subscriptionScheduleRelease", "SubscriptionScheduleReleaseInput",
    f"... on SubscriptionScheduleReleased {{ {_MADE} }} ... on ScheduleOver {{ scheduleStatus }}", TOLD, _SCHEDULE,
)  # fmt: skip
READ: Final = "query($id: ID!) { node(id: $id) { ... on SubscriptionSchedule { ...Planned } } }" + _SCHEDULE
PREVIEW: Final = """query($input: SubscriptionSchedulePreviewInput!) {
  answer: subscriptionSchedulePreview(input: $input) { __typename ... on UserError { code field }
  ... on SubscriptionSchedulePreview { endsAt phases { startsAt endsAt plan { key } }
    money { invoicedNow { total { amount } } upcoming { total { amount } madeAt } waiting { kind net { amount } } } }
} }"""


async def scheduled(story: Story, subscription_id: str, *phases: Told, **more: Any) -> str:
    """Put a subscription under a schedule and answer the schedule's id."""
    asked = {"subscriptionId": subscription_id, "phases": list(phases), **more}
    made = await story.world.ask(CREATE, input=asked)
    found: str = made["answer"]["schedule"]["id"]
    return found


async def planned(story: Story, schedule_id: str) -> list[str]:
    """Tell a schedule in a line, and each of its phases."""
    found = story.names.plain((await story.world.ask(READ, id=schedule_id))["node"])
    first = f"{found['status']} {found['endBehavior']} {found['endsAt']}"
    return [first, *map(_phase, found["phases"])]


def _phase(phase: Told) -> str:
    number = next(item["quantity"] for item in phase["items"] if not item["addOn"])
    extra = [word for word in ("trial" if phase["trial"] else "", phase.get("coupon", "")) if word]
    return " ".join([phase["startsAt"], "to", phase.get("endsAt", "on"), phase["plan"], f"x{number}", *extra])


async def foreseen(story: Story, subscription_id: str, *phases: Told, **more: Any) -> tuple[list[str], list[str]]:
    """Tell when phases would begin, and what the next invoices would come to."""
    asked = {"subscriptionId": subscription_id, "phases": list(phases), **more}
    told: Told = story.names.plain((await story.world.ask(PREVIEW, input=asked))["answer"])
    assert told["__typename"] == "SubscriptionSchedulePreview", told
    assert "invoicedNow" not in told["money"]
    begun = [f"{each['startsAt']} {each['plan']}" for each in told["phases"]]
    return begun, [f"{each['madeAt']} {each['total']['amount']}" for each in told["money"].get("upcoming", ())]


async def types(story: Story, external_id: str) -> list[str]:
    """Tell what happened since this was asked last: when, and what."""
    told = await story.events(external_id)
    return [f"{story.names.plain(each['occurredAt'])} {each['type']}" for each in told]
