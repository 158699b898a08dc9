"""Reading what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.paging import Page
from models.stores.journal import EventsWanted
from resolvers import checks
from resolvers.access import demand
from resolvers.acts import found_customer
from resolvers.inputs import CustomerRef

if TYPE_CHECKING:
    from models.views import EventView
    from resolvers.context import Context
    from resolvers.inputs import PageOf


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; with a customer in the order of its own sequence, else by environment-wide position."""

    customer: CustomerRef | None = None
    types: tuple[str, ...] | None = None
    subject_id: str | None = None


async def events(ctx: Context, wanted: EventFilter, page: PageOf) -> Page[EventView]:
    """List events in order; a customer token reads its own customer's, a bound one those about its subscription."""
    demand(ctx, "events")
    first = checks.page(page.first)
    ref = wanted.customer
    if ref is None and not ctx.principal.merchant:
        ref = CustomerRef(id=ctx.principal.customer_id)
    bound, subject = ctx.principal.subscription_id, wanted.subject_id
    async with ctx.read() as read:
        customer = await found_customer(ctx, read, ref) if ref is not None else None
        if bound is not None and subject not in (None, bound):
            return Page((), has_next=False, has_previous=False)
        asked = EventsWanted(customer.id if customer else None, wanted.types, bound or subject)
        return await read.journal.page(asked, first, page.after)
