"""The usage ledger."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from billing.amounts import format_amount
from models.choices import UsageKind
from models.views import UsageView
from resolvers import nodes
from schema.info import Info
from schema.objects.feature import Feature
from schema.promise import about, field, object_type
from schema.relay import Node, show, shows, sure
from schema.scalars import Amount

if TYPE_CHECKING:
    from schema.objects.customer import Customer


@shows(UsageView)
@object_type
class UsageRecord(Node):
    """One row of the usage ledger. Rows are never edited: a correction is another row, below zero."""

    view: strawberry.Private[UsageView]
    resource: str | None = about("The resource that was used; null is the customer as a whole.")
    kind: UsageKind = about("How the row came to be.")
    occurred_at: datetime = about("When it was used.")
    recorded_at: datetime = about("When it was written down.")
    reason: str | None = about("Why, of a correction.")

    @classmethod
    def of(cls, view: UsageView) -> "UsageRecord":
        """Show a row."""
        return cls(
            view=view,
            id=ID(view.id),
            resource=view.resource or None,
            kind=view.kind,
            occurred_at=view.occurred_at,
            recorded_at=view.recorded_at,
            reason=view.reason or None,
        )

    @field
    async def customer(self, info: Info) -> Annotated["Customer", strawberry.lazy("schema.objects.customer")] | None:
        """Who used it."""
        view = await nodes.customer_behind(info.context, self.view.customer_id)
        return show(view) if view else None

    @field
    async def feature(self, info: Info) -> Feature:
        """What was used."""
        return Feature.of(sure(await info.context.loaders.feature.load(self.view.feature_id)))

    @field
    async def amount(self, info: Info) -> Amount:
        """How much; below zero is a correction."""
        feature = sure(await info.context.loaders.feature.load(self.view.feature_id))
        return Amount(format_amount(self.view.amount, feature.scale))

    @field
    async def overage(self, info: Info) -> Amount:
        """How much of it lay above the limit when it was written; below zero where a correction took that back."""
        feature = sure(await info.context.loaders.feature.load(self.view.feature_id))
        return Amount(format_amount(self.view.over_amount, feature.scale))
