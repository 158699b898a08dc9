"""What one unit of work knows of a customer's usage: read once, and kept true as rows are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from billing.entitlements.burning import burn, give_back
from billing.entitlements.sources import Usage
from models.choices import UsageKind
from models.stores.usage import LedgerRow
from models.work import Happening
from resolvers.due import settle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from billing.entitlements.burning import Burn
    from billing.entitlements.sources import Counter, Sources
    from models.views import CustomerView, FeatureView
    from models.work import Work


@dataclass(frozen=True, slots=True)
class UsageToWrite:
    """One ledger row before it has a number."""

    customer_id: str
    feature_id: str
    resource: str
    counter: Counter
    kind: UsageKind
    amount: int
    occurred_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UsageWritten:
    """The ledger row that was written, and how its amount was spread."""

    record: LedgerRow
    burn: Burn


class Meter:
    """The usage of one customer whose sequence was taken; `ready` comes before everything else."""

    def __init__(self, customer: CustomerView) -> None:
        """Read nothing yet."""
        self.customer = customer
        self._ready = False
        self._sources: dict[str, Sources] = {}
        self._reserved: dict[tuple[str, str], int] = {}

    async def ready(self, features: Iterable[FeatureView], *, work: Work) -> None:
        """Make permanent what is due, once, and gather what speaks about these features in one go."""
        if self._ready:
            return
        await settle(work, self.customer.id)
        self._sources = await work.entitlements.sources(self.customer, _once(features), work.at)
        self._ready = True

    def sources(self, feature: FeatureView) -> Sources:
        """Tell what speaks about a feature now."""
        return self._sources[feature.id]

    async def usage(self, feature: FeatureView, counter: Counter, *, work: Work) -> Usage:
        """Read a counter as it stands now."""
        used = await work.usage.used(self.customer.id, feature.id, counter, work.at)
        about = (feature.id, counter.resource)
        if about not in self._reserved:
            self._reserved[about] = await work.usage.reserved(self.customer.id, *about, work.at)
        return Usage(used, self._reserved[about])

    async def write(self, use: UsageToWrite, usage: Usage, *, work: Work) -> UsageWritten:
        """Write a ledger row; what it takes from grants is missing there for the next."""
        sources = self._sources[use.feature_id]
        written = await record_usage(work, use, sources, usage)
        if taken := dict(written.burn.allowances):
            left = tuple(replace(each, used=each.used + taken.get(each.id, 0)) for each in sources.allowances)
            self._sources[use.feature_id] = replace(sources, allowances=left)
        return written


def _once(features: Iterable[FeatureView]) -> list[FeatureView]:
    """Leave out what was named by both id and key."""
    return list({feature.id: feature for feature in features}.values())


async def sources_now(work: Work, customer_id: str, feature: FeatureView) -> Sources:
    """Gather what speaks about the feature, after the customer's sequence was taken."""
    customer = await work.customers.by_id(customer_id)
    if customer is None:
        raise LookupError(customer_id)
    return (await work.entitlements.sources(customer, [feature], work.at))[feature.id]


async def write_usage(work: Work, use: UsageToWrite, sources: Sources, usage: Usage) -> UsageWritten:
    """Write a ledger row at once, so that the next statement of the work sees it."""
    written = await record_usage(work, use, sources, usage)
    await work.usage.flush()
    return written


async def record_usage(work: Work, use: UsageToWrite, sources: Sources, usage: Usage) -> UsageWritten:
    """Write a ledger row with what it burns or gives back, its counter's head and its event, all under one number."""
    if use.amount < 0:
        burned = await work.usage.burned(use.customer_id, use.feature_id, use.counter)
        spread = give_back(usage, -use.amount, burned)
    else:
        spread = burn(sources, usage, use.amount, use.occurred_at, use.resource)
    number = work.next_number(use.customer_id)
    record = LedgerRow(
        id=work.ids.new("use"),
        environment_id=work.environment_id,
        customer_id=use.customer_id,
        feature_id=use.feature_id,
        resource=use.resource,
        scope=use.counter.resource,
        seq=number,
        kind=use.kind,
        amount=use.amount,
        limit_amount=spread.limit_amount,
        occurred_at=use.occurred_at,
        recorded_at=work.moment.recorded_at,
        reason=use.reason,
    )
    await work.usage.record(record, use.counter, spread, work.at)
    told = {"featureId": use.feature_id, "resource": use.resource, "amount": str(use.amount)}
    happening = Happening("usage.consumed" if use.kind is UsageKind.CONSUME else "usage.reported", record.id, {}, told)
    await work.record(use.customer_id, happening, number=number)
    return UsageWritten(record, spread)
