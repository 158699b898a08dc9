"""Reading the usage ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.stores.usage import UsageWanted
from resolvers import checks
from resolvers.access import demand
from resolvers.acts import found_customer, found_feature

if TYPE_CHECKING:
    from datetime import datetime

    from models.paging import Page
    from models.views import UsageView
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef, PageOf


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which ledger rows; half-open between `since` and `until`."""

    customer: CustomerRef
    feature: str | None = None
    resource: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def usage_records(ctx: Context, wanted: UsageFilter, page: PageOf) -> Page[UsageView]:
    """List a customer's ledger rows, newest first."""
    demand(ctx, "usageRecords")
    first = checks.page(page.first)
    async with ctx.read() as read:
        customer = await found_customer(ctx, read, wanted.customer)
        feature = await found_feature(read, wanted.feature) if wanted.feature is not None else None
        asked = UsageWanted(customer.id, feature.id if feature else None, wanted.resource, wanted.since, wanted.until)
        return await read.usage.page(asked, first, page.after)
