"""What was given on top of a plan, or in its place."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from billing.entitlements.sources import AllowanceKind, FeatureKind
from models.views import FeatureView, GrantView, OverrideView
from resolvers import nodes
from schema.info import Info
from schema.objects.explanation import amount_of
from schema.objects.feature import Feature
from schema.promise import about, field, object_type
from schema.relay import Node, show, shows, sure
from schema.scalars import JSON, Amount

if TYPE_CHECKING:
    from schema.objects.customer import Customer


@shows(GrantView)
@object_type
class Grant(Node):
    """An allowance on top of the limit, or a granted boolean or value."""

    view: strawberry.Private[GrantView]
    resource: str | None = about("The resource that it is for; null is the customer as a whole.")
    kind: AllowanceKind = about("Where it came from.")
    value: JSON | None = about("The value, of a configuration feature.")
    priority: int = about("When it burns: lower first; limits have 50 where the plan says nothing else.")
    starts_at: datetime = about("Since when it counts.")
    expires_at: datetime | None = about("Until when it counts; null is for good.")
    revoked_at: datetime | None = about("When it was taken back.")
    reason: str | None = about("Why it was given.")
    created_at: datetime = about("When it was given.")

    @classmethod
    def of(cls, view: GrantView) -> "Grant":
        """Show a grant."""
        return cls(
            view=view,
            id=ID(view.id),
            resource=view.resource or None,
            kind=view.kind,
            value=None if view.value is None else JSON(view.value),
            priority=view.priority,
            starts_at=view.starts_at,
            expires_at=view.expires_at,
            revoked_at=view.revoked_at,
            reason=view.reason or None,
            created_at=view.created_at,
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
    async def amount(self, info: Info) -> Amount | None:
        """How much it holds in all; null where the feature is not metered."""
        return amount_of(self.view.amount, _scale(sure(await info.context.loaders.feature.load(self.view.feature_id))))

    @field
    async def used(self, info: Info) -> Amount | None:
        """How much of it burned; null where the feature is not metered."""
        return amount_of(self.view.used, _scale(sure(await info.context.loaders.feature.load(self.view.feature_id))))


@shows(OverrideView)
@object_type
class Override(Node):
    """What stands in place of every other source while it runs."""

    view: strawberry.Private[OverrideView]
    resource: str | None = about("The resource that it is for; null is the customer as a whole.")
    revoked: bool = about("Whether it takes access away.")
    hard: bool = about("Whether its limit denies what is above it.")
    value: JSON | None = about("The value, of a configuration feature.")
    starts_at: datetime = about("Since when it stands.")
    ends_at: datetime | None = about("Until when it stands; null is for good.")
    cleared_at: datetime | None = about("When it was taken back, or when it gives way to the next one.")
    reason: str | None = about("Why it was set.")
    created_at: datetime = about("When it was set.")

    @classmethod
    def of(cls, view: OverrideView) -> "Override":
        """Show an override."""
        return cls(
            view=view,
            id=ID(view.id),
            resource=view.resource or None,
            revoked=view.revoked,
            hard=view.hard,
            value=None if view.value is None else JSON(view.value),
            starts_at=view.starts_at,
            ends_at=view.ends_at,
            cleared_at=view.cleared_at,
            reason=view.reason or None,
            created_at=view.created_at,
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
    async def limit(self, info: Info) -> Amount | None:
        """How much may be used per window; null where it is unlimited or the feature is not metered."""
        return amount_of(self.view.limit, _scale(sure(await info.context.loaders.feature.load(self.view.feature_id))))

    @field
    async def unlimited(self, info: Info) -> bool:
        """Whether it lifts the limit of a metered feature."""
        feature = sure(await info.context.loaders.feature.load(self.view.feature_id))
        return feature.kind is FeatureKind.METERED and self.view.limit is None and not self.view.revoked


def _scale(feature: FeatureView) -> int | None:
    return feature.scale if feature.kind is FeatureKind.METERED else None
