"""What is said ahead of a subscription of the scene."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.world import START

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CREATE = """mutation($input: SubscriptionCreateInput!) { subscriptionCreate(input: $input) {
  ... on SubscriptionCreated { subscription { id } } ... on UserError { code message field } } }"""
COUPON = """mutation($input: CouponCreateInput!) { couponCreate(input: $input) {
  ... on CouponCreated { coupon { id } } ... on UserError { code message field } } }"""
SCHEDULE = """mutation($input: SubscriptionScheduleCreateInput!) { subscriptionScheduleCreate(input: $input) {
  ... on SubscriptionScheduleCreated { schedule { id } } ... on UserError { code message field } } }"""


async def plan_ahead(done: Callable[..., Awaitable[Any]], wanted: dict[str, Any], name: str) -> tuple[str, str]:
    """Put a subscription that begins later, with a discount, under a schedule, of which a phase has a coupon: both."""
    await done(COUPON, key=f"{name}-ahead", name="Ahead", percentOff="5", duration="FOREVER")
    asked = {**wanted, "couponId": f"{name}-ahead", "startsAt": (START + timedelta(days=30)).isoformat()}
    planned: str = (await done(CREATE, **asked))["subscription"]["id"]
    made = await done(SCHEDULE, subscriptionId=planned, phases=[{"planId": "free", "couponId": f"{name}-ahead"}])
    return planned, made["schedule"]["id"]
