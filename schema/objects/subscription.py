"""What a customer has."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import strawberry
from strawberry import ID, UNSET

from billing.actions import Audience, Closed
from billing.instalments import in_last_period
from billing.invoicing.values import BillingMode
from billing.lifecycle import (
    Action,
    CancelReason,
    CancelTiming,
    Cause,
    Channel,
    CollectionBehavior,
    State,
    Status,
)
from billing.subscriptions import Facts, Item
from billing.trials import TrialEnding, present_ending
from models.choices import BilledBy, Collection
from models.columns import WHOLE
from models.views import CancellationView, CustomerView, PlanCard, ProductView, SubscriptionView
from resolvers import nodes
from resolvers import subscriptions as resolved
from resolvers.coupons import discount_of_subscription
from resolvers.deciding import EntitlementView
from resolvers.entitlements import entitlements
from resolvers.inputs import CustomerRef
from resolvers.instalments import instalments_of
from resolvers.loaders import OfVersion
from resolvers.schedules import schedule_behind
from schema.columns import Columns
from schema.info import Info
from schema.objects.discount import Discount
from schema.objects.entitlement import Entitlement
from schema.objects.instalments import Instalments
from schema.objects.period import Interval, Period
from schema.objects.plan import COLUMNS as OF_PLAN
from schema.objects.plan import Plan
from schema.objects.price import Price
from schema.objects.product import Product
from schema.promise import about, field, field_of, object_type, shown, together
from schema.relay import NAMED, Node, show, shows, sure
from schema.scalars import Metadata
from schema.texts import given

if TYPE_CHECKING:
    from schema.objects.customer import Customer
    from schema.objects.schedule import SubscriptionSchedule
    from schema.objects.scheduled_change import ScheduledChange

RENEWS = frozenset({Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID})


@object_type
class SubscriptionItem:
    """The plan or an add-on of a subscription, at one price and quantity."""

    item: strawberry.Private[Item]
    quantity: int = about("How many of it.")
    add_on: bool = about("Whether it is an add-on.")

    @classmethod
    def of(cls, item: Item) -> "SubscriptionItem":
        """Show an item."""
        return cls(item=item, quantity=item.quantity, add_on=item.add_on)

    @field
    async def plan(self, info: Info) -> Plan:
        """The version of the plan or add-on."""
        return Plan.of(sure(await info.context.loaders.plan_version.load(OfVersion(self.item.plan_version_id))))

    @field
    async def price(self, info: Info) -> Price | None:
        """What it costs, perhaps an older version's price that a plan migration kept; null where nothing is charged."""
        if not self.item.price_id:
            return None
        return Price.of(sure(await info.context.loaders.price.load(self.item.price_id)))


@object_type
class SubscriptionCancellation:
    """Who asked to end the subscription, when and why; kept after it is undone. (T10)"""

    view: strawberry.Private[CancellationView]
    timing: CancelTiming = about("When it was to take effect.")
    reason: CancelReason | None = about("The reason that was given.")
    channel: Channel = about("Where the request came from.")
    requested_at: datetime = about("When it was asked for.")
    effective_at: datetime = about("When it takes effect, or took.")
    undone_at: datetime | None = about("When it was taken back.")

    @classmethod
    def of(cls, view: CancellationView) -> "SubscriptionCancellation":
        """Show a cancellation."""
        return cls(
            view=view,
            timing=view.timing,
            reason=view.reason,
            channel=view.channel,
            requested_at=view.requested_at,
            effective_at=view.effective_at,
            undone_at=view.undone_at,
        )

    @field
    def replaced_by_subscription_id(self, info: Info) -> ID | None:
        """The customer's subscription that took its place, where one was named and may be seen. (K6)"""
        own = info.context.principal.subscription_id
        return ID(self.view.replaced_by_id) if self.view.replaced_by_id and own is None else None

    @field
    def comment(self, info: Info) -> str | None:
        """What was said about it; customers are shown what they said themselves."""
        own = self.view.said_by in (Channel.CUSTOMER, Channel.PORTAL)
        return self.view.comment if own or info.context.principal.merchant else None

    @field
    def actor(self, info: Info) -> str | None:
        """The human on the merchant's side who asked, where one was named; shown to the merchant only."""
        return (self.view.actor or None) if info.context.principal.merchant else None


@object_type
class AvailableAction:
    """One thing that could be done to a subscription, and whether it can be done now. (S1)"""

    kind: Action = about("What it is.")
    enabled: bool = about("Whether it can be done now by those for whom the list is made.")
    reason_code: Closed | None = about("Why it cannot be done.")
    label: str = about("The text of its button, in the language of the customer.")
    url: str | None = about("Where it is done, where that is not a mutation.")

    @classmethod
    def of(cls, view: resolved.ActionView) -> "AvailableAction":
        """Show an action."""
        return cls(
            kind=view.kind,
            enabled=view.enabled,
            reason_code=view.reason_code,
            label=view.label,
            url=view.url,
        )


async def _customers(info: Info, views: Sequence[SubscriptionView]) -> list[CustomerView]:
    return [sure(each) for each in await nodes.customers_behind(info.context, [view.customer_id for view in views])]


async def _plans(info: Info, views: Sequence[SubscriptionView]) -> list[PlanCard]:
    columns = OF_PLAN.of(info.wanted)
    wanted = [OfVersion(view.plan_version_id, columns) for view in views]
    return [sure(each) for each in await info.context.loaders.plan_version.load_many(wanted)]


async def _products(info: Info, views: Sequence[SubscriptionView]) -> list[ProductView]:
    return [sure(each) for each in await info.context.loaders.product.load_many([view.product_id for view in views])]


@shows(SubscriptionView)
@object_type
class Subscription(Node):
    """What a customer has of a product. Everything here is as of now, also what no worker has made permanent yet."""

    view: strawberry.Private[SubscriptionView]
    id: ID = shown(NAMED, "id")
    status: Status = shown("Where it stands; a pending cancellation is not a status.", "status")
    state: State = shown("Its status, or PENDING_CANCELLATION: what lists filter by. (K16)", "facts.state")
    quantity: int = shown("How many of the plan: seats, workspaces.", "facts.quantity")
    resource_id: str | None = shown(
        "The website, workspace or the like that it is for, where there are several.",
        lambda view: view.resource_id or None,
    )
    external_id: str | None = shown("The host's own id, unique in the environment.", "external_id")
    currency: str | None = shown(
        "The ISO 4217 code of the currency in which it is held: null until a price is agreed, the same ever after.",
        lambda view: view.facts.currency or None,
    )
    interval: Interval = shown("How often it renews.", lambda view: Interval.of(view.facts.interval))
    billing_mode: BillingMode = shown(
        "What a credit is a share of, and whether a cancel date moves the anchor. (C19)", "facts.billing_mode"
    )
    anchor: datetime = shown(
        "From when periods are counted; in CLASSIC a cancel date inside the period meanwhile.",
        "facts.billing_anchor",
    )
    starts_at: datetime = shown("When it began or will.", "facts.starts_at")
    trial_end: datetime | None = shown("When the trial ends or ended.", "facts.trial_end")
    trial_ending: TrialEnding | None = shown(
        "What the trial's end does, or did, where there is no payment method by then; null where there is no trial.",
        lambda view: view.facts.trial_ending if view.facts.trial_end else None,
    )
    current_period: Period = shown(
        "The present period; a cancellation that falls into it cuts it short.",
        lambda view: Period.of(view.facts.period),
    )
    natural_period_end: datetime = shown(
        "When the present period would end without a cancellation. (K15)", "facts.natural_end"
    )
    renews_at: datetime | None = shown(
        "When it renews next; null where it will not.", lambda view: renews_at(view.facts)
    )
    cancel_at: datetime | None = shown("When a pending cancellation takes effect.", "facts.cancel_at")
    ended_at: datetime | None = shown("When it ended.", "facts.ended_at")
    ended_cause: Cause | None = shown("Whether somebody asked for the end or it came about.", "ended_cause")
    access_until: datetime | None = shown(
        "Until when it gives access after its end, where that is later.", "facts.access_until"
    )
    collection: Collection = shown("Whether payments are collected.", "collection")
    collection_behavior: CollectionBehavior | None = shown(
        "What becomes of invoices while payments are not collected. (C1)",
        lambda view: view.facts.collection_pause.behavior if view.facts.collection_pause else None,
    )
    collection_resumes_at: datetime | None = shown(
        "When payments are collected again by itself.",
        lambda view: view.facts.collection_pause.resumes_at if view.facts.collection_pause else None,
    )
    grace_until: datetime | None = shown(
        "Until when it gives access though a payment is late.",
        lambda view: view.facts.grace_until if view.facts.live else None,
    )
    billed_by: BilledBy = shown("Who bills it.", "billed_by")
    metadata: Metadata = shown("The merchant's own notes.", "metadata")
    created_at: datetime = shown("When it was made.", "created_at")
    customer: Annotated["Customer", strawberry.lazy("schema.objects.customer")] = together(
        "Whose it is.", _customers, show
    )
    plan: Plan = together("The plan version that it is on.", _plans, Plan)
    product: Product = together("What is sold by it.", _products, Product)

    @classmethod
    def of(cls, view: SubscriptionView) -> "Subscription":
        """Show a subscription; what is not asked for of it is not written."""
        return cls(view=view)

    @field
    def items(self) -> list[SubscriptionItem]:
        """The plan and the add-ons, each at its price and quantity."""
        return [SubscriptionItem.of(item) for item in self.view.facts.items]

    @field
    def add_ons(self) -> list[SubscriptionItem]:
        """The add-ons alone."""
        return [SubscriptionItem.of(item) for item in self.view.facts.items if item.add_on]

    @field
    def scheduled_changes(
        self,
    ) -> list[Annotated["ScheduledChange", strawberry.lazy("schema.objects.scheduled_change")]]:
        """What is pending, soonest first."""
        pending = sorted(self.view.changes, key=lambda view: (view.applies_at, view.id))
        return [show(view) for view in pending]

    @field
    def cancellation(self) -> SubscriptionCancellation | None:
        """The latest cancellation, also after it was undone. A schedule's end is none: `schedule` tells that one."""
        return SubscriptionCancellation.of(self.view.cancellation) if self.view.cancellation else None

    @field
    async def available_actions(
        self,
        info: Info,
        as_: Annotated[
            Audience | None,
            strawberry.argument(name="as", description="For whom: a merchant may ask what the customer could do."),
        ] = UNSET,
    ) -> list[AvailableAction]:
        """Every action and whether it is open, in the order in which a page shows them. (S1)"""
        views = await resolved.available_actions(info.context, self.view, given(as_))
        return [AvailableAction.of(view) for view in views]

    @field_of(list[Entitlement])
    async def entitlements(self, info: Info) -> list[EntitlementView]:
        """What the customer may use here: with its resource, from all sources."""
        return await entitlements(
            info.context,
            CustomerRef(id=self.view.customer_id),
            resource=self.view.resource_id or None,
            at=None,
            features=None,
        )

    @field
    async def schedule(
        self, info: Info
    ) -> Annotated["SubscriptionSchedule", strawberry.lazy("schema.objects.schedule")] | None:
        """The schedule that says what comes next; null where none is in charge. (C9)"""
        view = await schedule_behind(info.context, self.view.facts.schedule_id)
        return show(view) if view else None

    @field
    async def instalments(self, info: Info) -> Instalments | None:
        """How far its instalments are, and what is still owed; null where it renews until it is ended. (K4)"""
        view = await instalments_of(info.context, self.view)
        return Instalments.of(view) if view else None

    @field
    async def discount(self, info: Info) -> Discount | None:
        """What runs on it alone; the customer's discount speaks for what this one does not fit."""
        view = await discount_of_subscription(info.context, self.view.id)
        return Discount.of(view) if view else None


def renews_at(facts: Facts) -> datetime | None:
    """When a payment is due next: at the trial's or period's end, unless the subscription ends by then."""
    if facts.status not in RENEWS or in_last_period(facts):
        return None
    if facts.trying and present_ending(facts) is not TrialEnding.CREATE_INVOICE:
        return None
    due = facts.trial_end if facts.status is Status.TRIALING and facts.trial_end else facts.natural_end
    return None if facts.cancel_at is not None and facts.cancel_at <= due else due


COLUMNS: Final = Columns(
    Subscription,
    resourceId="resource_id",
    endedCause=WHOLE,
    customer="customer_id",
    plan="plan_version_id",
    product="product_id",
)
