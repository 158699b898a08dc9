"""Report what was used: a difference, or the window's total. Reporting may exceed a limit, consuming may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.amounts import checked_amount, format_amount, parse_amount
from billing.entitlements.counters import counter
from billing.entitlements.evaluate import evaluate
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Counter, FeatureKind
from billing.refusals import AmountOutOfRange, DateOutOfRange, FeatureArchived, FeatureNotMetered, InvalidInput
from models.choices import UsageKind
from resolvers import checks
from resolvers.acts import (
    act,
    demand_unarchived,
    found_customer,
    found_feature,
    instant_kept,
    instant_read,
    owner_customer,
)
from resolvers.entitlement_consume import UsageToWrite, sources_now, write_usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from models.views import FeatureView, UsageView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef

OLDEST = timedelta(days=366)
"""Usage is taken for at most a year back."""


class UsageReportKind(StrEnum):
    """What a reported value means."""

    DELTA = "DELTA"
    SET = "SET"


USAGE_REPORT_KIND_MEANINGS: Mapping[UsageReportKind, str] = MappingProxyType(
    {
        UsageReportKind.DELTA: "The value is added; a negative one corrects and needs a reason.",
        UsageReportKind.SET: "The value is the present window's total; the difference is written as one ledger row.",
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
    checks.text(command.idempotency_key or "", "idempotencyKey")
    resource = checks.resource(command.resource)
    reason = checks.optional_text(command.reason, "reason") or ""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        demand_unarchived(customer)
        feature = await found_feature(work, command.feature)
        return await _write(work, customer.id, feature, resource, reason, command)

    outcome, replayed = await act(ctx, "usageReport", command, owner_customer(ctx, command.customer), body)
    async with ctx.read() as read:
        record = await read.usage.by_id(outcome["record_id"])
        feature = await found_feature(read, outcome["feature_id"])
    if record is None:
        raise LookupError(outcome["record_id"])
    return UsageReported(
        record=record,
        feature=feature,
        used=outcome["used"],
        limit=outcome["limit"],
        remaining=outcome["remaining"],
        over_by=outcome["over_by"],
        resets_at=instant_read(outcome["resets_at"]),
        replayed=replayed,
    )


async def _write(
    work: Work,
    customer_id: str,
    feature: FeatureView,
    resource: str,
    reason: str,
    command: UsageReport,
) -> dict[str, Any]:
    _demand_metered(feature)
    value = parse_amount(command.value, feature.scale, field="value")
    when = _when(command.occurred_at, work.at)
    sources = await sources_now(work, customer_id, feature)
    meant = effective_resource(sources, resource)
    counted = counter(sources, meant, when) or Counter(meant, None, None)
    total = await work.usage.total(customer_id, feature.id, counted)
    amount = _amount(command, value, total, feature)
    usage = await work.usage.usage(customer_id, feature.id, counted, work.at)
    kind = UsageKind.SET if command.kind is UsageReportKind.SET else UsageKind.REPORT
    written = await write_usage(
        work,
        UsageToWrite(customer_id, feature.id, meant, counted, kind, amount, when, reason),
        sources,
        usage,
    )
    return {
        "record_id": written.record_id,
        "feature_id": feature.id,
        **await _numbers(work, customer_id, feature, meant),
    }


async def _numbers(work: Work, customer_id: str, feature: FeatureView, meant: str) -> dict[str, Any]:
    """Where the present counter stands now."""
    sources = await sources_now(work, customer_id, feature)
    usage = await work.usage.usage(customer_id, feature.id, counter(sources, meant, work.at), work.at)
    decision = evaluate(sources, usage, work.at, resource=meant)

    def shown(amount: int | None) -> str | None:
        return None if amount is None else format_amount(amount, feature.scale)

    return {
        "used": format_amount(decision.used, feature.scale),
        "limit": shown(decision.limit),
        "remaining": shown(decision.remaining),
        "over_by": shown(decision.over_by) if decision.over_by else None,
        "resets_at": instant_kept(decision.resets_at),
    }


def _amount(command: UsageReport, value: int, total: int, feature: FeatureView) -> int:
    """The difference to write."""
    if command.kind is UsageReportKind.SET:
        if command.occurred_at is not None:
            raise InvalidInput("SET speaks of the present: leave `occurredAt` out.", field="occurredAt")
        if value < 0:
            raise AmountOutOfRange("A total is not below zero.", field="value", scale=feature.scale)
        return value - total
    if value == 0:
        raise AmountOutOfRange("Report more or less than zero.", field="value", scale=feature.scale)
    if value < 0 and not command.reason:
        raise InvalidInput("A correction needs its reason.", field="reason")
    if total + value < 0:
        raise AmountOutOfRange("Less than nothing would have been used.", field="value", scale=feature.scale)
    checked_amount(total + value, feature.scale, field="value")
    return value


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
