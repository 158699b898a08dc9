"""What plans promise."""

from datetime import datetime
from typing import Final

import strawberry
from strawberry import ID

from billing.entitlements.sources import Aggregation, ConfigType, FeatureKind
from models.views import FeatureView
from schema.columns import Columns
from schema.info import Info
from schema.objects.product import Product
from schema.promise import field, object_type, shown
from schema.relay import NAMED, Node, shows, sure


def _metered(view: FeatureView) -> bool:
    return view.kind is FeatureKind.METERED


@shows(FeatureView)
@object_type
class Feature(Node):
    """A thing that plans promise: there or not, a value, or an amount that is counted."""

    view: strawberry.Private[FeatureView]
    id: ID = shown(NAMED, "id")
    key: str = shown("The merchant's own name for it, unique in the environment.", "key")
    name: str = shown("What people call it.", "name")
    description: str | None = shown("What it is.", lambda view: view.description or None)
    kind: FeatureKind = shown("What sort of promise it is.", "kind")
    unit: str | None = shown("What is counted, of a metered feature: calls, seats, GB.", lambda view: view.unit or None)
    scale: int = shown("How many decimals its amounts have, 0 to 9.", "scale")
    aggregation: Aggregation | None = shown(
        "How reports become one number, of a metered feature.",
        lambda view: view.aggregation if _metered(view) else None,
    )
    config_type: ConfigType | None = shown("What it holds, of a configuration feature.", "config_type")
    allowed_values: list[str] = shown(
        "What may be chosen from, of a configuration feature with choices.",
        lambda view: list(view.allowed_values),
    )
    thresholds: list[int] = shown(
        "At which percents of a limit `entitlement.threshold_reached` is raised.",
        lambda view: list(view.thresholds) if _metered(view) else [],
    )
    archived_at: datetime | None = shown("Since when nobody is given it.", "archived_at")

    @classmethod
    def of(cls, view: FeatureView) -> "Feature":
        """Show a feature; what is not asked for of it is not written, and need not be there."""
        return cls(view=view)

    @field
    async def product(self, info: Info) -> Product | None:
        """The product whose plans give it; null where plans of every product may."""
        wanted = self.view.product_id
        return Product.of(sure(await info.context.loaders.product.load(wanted))) if wanted else None


COLUMNS: Final = Columns(
    Feature,
    description="description",
    unit="unit",
    aggregation="aggregation kind",
    allowedValues="allowed_values",
    thresholds="thresholds kind",
    product="product_id",
)
