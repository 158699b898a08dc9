"""Plans and add-ons, and what they give."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import strawberry
from strawberry import ID

from billing.catalog.values import PlanKind
from billing.entitlements.sources import AddOnBehaviour, ResetAnchor, ResetEvery
from billing.instalments import AccessAfterCompletion
from models.give_views import GiveView
from models.views import PlanCard, PlanView, PriceView, ProductView
from resolvers import catalog
from schema.columns import Columns
from schema.info import Info
from schema.objects.explanation import amount_of
from schema.objects.feature import COLUMNS as OF_FEATURE
from schema.objects.feature import Feature
from schema.objects.price import COLUMNS as OF_PRICE
from schema.objects.price import Price
from schema.objects.product import Product
from schema.promise import field, object_type, shown, together
from schema.relay import NAMED, Node, shows, sure
from schema.scalars import JSON, Amount, Metadata


@object_type
class PlanEntitlement:
    """What a plan or add-on version gives of one feature."""

    view: strawberry.Private[GiveView]
    feature: Feature = shown("The feature.", "feature", Feature)
    granted: bool = shown("Whether a boolean feature is given.", "give.granted")
    value: JSON | None = shown("The value of a configuration feature.", "give.value")
    limit: Amount | None = shown(
        "How much of a metered feature per window; null where it is unlimited or not metered.",
        lambda view: amount_of(view.give.limit if view.metered else None, view.feature.scale),
    )
    unlimited: bool = shown(
        "Whether a metered feature has no limit.", lambda view: view.metered and view.give.limit is None
    )
    hard: bool | None = shown(
        "Whether the limit denies what is above it; null where nothing is counted.",
        lambda view: view.give.hard if view.metered else None,
    )
    reset_every: ResetEvery | None = shown(
        "When counting begins again; null where nothing is counted.",
        lambda view: view.give.reset if view.metered else None,
    )
    reset_anchor: ResetAnchor | None = shown(
        "What windows are counted from; null where nothing is counted.",
        lambda view: view.give.reset_anchor if view.metered else None,
    )
    rollover_maximum: Amount | None = shown(
        "How much of what is unspent at a reset lasts through the next window; null where nothing does.",
        lambda view: amount_of(view.give.rollover_maximum, view.feature.scale),
    )
    rollover_minimum: Amount | None = shown(
        "Where less is unspent nothing rolls over; null where nothing does.",
        lambda view: amount_of(view.rollover_minimum, view.feature.scale),
    )
    per_quantity: bool = shown(
        "Whether the limit counts once per unit of the subscription's quantity.", "give.per_quantity"
    )
    behaviour: AddOnBehaviour = shown(
        "Of an add-on: whether it adds to what the plan gives or replaces it.", "give.behaviour"
    )

    @classmethod
    def of(cls, view: GiveView) -> "PlanEntitlement":
        """Show what is given; what is not asked for of it was not even read."""
        return cls(view=view)


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


async def _products(info: Info, plans: Sequence[PlanCard]) -> list[ProductView]:
    return [sure(each) for each in await info.context.loaders.product.load_many([plan.product_id for plan in plans])]


async def _prices(info: Info, plans: Sequence[PlanCard]) -> list[list[PriceView]]:
    return await catalog.prices_of(info.context, plans, OF_PRICE.of(info.wanted))


async def _gives(info: Info, plans: Sequence[PlanCard]) -> list[list[GiveView]]:
    columns = GIVEN.of(info.wanted) | OF_FEATURE.of(info.below("feature"), "feature.")
    return await catalog.gives_of(info.context, plans, columns)


@shows(PlanView)
@shows(PlanCard)
@object_type
class Plan(Node):
    """One version of a plan or add-on. A published version never changes; publishing a new one moves nobody."""

    view: strawberry.Private[PlanCard]
    id: ID = shown(NAMED, "id")
    key: str = shown("The merchant's own name for it, unique in the environment.", "key")
    version: int = shown("Which version this is.", "version")
    latest_version: int = shown("The latest published version, which id and key mean.", "latest_version")
    name: str = shown("What people call it.", "name")
    description: str | None = shown("What it is.", lambda view: view.description or None)
    kind: PlanKind = shown("How it is sold.", "kind")
    rank: int = shown("Its place in the picker; a lower one is a downgrade.", "rank")
    add_on: bool = shown("Whether it rides on other plans.", "add_on")
    trial_days: int = shown("How many days may be tried; 0 is no trial.", "trial_days")
    instalments: int | None = shown(
        "How many payments make up its price; null where it renews until it is ended. (K4)",
        lambda view: view.instalments or None,
    )
    access_after_completion: AccessAfterCompletion | None = shown(
        "Of instalments: whether what was bought is kept once all are paid.",
        lambda view: view.access_after_completion if view.instalments else None,
    )
    hidden: bool = shown("Whether pickers leave it out.", "hidden")
    metadata: Metadata = shown("The merchant's own notes.", "metadata")
    published_at: datetime | None = shown("When this version was published.", "published_at")
    archived_at: datetime | None = shown("Since when it takes no new subscriptions; running ones go on.", "archived_at")
    product: Product = together("The product that it sells.", _products, Product)
    prices: list[Price] = together(
        "What it costs, in each currency and interval; empty where nothing is charged or the price is agreed.",
        _prices,
        list[Price],
    )
    entitlements: list[PlanEntitlement] = together(
        "What it gives, one entry per feature.", _gives, list[PlanEntitlement]
    )

    @classmethod
    def of(cls, view: PlanCard) -> "Plan":
        """Show a plan version; what is not asked for of it is not written, and need not be there."""
        return cls(view=view)

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
    product="product_id",
    prices="",
    entitlements="",
    addOns="add_on_keys",
    includes="includes",
)
