"""The acts of schedules, and what stays open for good, as the tests of who may ask them."""

from __future__ import annotations

from typing import Final

from tests.resolvers.root_field import MANAGE, REFUSED, act, question

WRITE: Final = "subscriptions:write"

SCHEDULE_QUESTIONS = (
    question(
        "subscriptionSchedulePreview",
        "($input: SubscriptionSchedulePreviewInput!) (input: $input)",
        f"{{ __typename ... on SubscriptionSchedulePreview {{ endsAt phases {{ startsAt }} }} {REFUSED} }}",
        lambda h: {"input": {"subscriptionId": h.plain, "phases": [{"planId": "free"}]}},
        scope="subscriptions:read",
        payload="SubscriptionSchedulePreview",
    ),
)
SCHEDULE_ACTS = (
    act(
        "subscriptionUpdate",
        "SubscriptionUpdated",
        "subscription { id cancellation { reason } } replayed",
        lambda h: {"subscriptionId": h.cancelling, "cancellationReason": "UNUSED"},
        scope=WRITE,
        customer=MANAGE,
        bound="cancelling",
        merchants={"metadata": {"crm": "7"}},
    ),
    act(
        "subscriptionScheduleCreate",
        "SubscriptionScheduleCreated",
        "schedule { id phases { startsAt } } subscription { id } replayed",
        lambda h: {"subscriptionId": h.plain, "phases": [{"planId": "free"}]},
        scope=WRITE,
    ),
    act(
        "subscriptionScheduleUpdate",
        "SubscriptionScheduleUpdated",
        "schedule { id phases { startsAt } } subscription { id } replayed",
        lambda h: {"id": h.schedule, "phases": [{"planId": "free", "couponId": h.coupon}]},
        scope=WRITE,
    ),
    act(
        "subscriptionScheduleRelease",
        "SubscriptionScheduleReleased",
        "schedule { id status } subscription { id } replayed",
        lambda h: {"id": h.schedule},
        scope=WRITE,
    ),
)
