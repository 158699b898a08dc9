"""Reading the catalog: open to publishable keys, and without a credential where an environment is public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.columns import EVERYTHING
from resolvers.access import demand, merchant_argument
from resolvers.grounds import of_the_catalog
from resolvers.loaders import OfVersion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.give_views import GiveView
    from models.reader import Reader
    from models.views import FeatureView, PlanCard, PriceView, ProductView
    from resolvers.context import Context


async def products(ctx: Context) -> list[ProductView]:
    """List the products on sale."""
    demand(ctx, "products")
    return await ctx.asked(lambda read: read.catalog.products(), brief=True, about=of_the_catalog)


async def product(ctx: Context, ref: str) -> ProductView | None:
    """Find a product by id or key."""
    demand(ctx, "products")
    return await ctx.asked(lambda read: read.catalog.product(ref), brief=True, about=of_the_catalog)


async def features(ctx: Context) -> list[FeatureView]:
    """List the features that plans promise."""
    demand(ctx, "features")
    return await ctx.asked(lambda read: read.catalog.features(), brief=True, about=of_the_catalog)


async def feature(ctx: Context, ref: str) -> FeatureView | None:
    """Find a feature by id or key."""
    demand(ctx, "features")
    return await ctx.asked(lambda read: read.catalog.feature(ref), brief=True, about=of_the_catalog)


async def plans(
    ctx: Context,
    product: str | None = None,
    columns: frozenset[str] = EVERYTHING,
    *,
    add_ons: bool = False,
    hidden: bool = False,
) -> list[PlanCard]:
    """List the plans on sale, lowest rank first, with these columns; hidden ones for the merchant only."""
    demand(ctx, "plans")
    merchant_argument(ctx, "hidden", given=hidden)

    async def listed(read: Reader) -> list[PlanCard]:
        of = None
        if product is not None:
            found = await read.catalog.product(product)
            if found is None:
                return []
            of = found.id
        return await read.catalog.cards.on_sale(of, columns, add_ons=add_ons, hidden=hidden)

    return await ctx.asked(listed, brief=True, about=of_the_catalog)


async def plans_of(ctx: Context, product_id: str) -> list[PlanCard]:
    """List the plans on sale of a product that was found, together with those of others."""
    demand(ctx, "plans")
    return await ctx.loaders.plans_of_product.load(product_id) or []


async def prices_of(ctx: Context, plans: Sequence[PlanCard], columns: frozenset[str]) -> list[list[PriceView]]:
    """List the prices of each of some plans that were found; only these columns are wanted."""
    found = await ctx.loaders.prices_of.load_many([OfVersion(plan.version_id, columns) for plan in plans])
    return [each or [] for each in found]


async def gives_of(ctx: Context, plans: Sequence[PlanCard], columns: frozenset[str]) -> list[list[GiveView]]:
    """List what each of some plans that were found gives; only these columns are wanted of it."""
    found = await ctx.loaders.gives_of.load_many([OfVersion(plan.version_id, columns) for plan in plans])
    return [each or [] for each in found]


async def plans_named(ctx: Context, keys: Sequence[str]) -> list[PlanCard]:
    """Find the latest versions of the plans that another object names, each as `plan` does."""
    if keys:
        demand(ctx, "plan")
    found = await ctx.loaders.plan_named.load_many(keys)
    return [shown for view in found if (shown := _shown(ctx, view)) is not None]


async def products_named(ctx: Context, keys: Sequence[str]) -> list[ProductView]:
    """Find the products that another object names."""
    if keys:
        demand(ctx, "products")
    return [view for view in await ctx.loaders.product_named.load_many(keys) if view is not None]


async def plan(ctx: Context, ref: str, version: int | None = None) -> PlanCard | None:
    """Find a plan by id or key, in its latest version or the one that is pinned."""
    demand(ctx, "plan")
    return _shown(
        ctx, await ctx.asked(lambda read: read.catalog.cards.named(ref, version), brief=True, about=of_the_catalog)
    )


def _shown(ctx: Context, found: PlanCard | None) -> PlanCard | None:
    hidden = found is not None and found.hidden and ctx.principal.customer_id is None and not ctx.principal.merchant
    return None if hidden else found
