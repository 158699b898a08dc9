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
from schema.promise import field, object_type
from schema.relay import Node, shows, sure

COLUMNS: Final = Columns(
    {
        "key": "key",
        "name": "name",
        "description": "description",
        "kind": "kind",
        "unit": "unit",
        "scale": "scale",
        "aggregation": "aggregation kind",
        "configType": "config_type",
        "allowedValues": "allowed_values",
        "thresholds": "thresholds kind",
        "archivedAt": "archived_at",
        "product": "product_id",
    }
)


@shows(FeatureView)
@object_type
class Feature(Node):
    """A thing that plans promise: there or not, a value, or an amount that is counted."""

    view: strawberry.Private[FeatureView]

    @classmethod
    def of(cls, view: FeatureView) -> "Feature":
        """Show a feature; what is not asked for of it is not written."""
        return cls(view=view, id=ID(view.id))

    @field
    def key(self) -> str:
        """The merchant's own name for it, unique in the environment."""
        return self.view.key

    @field
    def name(self) -> str:
        """What people call it."""
        return self.view.name

    @field
    def description(self) -> str | None:
        """What it is."""
        return self.view.description or None

    @field
    def kind(self) -> FeatureKind:
        """What sort of promise it is."""
        return self.view.kind

    @field
    def unit(self) -> str | None:
        """What is counted, of a metered feature: calls, seats, GB."""
        return self.view.unit or None

    @field
    def scale(self) -> int:
        """How many decimals its amounts have, 0 to 9."""
        return self.view.scale

    @field
    def aggregation(self) -> Aggregation | None:
        """How reports become one number, of a metered feature."""
        return self.view.aggregation if self.view.kind is FeatureKind.METERED else None

    @field
    def config_type(self) -> ConfigType | None:
        """What it holds, of a configuration feature."""
        return self.view.config_type

    @field
    def allowed_values(self) -> list[str]:
        """What may be chosen from, of a configuration feature with choices."""
        return list(self.view.allowed_values)

    @field
    def thresholds(self) -> list[int]:
        """At which percents of a limit `entitlement.threshold_reached` is raised."""
        return list(self.view.thresholds) if self.view.kind is FeatureKind.METERED else []

    @field
    def archived_at(self) -> datetime | None:
        """Since when nobody is given it."""
        return self.view.archived_at

    @field
    async def product(self, info: Info) -> Product | None:
        """The product whose plans give it; null where plans of every product may."""
        wanted = self.view.product_id
        return Product.of(sure(await info.context.loaders.product.load(wanted))) if wanted else None
