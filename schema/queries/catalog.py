"""Asking what is sold. Publishable keys may ask this and nothing else."""

from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from models.views import FeatureView, PlanCard
from resolvers import catalog
from schema.info import Info
from schema.objects.feature import Feature
from schema.objects.plan import COLUMNS, Plan
from schema.objects.product import Product
from schema.promise import field, field_of, part_type
from schema.texts import optional_text, optional_whole, single


@part_type
class CatalogQuery:
    """Products, features and plans."""

    @field
    async def products(self, info: Info) -> list[Product]:
        """Everything that is sold."""
        return [Product.of(view) for view in await catalog.products(info.context)]

    @field_of(list[Feature])
    async def features(self, info: Info) -> list[FeatureView]:
        """Everything that plans promise."""
        return await catalog.features(info.context)

    @field_of(list[Plan])
    async def plans(
        self,
        info: Info,
        product: Annotated[str | None, strawberry.argument(description="Of one product only, by id or key.")] = UNSET,
        add_ons: Annotated[bool, strawberry.argument(description="Also add-ons.")] = False,
        hidden: Annotated[bool, strawberry.argument(description="Also those that pickers leave out.")] = False,
    ) -> list[PlanCard]:
        """The latest published version of each plan, in the order of the picker: by rank."""
        of = optional_text(product, "product")
        return await catalog.plans(info.context, of, COLUMNS.of(info.wanted), add_ons=add_ons, hidden=hidden)

    @field_of(Plan | None)
    async def plan(
        self,
        info: Info,
        id: Annotated[ID, strawberry.argument(description="Its id or key.")],
        version: Annotated[int | None, strawberry.argument(description="Another version than the latest.")] = UNSET,
    ) -> PlanCard | None:
        """One plan or add-on; null where there is no such one."""
        wanted = single(id)
        return await catalog.plan(info.context, wanted, optional_whole(version, "version")) if wanted else None
