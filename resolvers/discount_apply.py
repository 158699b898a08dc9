"""Put a coupon on a subscription or on all that a customer has; what is billed already stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing.dataclass import dataclass
from billing.refusals import InvalidInput, SubscriptionEnded
from resolvers.acts import (
    act,
    demand_unarchived,
    found_customer,
    found_subscription,
    owner_customer,
    owner_of_subscription,
)
from resolvers.coupons import read_discount
from resolvers.discounting import Given, Target, give

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from models.coupon_views import DiscountView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class DiscountApply:
    """A coupon (by id or key) or a promotion code, and a customer or a subscription to put it on."""

    coupon: str | None = None
    promotion_code: str | None = None
    customer: CustomerRef | None = None
    subscription_id: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class DiscountApplied:
    """The discount as it is now."""

    discount: DiscountView
    replayed: bool


async def apply_discount(ctx: Context, command: DiscountApply) -> DiscountApplied:
    """Redeem a coupon."""
    if (command.coupon is None) == (command.promotion_code is None):
        raise InvalidInput("Give couponId or promotionCode, one of them.", field="couponId")
    if (command.customer is None) == (command.subscription_id is None):
        raise InvalidInput("Give customer or subscriptionId, one of them.", field="customer")
    given = Given(command.coupon, command.promotion_code)

    async def body(work: Work) -> dict[str, Any]:
        return {"discount_id": await give(work, given, await _target(ctx, work, command))}

    outcome, replayed = await act(ctx, "discountApply", command, _owner(ctx, command), body)
    return DiscountApplied(await read_discount(ctx, outcome["discount_id"]), replayed)


def _owner(ctx: Context, command: DiscountApply) -> Callable[[Work], Awaitable[str]]:
    if command.customer is not None:
        return owner_customer(ctx, command.customer)
    return owner_of_subscription(ctx, command.subscription_id or "")


async def _target(ctx: Context, work: Work, command: DiscountApply) -> Target:
    if command.customer is not None:
        return await _whole(ctx, work, command.customer)
    held = await found_subscription(ctx, work, command.subscription_id or "")
    facts = held.facts
    if not facts.live:
        raise SubscriptionEnded("The subscription has ended.", field="subscriptionId", ended_at=facts.ended_at)
    return Target(held.customer_id, facts.currency, facts.zone, facts)


async def _whole(ctx: Context, work: Work, ref: CustomerRef) -> Target:
    customer = await found_customer(ctx, work, ref)
    demand_unarchived(customer)
    return Target(customer.id, customer.currency or "", ZoneInfo(customer.zone) if customer.zone else ctx.env.zone)
