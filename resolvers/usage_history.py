"""What was used, bucket by bucket, in the billing zone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing.buckets import buckets
from billing.calendar import Period
from billing.dataclass import dataclass
from billing.entitlements.sources import Aggregation, FeatureKind
from billing.refusals import FeatureNotMetered
from resolvers.access import demand
from resolvers.acts import found_customer, found_feature

if TYPE_CHECKING:
    from datetime import datetime

    from billing.calendar import IntervalUnit
    from models.views import FeatureView, UsageSum
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class UsageHistoryAsked:
    """Of whom, of what (None: of every resource), over which half-open span, in which buckets."""

    customer: CustomerRef
    feature: str
    resource: str | None
    since: datetime
    until: datetime
    bucket: IntervalUnit


@dataclass(frozen=True, slots=True)
class UsageHistoryView:
    """The sums or levels, bucket by bucket, that of all of it, and the zone whose calendar cut them."""

    feature: FeatureView
    resource: str | None
    zone: str
    bucket: IntervalUnit
    pieces: tuple[tuple[Period, UsageSum], ...]
    amount: int


async def usage_history(ctx: Context, asked: UsageHistoryAsked) -> UsageHistoryView:
    """Sum a customer's ledger rows by when the usage happened; the sums add up to the ledger's.

    Of a level each bucket has the largest or the latest that was told in it, and all of them that of the whole span.
    """
    demand(ctx, "usageHistory")
    async with ctx.read() as read:
        customer = await found_customer(ctx, read, asked.customer)
        feature = await found_feature(read, asked.feature)
        if feature.kind is not FeatureKind.METERED:
            raise FeatureNotMetered(
                f"{feature.key} is {feature.kind.value}: only metered features have usage.",
                field="feature",
                kind=feature.kind.value,
            )
        zone = ZoneInfo(customer.zone) if customer.zone else ctx.env.zone
        pieces = buckets(asked.since, asked.until, asked.bucket, zone)
        if feature.aggregation is Aggregation.SUM:
            sums = await read.usage_history.sums(customer.id, feature.id, asked.resource, pieces)
            amount = sum(each.used + each.corrected for each in sums)
        else:
            spans = [*pieces, Period(asked.since, asked.until)]
            *sums, whole = await read.usage_history.heights(customer.id, feature, asked.resource, spans)
            amount = whole.used
    told = tuple(zip(pieces, sums, strict=True))
    return UsageHistoryView(feature, asked.resource, zone.key, asked.bucket, told, amount)
