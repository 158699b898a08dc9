"""Reading grants and overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.access import demand
from resolvers.acts import found_customer, found_feature

if TYPE_CHECKING:
    from models.views import GrantView, OverrideView
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


async def grants(
    ctx: Context,
    customer: CustomerRef,
    feature: str | None = None,
    *,
    ended: bool = False,
) -> list[GrantView]:
    """List a customer's grants, oldest first; ended ones only if asked for."""
    demand(ctx, "grants")
    async with ctx.read() as read:
        holder = await found_customer(ctx, read, customer)
        of = await found_feature(read, feature) if feature is not None else None
        return await read.entitlements.grants(holder.id, of.id if of else None, ctx.at, ended=ended)


async def overrides(ctx: Context, customer: CustomerRef, feature: str | None = None) -> list[OverrideView]:
    """List the overrides that are set for a customer."""
    demand(ctx, "overrides")
    async with ctx.read() as read:
        holder = await found_customer(ctx, read, customer)
        of = await found_feature(read, feature) if feature is not None else None
        return await read.entitlements.overrides(holder.id, of.id if of else None)
