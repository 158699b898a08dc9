"""Use some of a metered feature, never more than there is: decide, write and commit before saying so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.amounts import checked_amount, format_amount, parse_positive_amount
from billing.entitlements.burning import burn, give_back
from billing.entitlements.counters import counter
from billing.entitlements.decisions import Reason
from billing.entitlements.evaluate import evaluate
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Counter, FeatureKind
from billing.refusals import FeatureNotMetered
from models.choices import UsageKind
from models.tables.entitlement import UsageRow
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, customer_or_none, instant_kept, instant_read, open_to

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Sources, Usage
    from models.views import CustomerView, FeatureView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class EntitlementConsume:
    """How much of what; `amount` is a decimal string above zero. The key is required."""

    customer: CustomerRef
    feature: str
    resource: str | None = None
    amount: str = "1"
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class EntitlementGranted:
    """It was taken, and is on disk. Amounts are decimal strings; a replay answers the first time's numbers."""

    customer_id: str
    feature: FeatureView
    amount: str
    used: str
    limit: str | None
    unlimited: bool
    remaining: str | None
    resets_at: datetime | None
    record_id: str
    replayed: bool


@dataclass(frozen=True, slots=True)
class EntitlementDenied:
    """It was not taken, and nothing was written: a decision with its reason and numbers, not an error."""

    customer_id: str | None
    feature: FeatureView | None
    reason: Reason
    requested: str
    used: str | None = None
    limit: str | None = None
    unlimited: bool = False
    remaining: str | None = None
    over_by: str | None = None
    resets_at: datetime | None = None


class _Denied(Exception):  # noqa: N818  (a decision that leaves a unit of work by rolling it back)
    def __init__(self, decision: Decision) -> None:
        super().__init__()
        self.decision = decision


async def consume(ctx: Context, command: EntitlementConsume) -> EntitlementGranted | EntitlementDenied:
    """Consume atomically and durably; all or nothing."""
    open_to(ctx, "entitlementConsume", command)
    checks.text(command.idempotency_key or "", "idempotencyKey")
    resource = checks.resource(command.resource)
    async with ctx.read() as read:
        customer = await customer_or_none(ctx, read, command.customer)
        feature = await read.catalog.feature(command.feature)
    if customer is None or feature is None:
        reason = Reason.CUSTOMER_NOT_FOUND if customer is None else Reason.FEATURE_NOT_FOUND
        return EntitlementDenied(customer.id if customer else None, feature, reason, command.amount)
    amount = metered_amount(feature, command.amount)

    async def owner(_work: Work) -> str:
        return customer.id

    async def body(work: Work) -> dict[str, Any]:
        return await _take(work, customer.id, feature, resource, amount)

    try:
        outcome, replayed = await act(ctx, "entitlementConsume", command, owner, body)
    except _Denied as denied:
        return _denied(customer, feature, denied.decision, command.amount)
    return EntitlementGranted(
        customer_id=customer.id,
        feature=feature,
        amount=outcome["amount"],
        used=outcome["used"],
        limit=outcome["limit"],
        unlimited=outcome["unlimited"],
        remaining=outcome["remaining"],
        resets_at=instant_read(outcome["resets_at"]),
        record_id=outcome["record_id"],
        replayed=replayed,
    )


def metered_amount(feature: FeatureView, amount: str) -> int:
    """Read an amount above zero of a metered feature."""
    if feature.kind is not FeatureKind.METERED:
        raise FeatureNotMetered(
            f"{feature.key} is {feature.kind.value}: only metered features are used up.",
            field="feature",
            kind=feature.kind.value,
        )
    return parse_positive_amount(amount, feature.scale, field="amount")


async def sources_now(work: Work, customer_id: str, feature: FeatureView) -> Sources:
    """Gather what speaks about the feature, after the customer's sequence was taken."""
    customer = await work.customers.by_id(customer_id)
    if customer is None:
        raise LookupError(customer_id)
    return (await work.entitlements.sources(customer, [feature], work.at))[feature.id]


async def _take(
    work: Work,
    customer_id: str,
    feature: FeatureView,
    resource: str,
    amount: int,
) -> dict[str, Any]:
    sources = await sources_now(work, customer_id, feature)
    meant = effective_resource(sources, resource)
    counted = counter(sources, meant, work.at) or Counter(meant, None, None)
    usage = await work.usage.usage(customer_id, feature.id, counted, work.at)
    decision = evaluate(sources, usage, work.at, resource=meant, requested=amount)
    if not decision.has_access:
        raise _Denied(decision)
    checked_amount(usage.used + amount, feature.scale, field="amount")
    written = await write_usage(
        work,
        UsageToWrite(customer_id, feature.id, meant, counted, UsageKind.CONSUME, amount, work.at),
        sources,
        usage,
    )
    left = None if decision.remaining is None else max(0, decision.remaining - amount)
    return {
        "amount": format_amount(amount, feature.scale),
        "used": format_amount(usage.used + written.of_limit, feature.scale),
        "limit": None if decision.limit is None else format_amount(decision.limit, feature.scale),
        "unlimited": decision.unlimited,
        "remaining": None if left is None else format_amount(left, feature.scale),
        "resets_at": instant_kept(decision.resets_at),
        "record_id": written.record_id,
    }


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
    """The ledger row that was written, and what of it the limit's counter took."""

    record_id: str
    of_limit: int


async def write_usage(work: Work, use: UsageToWrite, sources: Sources, usage: Usage) -> UsageWritten:
    """Write a ledger row with what it burns or gives back, its counter's head and its event, all under one number."""
    if use.amount < 0:
        burned = await work.usage.burned(use.customer_id, use.feature_id, use.counter)
        spread = give_back(usage, -use.amount, burned)
    else:
        spread = burn(sources, usage, use.amount, use.occurred_at, use.resource)
    number = work.next_number(use.customer_id)
    record = UsageRow(
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
    for grant_id, part in spread.allowances:
        await work.entitlements.burn_grant(grant_id, part)
    told = {"featureId": use.feature_id, "resource": use.resource, "amount": str(use.amount)}
    happening = Happening("usage.consumed" if use.kind is UsageKind.CONSUME else "usage.reported", record.id, {}, told)
    await work.record(use.customer_id, happening, number=number)
    return UsageWritten(record.id, spread.limit_amount)


def _denied(customer: CustomerView, feature: FeatureView, decision: Decision, requested: str) -> EntitlementDenied:
    def shown(amount: int | None) -> str | None:
        return None if amount is None else format_amount(amount, feature.scale)

    return EntitlementDenied(
        customer_id=customer.id,
        feature=feature,
        reason=decision.reason,
        requested=requested,
        used=shown(decision.used),
        limit=shown(decision.limit),
        unlimited=decision.unlimited,
        remaining=shown(decision.remaining),
        over_by=shown(decision.over_by) if decision.over_by else None,
        resets_at=decision.resets_at,
    )
