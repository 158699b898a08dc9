"""Who asks, as the server sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from resolvers.access import demand

if TYPE_CHECKING:
    from models.views import CustomerView, EnvironmentView
    from resolvers.context import Context
    from resolvers.principal import PrincipalKind


@dataclass(frozen=True, slots=True)
class Viewer:
    """The credential that asks: its kind, environment, scopes, and the customer of a customer token."""

    kind: PrincipalKind
    environment: EnvironmentView
    customer: CustomerView | None
    scopes: tuple[str, ...]


async def viewer(ctx: Context) -> Viewer:
    """Say who asks."""
    demand(ctx, "viewer")
    customer = None
    if ctx.principal.customer_id is not None:
        customer = await ctx.loaders.customer.load(ctx.principal.customer_id)
    return Viewer(ctx.principal.kind, ctx.env, customer, tuple(sorted(ctx.principal.scopes)))
