"""Reading what is held for long jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.stores.reservations import ReservationsWanted
from resolvers import checks
from resolvers.access import demand
from resolvers.acts import found_customer, found_feature

if TYPE_CHECKING:
    from billing.entitlements.reservations import ReservationState
    from models.paging import Page
    from models.views import ReservationView
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef, PageOf


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    """Which reservations."""

    customer: CustomerRef
    feature: str | None = None
    resource: str | None = None
    state: ReservationState | None = None


async def reservations(ctx: Context, wanted: ReservationFilter, page: PageOf) -> Page[ReservationView]:
    """List a customer's reservations, newest first."""
    demand(ctx, "reservations")
    first = checks.page(page.first)
    async with ctx.read() as read:
        customer = await found_customer(ctx, read, wanted.customer)
        feature = await found_feature(read, wanted.feature) if wanted.feature is not None else None
        asked = ReservationsWanted(customer.id, feature.id if feature else None, wanted.resource, wanted.state)
        return await read.reservations.page(asked, first, page.after)
