"""Reading customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from resolvers import checks
from resolvers.access import demand

if TYPE_CHECKING:
    from models.paging import Page
    from models.views import CustomerView
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef, PageOf


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers; `search` meets the beginning of external id, name or e-mail; `archived` None means both."""

    search: str | None = None
    archived: bool | None = False


async def customer(ctx: Context, ref: CustomerRef) -> CustomerView | None:
    """Find a customer."""
    demand(ctx, "customer")
    return await meant(ctx, ref)


async def meant(ctx: Context, ref: CustomerRef) -> CustomerView | None:
    """Find the customer that is meant, read once however many fields ask about them."""
    if ref.id:
        return await ctx.loaders.customer.load(ref.id)
    return await ctx.loaders.customer_named.load(ref.external_id) if ref.external_id else None


async def customers(ctx: Context, wanted: CustomerFilter, page: PageOf) -> Page[CustomerView]:
    """List customers, newest first."""
    demand(ctx, "customers")
    search = checks.optional_text(wanted.search, "search")
    first = checks.page(page.first)
    return await ctx.asked(
        lambda read: read.customers.page(first, page.after, search=search, archived=wanted.archived), brief=True
    )
