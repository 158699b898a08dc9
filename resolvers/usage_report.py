"""Report what was used: a difference, or the window's total. Reporting may exceed a limit, consuming may not."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.amounts import checked_amount, parse_amount
from billing.dataclass import dataclass
from billing.entitlements.evaluate import decide
from billing.entitlements.sources import Aggregation, Counter, FeatureKind, Usage
from billing.refusals import AmountOutOfRange, DateOutOfRange, FeatureArchived, FeatureNotMetered, InvalidInput
from models.choices import UsageKind
from models.stores.counters import Counted
from models.stores.levels import Told
from resolvers import checks
from resolvers.access import not_found
from resolvers.acts import demand_unarchived, instant_read, open_to
from resolvers.meter import UsageToWrite
from resolvers.metered import key_of
from resolvers.metering import carried_out
from resolvers.numbers import numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from models.stores.giving import Holding
    from models.stores.journal import KeyUsed
    from models.stores.usage import LedgerRow
    from models.views import FeatureView, UsageView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef
    from resolvers.meter import Meter
    from resolvers.metered import Done

OLDEST = timedelta(days=366)
"""Usage is taken for at most a year back."""


class UsageReportKind(StrEnum):
    """What a reported value means."""

    DELTA = "DELTA"
    SET = "SET"


USAGE_REPORT_KIND_MEANINGS: Mapping[UsageReportKind, str] = MappingProxyType(
    {
        UsageReportKind.DELTA: (
            "The value is added; a negative one corrects and needs a reason. Of a feature that is MAX or LAST it is"
            " told as it stands, and a negative one takes back that value of the same instant."
        ),
        UsageReportKind.SET: (
            "The value is the present window's total; the difference is written as one ledger row. Of a feature that"
            " is MAX or LAST it is the present level, told as it stands."
        ),
    },
)


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What was used and when; `value` is a decimal string. The key is required."""

    customer: CustomerRef
    feature: str
    value: str
    resource: str | None = None
    kind: UsageReportKind = UsageReportKind.DELTA
    occurred_at: datetime | None = None
    reason: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The ledger row, and where the counter stands after it; a replay answers the first time's numbers."""

    record: UsageView
    feature: FeatureView
    used: str
    limit: str | None
    remaining: str | None
    over_by: str | None
    resets_at: datetime | None
    replayed: bool


async def report(ctx: Context, command: UsageReport) -> UsageReported:
    """Write usage into the ledger."""
    done = await carried_out(reporting(ctx, command))
    records: Mapping[str, UsageView] = {}
    if done.replayed:
        async with ctx.read() as read:
            records = await read.usage.by_ids([done.outcome["record_id"]])
    return reported(done, records)


def reporting(ctx: Context, command: UsageReport) -> Reporting:
    """Make a report ready, or refuse it for what it says by itself."""
    checks.text(command.idempotency_key or "", "idempotencyKey")
    resource = checks.resource(command.resource)
    reason = checks.optional_text(command.reason, "reason") or ""
    open_to(ctx, "usageReport", command)
    return Reporting(ctx, command, resource, reason, key_of(ctx, "usageReport", command))


@dataclass(frozen=True, slots=True)
class Reporting:
    """One report, ready to be carried out."""

    ctx: Context
    command: UsageReport
    resource: str
    reason: str
    key: KeyUsed

    def demand(self, customer: Holding | None, feature: FeatureView | None) -> None:
        """Refuse an unknown customer; everything else comes after the key."""
        del feature
        if customer is None:
            raise not_found("Customer", "customer")

    async def written(
        self, meter: Meter, feature: FeatureView | None, *, work: Work
    ) -> tuple[dict[str, Any], LedgerRow]:
        """Write the ledger row, and see where the present counter stands after it."""
        demand_unarchived(meter.customer)
        if feature is None:
            raise not_found("Feature", "feature")
        _demand_metered(feature)
        value = parse_amount(self.command.value, feature.scale, field="value")
        when = _when(self.command.occurred_at, work.at)
        found = await meter.heard_at(feature, self.resource, when, work=work)
        meant = found.resource
        counted = found.counter or Counter(meant, None, None)
        of = Counted(meter.customer.id, feature.id, counted, feature.aggregation)
        amount = await _amount(work, self.command, of, Told(meant, when, value), feature)
        usage = await meter.usage(feature, counted, work=work)
        kind = UsageKind.SET if self.command.kind is UsageReportKind.SET else UsageKind.REPORT
        use = UsageToWrite(meter.customer.id, feature.id, meant, counted, kind, amount, when, self.reason)
        written = await meter.write(use, found, usage, work=work)
        numbers = await _numbers(work, meter, feature, meant)
        return {"record_id": written.record.id, "feature_id": feature.id, **numbers}, written.record


def reported(done: Done, records: Mapping[str, UsageView]) -> UsageReported:
    """Tell what was done; the ledger row of a replay is among `records`."""
    outcome, feature = done.outcome, done.feature
    record = done.record.view() if done.record else records.get(outcome["record_id"])
    if record is None or feature is None:
        raise LookupError(outcome["record_id"])
    return UsageReported(
        record=record,
        feature=feature,
        used=outcome["used"],
        limit=outcome["limit"],
        remaining=outcome["remaining"],
        over_by=outcome["over_by"],
        resets_at=instant_read(outcome["resets_at"]),
        replayed=done.replayed,
    )


async def _numbers(work: Work, meter: Meter, feature: FeatureView, meant: str) -> dict[str, Any]:
    """Where the present counter stands now."""
    found = meter.heard_of(feature, meant, work=work)
    usage = await meter.usage(feature, found.counter, work=work) if found.counter else Usage()
    return numbers_of(decide(found, usage), feature.scale)


async def _amount(work: Work, command: UsageReport, of: Counted, told: Told, feature: FeatureView) -> int:
    """What to write: the difference, or the level that is told."""
    value, scale = told.value, feature.scale
    if command.kind is UsageReportKind.SET:
        if command.occurred_at is not None:
            raise InvalidInput("SET speaks of the present: leave `occurredAt` out.", field="occurredAt")
        if value < 0:
            raise AmountOutOfRange("A total is not below zero.", field="value", scale=scale)
    if value < 0 and not command.reason:
        raise InvalidInput("A correction needs its reason.", field="reason")
    if feature.aggregation is not Aggregation.SUM:
        await _demand_level(work, command, of, told, scale)
        return value
    total = await work.usage.total(of)
    if command.kind is UsageReportKind.SET:
        return checked_amount(value - total, scale, field="value")
    if value == 0:
        raise AmountOutOfRange("Report more or less than zero.", field="value", scale=feature.scale)
    if total + value < 0:
        raise AmountOutOfRange("Less than nothing would have been used.", field="value", scale=feature.scale)
    if value > 0:
        checked_amount(total + value, feature.scale, field="value")
    return value


async def _demand_level(work: Work, command: UsageReport, of: Counted, told: Told, scale: int) -> None:
    """Refuse to take back what was not told, to lower the largest value by a total, and more than an amount can be."""
    if told.value < 0 and not await work.usage.stands(of, told):
        raise AmountOutOfRange(
            "Only a value that was told is taken back: name it and the `occurredAt` that it was told of.",
            field="value",
            scale=scale,
        )
    known = (await work.usage.levels_of(of)).get(told.resource)
    lower = known is not None and of.aggregation is Aggregation.MAX and told.value < known.most
    if command.kind is UsageReportKind.SET and lower:
        raise InvalidInput("The largest value stands: take back what was told by mistake.", field="value")
    checked_amount(await work.usage.level_with(of, told), scale, field="value")


def _when(occurred_at: datetime | None, at: datetime) -> datetime:
    if occurred_at is None:
        return at
    if not at - OLDEST <= occurred_at <= at:
        raise DateOutOfRange(
            "Usage is reported up to a year back and never ahead.",
            field="occurredAt",
            earliest=at - OLDEST,
            latest=at,
        )
    return occurred_at


def _demand_metered(feature: FeatureView) -> None:
    if feature.archived_at is not None:
        raise FeatureArchived("The feature is archived and takes no usage.", field="feature")
    if feature.kind is not FeatureKind.METERED:
        raise FeatureNotMetered(
            f"{feature.key} is {feature.kind.value}: only metered features have usage.",
            field="feature",
            kind=feature.kind.value,
        )
