"""Reading grants and overrides of a customer who was found, together with those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.access import demand, not_found
from resolvers.loaders import GrantsOf

if TYPE_CHECKING:
    from models.views import GrantView, OverrideView
    from resolvers.context import Context


async def grants(ctx: Context, customer_id: str, feature: str | None = None, *, ended: bool = False) -> list[GrantView]:
    """List a customer's grants, oldest first; ended ones only if asked for."""
    demand(ctx, "grants")
    found = await ctx.loaders.grants_of.load(GrantsOf(customer_id, await _feature_id(ctx, feature), ended))
    if found is None:
        raise not_found("Customer", "customer")
    return found


async def overrides(ctx: Context, customer_id: str, feature: str | None = None) -> list[OverrideView]:
    """List the overrides that are set for a customer."""
    demand(ctx, "overrides")
    found = await ctx.loaders.overrides_of.load((customer_id, await _feature_id(ctx, feature)))
    if found is None:
        raise not_found("Customer", "customer")
    return found


async def _feature_id(ctx: Context, ref: str | None) -> str | None:
    if ref is None:
        return None
    feature = await ctx.loaders.feature_named.load(ref)
    if feature is None:
        raise not_found("Feature", "feature")
    return feature.id
