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
from schema.objects.price import COLUMNS as OF_PRICE
from schema.objects.price import Price
from schema.objects.product import Product
from schema.promise import field, object_type, shown
from schema.relay import Node, shows, sure
from schema.scalars import JSON, Amount, Metadata


@object_type
class PlanEntitlement:
    """What a plan or add-on version gives of one feature."""

    give: strawberry.Private[Give]
    of_feature: strawberry.Private[FeatureView]
    feature: Feature = shown("The feature.", lambda given: Feature.of(given.of_feature))
    granted: bool = shown("Whether a boolean feature is given.", "give.granted")

    @classmethod
    def of(cls, view: GiveView) -> "PlanEntitlement":
        """Show what is given; what is not asked for of it was not even read."""
        give, feature = view
        return cls(give=give, of_feature=feature)

    @property
    def metered(self) -> bool:
        """Whether it is counted."""
        return self.of_feature.kind is FeatureKind.METERED

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


GIVEN: Final = Columns(
    PlanEntitlement,
    granted="granted",
    value="value",
    limit="limit feature.kind feature.scale",
    unlimited="limit feature.kind",
    hard="hard feature.kind",
    resetEvery="reset feature.kind",
    resetAnchor="reset_anchor feature.kind",
    rolloverMaximum="rollover_maximum feature.scale",
    rolloverMinimum="rollover_maximum rollover_minimum feature.scale",
    perQuantity="per_quantity",
    behaviour="behaviour",
    feature="",
)


@shows(PlanView)
@shows(PlanCard)
@object_type
class Plan(Node):
    """One version of a plan or add-on. A published version never changes; publishing a new one moves nobody."""

    view: strawberry.Private[PlanCard]
    key: str = shown("The merchant's own name for it, unique in the environment.", "view.key")
    version: int = shown("Which version this is.", "view.version")
    latest_version: int = shown("The latest published version, which id and key mean.", "view.latest_version")
    name: str = shown("What people call it.", "view.name")
    description: str | None = shown("What it is.", lambda plan: plan.view.description or None)
    kind: PlanKind = shown("How it is sold.", "view.kind")
    rank: int = shown("Its place in the picker; a lower one is a downgrade.", "view.rank")
    add_on: bool = shown("Whether it rides on other plans.", "view.add_on")
    trial_days: int = shown("How many days may be tried; 0 is no trial.", "view.trial_days")
    instalments: int | None = shown(
        "How many payments make up its price; null where it renews until it is ended. (K4)",
        lambda plan: plan.view.instalments or None,
    )
    access_after_completion: AccessAfterCompletion | None = shown(
        "Of instalments: whether what was bought is kept once all are paid.",
        lambda plan: plan.view.access_after_completion if plan.view.instalments else None,
    )
    hidden: bool = shown("Whether pickers leave it out.", "view.hidden")
    metadata: Metadata = shown("The merchant's own notes.", lambda plan: Metadata(plan.view.metadata))
    published_at: datetime | None = shown("When this version was published.", "view.published_at")
    archived_at: datetime | None = shown(
        "Since when it takes no new subscriptions; running ones go on.", "view.archived_at"
    )

    @classmethod
    def of(cls, view: PlanCard) -> "Plan":
        """Show a plan version; what is not asked for of it is not written, and need not be there."""
        return cls(view=view, id=ID(view.id))

    @field
    async def product(self, info: Info) -> Product:
        """The product that it sells."""
        return Product.of(sure(await info.context.loaders.product.load(self.view.product_id)))

    @field
    async def prices(self, info: Info) -> list[Price]:
        """What it costs, in each currency and interval; empty where nothing is charged or the price is agreed."""
        columns = OF_PRICE.of(info.wanted)
        return [Price.of(view) for view in await catalog.prices_of(info.context, self.view, columns)]

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


COLUMNS: Final = Columns(
    Plan,
    description="description",
    instalments="instalments",
    accessAfterCompletion="access_after_completion instalments",
    metadata="metadata",
    product="product_id",
    prices="",
    entitlements="",
    addOns="add_on_keys",
    includes="includes",
)
