"""What was used, bucket by bucket, in the billing zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing.buckets import buckets
from billing.entitlements.sources import FeatureKind
from billing.refusals import FeatureNotMetered
from resolvers.access import demand
from resolvers.acts import found_customer, found_feature

if TYPE_CHECKING:
    from datetime import datetime

    from billing.calendar import IntervalUnit, Period
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
    """The sums, bucket by bucket, and the zone whose calendar cut them."""

    feature: FeatureView
    resource: str | None
    zone: str
    bucket: IntervalUnit
    pieces: tuple[tuple[Period, UsageSum], ...]


async def usage_history(ctx: Context, asked: UsageHistoryAsked) -> UsageHistoryView:
    """Sum a customer's ledger rows by when the usage happened; the sums add up to the ledger's."""
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
        sums = await read.usage_history.sums(customer.id, feature.id, asked.resource, pieces)
    return UsageHistoryView(feature, asked.resource, zone.key, asked.bucket, tuple(zip(pieces, sums, strict=True)))
