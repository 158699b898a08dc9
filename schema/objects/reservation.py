"""What is held for long jobs."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from billing.amounts import format_amount
from billing.entitlements.reservations import ReservationState
from models.views import ReservationView
from resolvers import nodes
from schema.info import Info
from schema.objects.explanation import amount_of
from schema.objects.feature import Feature
from schema.objects.usage_record import UsageRecord
from schema.promise import about, field, object_type
from schema.relay import Node, show, shows, sure
from schema.scalars import Amount

if TYPE_CHECKING:
    from schema.objects.customer import Customer


@shows(ReservationView)
@object_type
class Reservation(Node):
    """An amount held for a long job. It counts as taken until it is settled or released, or expires."""

    view: strawberry.Private[ReservationView]
    resource: str | None = about("The resource that it is for; null is the customer as a whole.")
    state: ReservationState = about("What became of it.")
    created_at: datetime = about("Since when it is held.")
    expires_at: datetime = about("Until when it is held at most.")
    ended_at: datetime | None = about("When it was settled or released, or expired; null while it is held.")

    @classmethod
    def of(cls, view: ReservationView) -> "Reservation":
        """Show a reservation."""
        return cls(
            view=view,
            id=ID(view.id),
            resource=view.resource or None,
            state=view.state,
            created_at=view.created_at,
            expires_at=view.expires_at,
            ended_at=view.ended_at,
        )

    @field
    async def customer(self, info: Info) -> Annotated["Customer", strawberry.lazy("schema.objects.customer")] | None:
        """Whose it is."""
        view = await nodes.customer_behind(info.context, self.view.customer_id)
        return show(view) if view else None

    @field
    async def feature(self, info: Info) -> Feature:
        """What it is of."""
        return Feature.of(sure(await info.context.loaders.feature.load(self.view.feature_id)))

    @field
    async def amount(self, info: Info) -> Amount:
        """How much was reserved."""
        feature = sure(await info.context.loaders.feature.load(self.view.feature_id))
        return Amount(format_amount(self.view.amount, feature.scale))

    @field
    async def settled_amount(self, info: Info) -> Amount | None:
        """What the job really used; null where it was not settled."""
        feature = sure(await info.context.loaders.feature.load(self.view.feature_id))
        return amount_of(self.view.settled_amount, feature.scale)

    @field
    async def record(self, info: Info) -> UsageRecord | None:
        """The ledger row that it was settled by."""
        found = await nodes.usage_behind(info.context, self.view.usage_id) if self.view.usage_id else None
        return UsageRecord.of(found) if found else None
