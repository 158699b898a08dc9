"""Asking for subscriptions."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from billing.lifecycle import State
from models.choices import SubscriptionOrder
from models.paging import Page
from models.views import SubscriptionView
from resolvers import subscriptions as resolved
from schema.info import Info
from schema.inputs import CustomerRef, customer_of
from schema.objects.subscription import COLUMNS, Subscription
from schema.promise import about, field_of, input_type, part_type
from schema.relay import FIRST, After, Connection, First, page_of
from schema.texts import given, optional_text, short_enough, single

MOST_STATES = 20


@input_type
class SubscriptionFilter:
    """Which subscriptions are wanted; what is left out does not matter."""

    state: list[State] | None = about("In one of these states; ACTIVE leaves pending cancellations out.", default=UNSET)
    customer: CustomerRef | None = about("Of this customer.", default=UNSET)
    plan_key: str | None = about("On this plan, by key or id.", default=UNSET)
    product: str | None = about("Of this product, by key or id.", default=UNSET)
    resource_id: str | None = about("For this resource.", default=UNSET)
    external_id: str | None = about("With this id of the host's.", default=UNSET)
    cancel_before: datetime | None = about("With a cancellation that takes effect before this.", default=UNSET)

    def to_filter(self) -> resolved.SubscriptionFilter:
        """Check what is wanted."""
        states = given(self.state)
        short_enough(states or (), "filter.state", MOST_STATES)
        return resolved.SubscriptionFilter(
            states=None if states is None else tuple(states),
            customer=customer_of(self.customer, "filter.customer"),
            plan=optional_text(self.plan_key, "filter.planKey"),
            product=optional_text(self.product, "filter.product"),
            resource=optional_text(self.resource_id, "filter.resourceId"),
            external_id=optional_text(self.external_id, "filter.externalId"),
            cancel_before=given(self.cancel_before),
        )


@part_type
class SubscriptionsQuery:
    """Subscriptions."""

    @field_of(Subscription | None)
    async def subscription(
        self,
        info: Info,
        id: Annotated[ID, strawberry.argument(description="Its id.")],
    ) -> SubscriptionView | None:
        """One subscription; null where there is no such one."""
        wanted = single(id)
        return await resolved.subscription(info.context, wanted) if wanted else None

    @field_of(Connection[Subscription])
    async def subscriptions(
        self,
        info: Info,
        filter: Annotated[SubscriptionFilter | None, strawberry.argument(description="Which ones.")] = UNSET,
        order_by: Annotated[
            SubscriptionOrder, strawberry.argument(description="How they are sorted.")
        ] = SubscriptionOrder.CREATED_DESC,
        first: First = FIRST,
        after: After = UNSET,
    ) -> Page[SubscriptionView]:
        """The subscriptions of the environment. (K10-K12, K16)"""
        wanted = given(filter) or SubscriptionFilter()
        columns = COLUMNS.of(info.below("edges", "node"))
        return await resolved.subscriptions(info.context, wanted.to_filter(), order_by, page_of(first, after), columns)
