"""Use some of a metered feature, never more than there is: decide, write and commit before saying so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from billing.amounts import checked_amount, format_amount, parse_positive_amount
from billing.dataclass import dataclass
from billing.entitlements.decisions import Reason
from billing.entitlements.evaluate import decide
from billing.entitlements.sources import Aggregation, Counter, FeatureKind
from billing.refusals import FeatureNotMetered, FeatureNotSummed
from models.choices import UsageKind
from resolvers import checks
from resolvers.acts import instant_read, open_to
from resolvers.meter import UsageToWrite
from resolvers.metered import NotTaken, key_of
from resolvers.metering import carried_out
from resolvers.numbers import above, less, numbers_of

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.entitlements.decisions import Decision
    from models.stores.giving import Holding
    from models.stores.journal import KeyUsed
    from models.stores.usage import LedgerRow
    from models.views import FeatureView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef
    from resolvers.meter import Meter
    from resolvers.metered import Done


LEVELS = {Aggregation.MAX: "largest", Aggregation.LAST: "latest"}


@dataclass(frozen=True, slots=True)
class EntitlementConsume:
    """How much of what; `amount` is a decimal string above zero. The key is required."""

    customer: CustomerRef
    feature: str
    resource: str | None = None
    amount: str = "1"
    idempotency_key: str | None = None
    actor: str = ""


class EntitlementGranted(NamedTuple):
    """It was taken, and is on disk. Amounts are decimal strings; a replay answers the first time's numbers."""

    customer_id: str
    feature: FeatureView
    amount: str
    used: str
    limit: str | None
    unlimited: bool
    remaining: str | None
    over_by: str | None
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


class Denied(NotTaken):
    """It may not be taken, and nothing was."""

    def __init__(self, answer: EntitlementDenied) -> None:
        """Carry the answer out."""
        super().__init__()
        self.answer = answer


async def consume(ctx: Context, command: EntitlementConsume) -> EntitlementGranted | EntitlementDenied:
    """Consume atomically and durably; all or nothing."""
    open_to(ctx, "entitlementConsume", command)
    if not command.idempotency_key:
        checks.text("", "idempotencyKey")
    key = key_of(ctx, "entitlementConsume", command)
    act = Consumption(ctx, command, checks.resource(command.resource), key)
    try:
        done = await carried_out(act)
    except Denied as denied:
        return denied.answer
    return _granted(done)


@dataclass(slots=True)
class Consumption:
    """One call that consumes, ready to be carried out."""

    ctx: Context
    command: EntitlementConsume
    resource: str
    key: KeyUsed
    amount: int = 0
    """How much, once it is known of which feature."""

    def demand(self, customer: Holding | None, feature: FeatureView | None) -> None:
        """Deny what is not there; refuse an amount that no such feature takes."""
        if customer is None or feature is None:
            reason = Reason.CUSTOMER_NOT_FOUND if customer is None else Reason.FEATURE_NOT_FOUND
            raise Denied(EntitlementDenied(customer.id if customer else None, feature, reason, self.command.amount))
        self.amount = metered_amount(feature, self.command.amount)

    async def written(
        self, meter: Meter, feature: FeatureView | None, *, work: Work
    ) -> tuple[dict[str, Any], LedgerRow]:
        """Take the amount, or leave by a denial."""
        if feature is None:
            raise LookupError(self.command.feature)
        amount = self.amount
        found = meter.heard(feature, self.resource, work=work)
        meant = found.resource
        counted = found.counter or Counter(meant, None, None)
        usage = await meter.usage(feature, counted, work=work)
        decision = decide(found, usage, amount)
        if not decision.has_access:
            raise Denied(denied_as(meter.customer, feature, decision, self.command.amount))
        checked_amount(usage.used + amount, feature.scale, field="amount")
        use = UsageToWrite(meter.customer.id, feature.id, meant, counted, UsageKind.CONSUME, amount, work.at)
        written = await meter.write(use, found, usage, work=work)
        used = usage.used + written.burn.limit_amount
        over, left = above(decision.limit, used + usage.reserved), less(decision.remaining, amount)
        decision.used, decision.remaining, decision.over_by = used, left, over
        after = numbers_of(decision, feature.scale)
        told = {"record_id": written.record.id, "amount": format_amount(amount, feature.scale)}
        return {**told, **after}, written.record


def metered_amount(feature: FeatureView, amount: str) -> int:
    """Read an amount above zero of a metered feature."""
    if feature.kind is not FeatureKind.METERED:
        raise FeatureNotMetered(
            f"{feature.key} is {feature.kind.value}: only metered features are used up.",
            field="feature",
            kind=feature.kind.value,
        )
    demand_summed(feature)
    return parse_positive_amount(amount, feature.scale, field="amount")


def demand_summed(feature: FeatureView) -> None:
    """Refuse to take an amount of what is told as a level."""
    if feature.aggregation is not Aggregation.SUM:
        raise FeatureNotSummed(
            f"Of {feature.key} the {LEVELS[feature.aggregation]} value counts, and nothing is taken or held:"
            " ask `entitlement` whether it may rise, and tell the value by `usageReport`.",
            field="feature",
            aggregation=feature.aggregation.value,
        )


def _granted(done: Done) -> EntitlementGranted:
    outcome, feature = done.outcome, done.feature
    if feature is None:
        raise LookupError(outcome["record_id"])
    return EntitlementGranted(
        customer_id=done.customer.id,
        feature=feature,
        amount=outcome["amount"],
        used=outcome["used"],
        limit=outcome["limit"],
        unlimited=outcome["unlimited"],
        remaining=outcome["remaining"],
        over_by=outcome.get("over_by"),
        resets_at=instant_read(outcome["resets_at"]),
        record_id=outcome["record_id"],
        replayed=done.replayed,
    )


def denied_as(customer: Holding, feature: FeatureView, decision: Decision, requested: str) -> EntitlementDenied:
    """Tell a decision that denies."""
    numbers = numbers_of(decision, feature.scale)
    return EntitlementDenied(
        customer_id=customer.id,
        feature=feature,
        reason=decision.reason,
        requested=requested,
        used=numbers["used"],
        limit=numbers["limit"],
        unlimited=decision.unlimited,
        remaining=numbers["remaining"],
        over_by=numbers["over_by"],
        resets_at=decision.resets_at,
    )
