"""Any object by its id: the prefix says what it is, the rules of that kind say whether it may be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from models.coupon_views import CouponView, DiscountView, PromotionCodeView
from models.ids import kind_of
from models.invoice_views import InvoiceView
from models.job_views import JobView
from models.schedule_views import ScheduleView
from models.views import (
    ApiKeyView,
    CustomerView,
    EventView,
    FeatureView,
    GrantView,
    OverrideView,
    PlanView,
    ProductView,
    ReservationView,
    ScheduledChangeView,
    SubscriptionView,
    UsageView,
)
from resolvers.access import demand, may, own_customer, own_subscription

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from models.reader import Reader
    from resolvers.context import Context

NodeView: TypeAlias = (
    ApiKeyView
    | CouponView
    | CustomerView
    | DiscountView
    | EventView
    | FeatureView
    | GrantView
    | InvoiceView
    | JobView
    | OverrideView
    | PlanView
    | ProductView
    | PromotionCodeView
    | ReservationView
    | ScheduledChangeView
    | ScheduleView
    | SubscriptionView
    | UsageView
)

_OPERATION = {
    "ApiKey": "apiKeys",
    "Coupon": "coupon",
    "Customer": "customer",
    "Discount": "subscription",
    "Event": "events",
    "Feature": "features",
    "Grant": "grants",
    "Invoice": "invoices",
    "Job": "job",
    "Override": "overrides",
    "Plan": "plan",
    "Product": "products",
    "PromotionCode": "coupon",
    "Reservation": "reservations",
    "ScheduledChange": "subscription",
    "SubscriptionSchedule": "subscription",
    "Subscription": "subscription",
    "UsageRecord": "usageRecords",
}


async def node(ctx: Context, node_id: str) -> NodeView | None:
    """Find an object of any kind; None for unknown, malformed and another's alike."""
    demand(ctx, "node")
    kind = kind_of(node_id)
    if kind is None or kind not in _OPERATION or not may(ctx, _OPERATION[kind]):
        return None
    async with ctx.read() as read:
        found = await _find(ctx, read, kind, node_id)
    return found if found is not None and _own(ctx, found) else None


async def customer_behind(ctx: Context, customer_id: str) -> CustomerView | None:
    """Follow another object to its customer, for whom the customer itself is open to."""
    demand(ctx, "customer")
    return await ctx.loaders.customer.load(customer_id)


async def customers_behind(ctx: Context, customer_ids: Sequence[str]) -> list[CustomerView | None]:
    """Follow several to theirs, as one is followed."""
    demand(ctx, "customer")
    return await ctx.loaders.customer.load_many(customer_ids)


async def subscription_behind(ctx: Context, subscription_id: str) -> SubscriptionView | None:
    """Follow another object to its subscription, for whom the subscription itself is open to."""
    demand(ctx, "subscription")
    return await ctx.loaders.subscription.load(subscription_id)


async def invoice_behind(ctx: Context, invoice_id: str) -> InvoiceView | None:
    """Follow another object to its invoice, for whom invoices are open to."""
    demand(ctx, "invoices")
    return await ctx.loaders.invoice.load(invoice_id)


async def usage_behind(ctx: Context, usage_id: str) -> UsageView | None:
    """Follow another object to its ledger row, for whom the ledger itself is open to."""
    demand(ctx, "usageRecords")
    async with ctx.read() as read:
        return await read.usage.by_id(usage_id)


async def subscription_if_open(ctx: Context, subscription_id: str) -> SubscriptionView | None:
    """Follow a job's item to its subscription; None for a key that may not read subscriptions."""
    return await ctx.loaders.subscription.load(subscription_id) if may(ctx, "subscription") else None


async def job_behind(ctx: Context, job_id: str | None) -> JobView | None:
    """Follow another object to the job that caused it, for whom jobs are open to."""
    return await ctx.loaders.job.load(job_id) if job_id and may(ctx, "job") else None


async def _find(ctx: Context, read: Reader, kind: str, node_id: str) -> NodeView | None:
    if kind == "ApiKey":
        return await read.keys.by_id(ctx.env.id, node_id)
    finders: dict[str, Callable[[str], Awaitable[NodeView | None]]] = {
        "Coupon": read.coupons.coupon,
        "Customer": read.customers.by_id,
        "Discount": read.discounts.by_id,
        "Event": read.journal.by_id,
        "Feature": read.catalog.feature,
        "Grant": read.entitlements.grant,
        "Invoice": read.invoices.by_id,
        "Job": read.jobs.by_id,
        "Override": read.entitlements.override,
        "Plan": read.catalog.plan,
        "Product": read.catalog.product,
        "PromotionCode": read.coupons.code,
        "Reservation": read.reservations.by_id,
        "ScheduledChange": read.subscriptions.change,
        "Subscription": read.subscriptions.by_id,
        "SubscriptionSchedule": read.schedules.by_id,
        "UsageRecord": read.usage.by_id,
    }
    return await finders[kind](node_id)


def _own(ctx: Context, found: NodeView) -> bool:
    if isinstance(found, SubscriptionView):
        return own_subscription(ctx, found.customer_id, found.id)
    if isinstance(found, (ScheduledChangeView, ScheduleView, InvoiceView, DiscountView)):
        whole = isinstance(found, DiscountView) and not found.subscription_id
        return own_subscription(ctx, found.customer_id, found.subscription_id) or (
            whole and own_customer(ctx, found.customer_id)
        )
    if isinstance(found, CustomerView):
        return own_customer(ctx, found.id)
    if isinstance(found, EventView):
        return own_subscription(ctx, found.owner_id, found.subject_id)
    if isinstance(found, (GrantView, OverrideView, ReservationView, UsageView)):
        return own_customer(ctx, found.customer_id)
    return True
