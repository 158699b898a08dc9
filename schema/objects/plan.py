"""Plans and add-ons, and what they give."""

from datetime import datetime
from typing import Final

import strawberry
from strawberry import ID

from billing.catalog.values import PlanKind
from billing.entitlements.sources import AddOnBehaviour, FeatureKind, Give, ResetAnchor, ResetEvery
from billing.instalments import AccessAfterCompletion
from models.views import FeatureView, GiveView, PlanCard, PlanView
from resolvers import catalog
from schema.columns import Columns
from schema.info import Info
from schema.objects.explanation import amount_of
from schema.objects.feature import COLUMNS as OF_FEATURE
from schema.objects.feature import Feature
from schema.objects.price import Price
from schema.objects.product import Product
from schema.promise import about, field, object_type
from schema.relay import Node, shows, sure
from schema.scalars import JSON, Amount, Metadata

GIVEN: Final = Columns(
    {
        "granted": "granted",
        "value": "value",
        "limit": "limit feature.kind feature.scale",
        "unlimited": "limit feature.kind",
        "hard": "hard feature.kind",
        "resetEvery": "reset feature.kind",
        "resetAnchor": "reset_anchor feature.kind",
        "rolloverMaximum": "rollover_maximum feature.scale",
        "rolloverMinimum": "rollover_maximum rollover_minimum feature.scale",
        "perQuantity": "per_quantity",
        "behaviour": "behaviour",
    }
)


@object_type
class PlanEntitlement:
    """What a plan or add-on version gives of one feature."""

    give: strawberry.Private[Give]
    of_feature: strawberry.Private[FeatureView]

    @classmethod
    def of(cls, view: GiveView) -> "PlanEntitlement":
        """Show what is given; what is not asked for of it was not even read."""
        return cls(give=view.give, of_feature=view.feature)

    @property
    def metered(self) -> bool:
        """Whether it is counted."""
        return self.of_feature.kind is FeatureKind.METERED

    @field
    def feature(self) -> Feature:
        """The feature."""
        return Feature.of(self.of_feature)

    @field
    def granted(self) -> bool:
        """Whether a boolean feature is given."""
        return self.give.granted

    @field
    def value(self) -> JSON | None:
        """The value of a configuration feature."""
        return None if self.give.value is None else JSON(self.give.value)

    @field
    def limit(self) -> Amount | None:
        """How much of a metered feature per window; null where it is unlimited or not metered."""
        return amount_of(self.give.limit if self.metered else None, self.of_feature.scale)

    @field
    def unlimited(self) -> bool:
        """Whether a metered feature has no limit."""
        return self.metered and self.give.limit is None

    @field
    def hard(self) -> bool | None:
        """Whether the limit denies what is above it; null where nothing is counted."""
        return self.give.hard if self.metered else None

    @field
    def reset_every(self) -> ResetEvery | None:
        """When counting begins again; null where nothing is counted."""
        return self.give.reset if self.metered else None

    @field
    def reset_anchor(self) -> ResetAnchor | None:
        """What windows are counted from; null where nothing is counted."""
        return self.give.reset_anchor if self.metered else None

    @field
    def rollover_maximum(self) -> Amount | None:
        """How much of what is unspent at a reset lasts through the next window; null where nothing does."""
        return amount_of(self.give.rollover_maximum, self.of_feature.scale)

    @field
    def rollover_minimum(self) -> Amount | None:
        """Where less is unspent nothing rolls over; null where nothing does."""
        give = self.give
        return amount_of(None if give.rollover_maximum is None else give.rollover_minimum, self.of_feature.scale)

    @field
    def per_quantity(self) -> bool:
        """Whether the limit counts once per unit of the subscription's quantity."""
        return self.give.per_quantity

    @field
    def behaviour(self) -> AddOnBehaviour:
        """Of an add-on: whether it adds to what the plan gives or replaces it."""
        return self.give.behaviour


@shows(PlanView)
@shows(PlanCard)
@shows(PlanView)
@object_type
class Plan(Node):
    """One version of a plan or add-on. A published version never changes; publishing a new one moves nobody."""

    view: strawberry.Private[PlanCard]
    key: str = about("The merchant's own name for it, unique in the environment.")
    version: int = about("Which version this is.")
    latest_version: int = about("The latest published version, which id and key mean.")
    name: str = about("What people call it.")
    description: str | None = about("What it is.")
    kind: PlanKind = about("How it is sold.")
    rank: int = about("Its place in the picker; a lower one is a downgrade.")
    add_on: bool = about("Whether it rides on other plans.")
    trial_days: int = about("How many days may be tried; 0 is no trial.")
    instalments: int | None = about("How many payments make up its price; null where it renews until it is ended. (K4)")
    access_after_completion: AccessAfterCompletion | None = about(
        "Of instalments: whether what was bought is kept once all are paid."
    )
    hidden: bool = about("Whether pickers leave it out.")
    metadata: Metadata = about("The merchant's own notes.")
    published_at: datetime | None = about("When this version was published.")
    archived_at: datetime | None = about("Since when it takes no new subscriptions; running ones go on.")

    @classmethod
    def of(cls, view: PlanCard) -> "Plan":
        """Show a plan version."""
        return cls(
            view=view,
            id=ID(view.id),
            key=view.key,
            version=view.version,
            latest_version=view.latest_version,
            name=view.name,
            description=view.description or None,
            kind=view.kind,
            rank=view.rank,
            add_on=view.add_on,
            trial_days=view.trial_days,
            instalments=view.instalments or None,
            access_after_completion=view.access_after_completion if view.instalments else None,
            hidden=view.hidden,
            metadata=Metadata(view.metadata),
            published_at=view.published_at,
            archived_at=view.archived_at,
        )

    @field
    async def product(self, info: Info) -> Product:
        """The product that it sells."""
        return Product.of(sure(await info.context.loaders.product.load(self.view.product_id)))

    @field
    async def prices(self, info: Info) -> list[Price]:
        """What it costs, in each currency and interval; empty where nothing is charged or the price is agreed."""
        return [Price.of(view) for view in await catalog.prices_of(info.context, self.view)]

    @field
    async def entitlements(self, info: Info) -> list[PlanEntitlement]:
        """What it gives, one entry per feature."""
        columns = GIVEN.of(info.wanted) | OF_FEATURE.of(info.below("feature"), "feature.")
        return [PlanEntitlement.of(each) for each in await catalog.gives_of(info.context, self.view, columns)]

    @field
    async def add_ons(self, info: Info) -> list["Plan"]:
        """The add-ons that it takes."""
        found = await catalog.plans_named(info.context, self.view.add_on_keys)
        return [Plan.of(view) for view in found]

    @field
    async def includes(self, info: Info) -> list[Product]:
        """The other products whose features it gives."""
        found = await catalog.products_named(info.context, self.view.includes)
        return [Product.of(view) for view in found]
