"""What plans promise."""

from datetime import datetime

import strawberry
from strawberry import ID

from billing.entitlements.sources import Aggregation, ConfigType, FeatureKind
from models.views import FeatureView
from schema.info import Info
from schema.objects.product import Product
from schema.promise import about, field, object_type
from schema.relay import Node, shows, sure


@shows(FeatureView)
@object_type
class Feature(Node):
    """A thing that plans promise: there or not, a value, or an amount that is counted."""

    view: strawberry.Private[FeatureView]
    key: str = about("The merchant's own name for it, unique in the environment.")
    name: str = about("What people call it.")
    description: str | None = about("What it is.")
    kind: FeatureKind = about("What sort of promise it is.")
    unit: str | None = about("What is counted, of a metered feature: calls, seats, GB.")
    scale: int = about("How many decimals its amounts have, 0 to 9.")
    aggregation: Aggregation | None = about("How reports become one number, of a metered feature.")
    config_type: ConfigType | None = about("What it holds, of a configuration feature.")
    allowed_values: list[str] = about("What may be chosen from, of a configuration feature with choices.")
    thresholds: list[int] = about("At which percents of a limit `entitlement.threshold_reached` is raised.")
    archived_at: datetime | None = about("Since when nobody is given it.")

    @classmethod
    def of(cls, view: FeatureView) -> "Feature":
        """Show a feature."""
        metered = view.kind is FeatureKind.METERED
        return cls(
            view=view,
            id=ID(view.id),
            key=view.key,
            name=view.name,
            description=view.description or None,
            kind=view.kind,
            unit=view.unit or None,
            scale=view.scale,
            aggregation=view.aggregation if metered else None,
            config_type=view.config_type,
            allowed_values=list(view.allowed_values),
            thresholds=list(view.thresholds) if metered else [],
            archived_at=view.archived_at,
        )

    @field
    async def product(self, info: Info) -> Product | None:
        """The product whose plans give it; null where plans of every product may."""
        wanted = self.view.product_id
        return Product.of(sure(await info.context.loaders.product.load(wanted))) if wanted else None
