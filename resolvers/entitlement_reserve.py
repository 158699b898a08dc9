"""Hold some of a metered feature for a long job, never more than there is; it counts as taken until it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.amounts import checked_amount, format_amount
from billing.dataclass import dataclass
from billing.entitlements.burning import burn
from billing.entitlements.decisions import Reason
from billing.entitlements.evaluate import decide
from billing.entitlements.reservations import ReservationState, expiry
from billing.entitlements.resolution import resolve_meant
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Counter
from models.tables.reservation import ReservationRow
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, customer_or_none, instant_read, open_to
from resolvers.counting import usage_of
from resolvers.entitlement_consume import Denied, EntitlementDenied, denied_as, metered_amount
from resolvers.meter import sources_now
from resolvers.numbers import above, less, numbers_of

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.entitlements.burning import Burn
    from models.views import CustomerView, FeatureView, ReservationView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class EntitlementReserve:
    """How much of what, and until when; `amount` is a decimal string above zero. The key is required."""

    customer: CustomerRef
    feature: str
    amount: str
    resource: str | None = None
    expires_in_seconds: int | None = None
    expires_at: datetime | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class EntitlementReserved:
    """It is held, and that is on disk. A replay answers the first time's numbers."""

    reservation: ReservationView
    used: str
    reserved: str
    limit: str | None
    unlimited: bool
    remaining: str | None
    over_by: str | None
    resets_at: datetime | None
    replayed: bool


async def reserve(ctx: Context, command: EntitlementReserve) -> EntitlementReserved | EntitlementDenied:
    """Reserve atomically and durably; all or nothing."""
    open_to(ctx, "entitlementReserve", command)
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
        until = expiry(work.at, command.expires_in_seconds, command.expires_at)
        return await _hold(work, customer, feature, resource, amount, until)

    try:
        outcome, replayed = await act(ctx, "entitlementReserve", command, owner, body)
    except Denied as denied:
        return denied.answer
    return EntitlementReserved(
        reservation=await read_reservation(ctx, outcome["reservation_id"]),
        used=outcome["used"],
        reserved=outcome["reserved"],
        limit=outcome["limit"],
        unlimited=outcome["unlimited"],
        remaining=outcome["remaining"],
        over_by=outcome["over_by"],
        resets_at=instant_read(outcome["resets_at"]),
        replayed=replayed,
    )


async def read_reservation(ctx: Context, reservation_id: str) -> ReservationView:
    """Read a reservation of an outcome as it is now."""
    async with ctx.read() as read:
        reservation = await read.reservations.by_id(reservation_id)
    if reservation is None:
        raise LookupError(reservation_id)
    return reservation


async def _hold(
    work: Work, customer: CustomerView, feature: FeatureView, resource: str, amount: int, until: datetime
) -> dict[str, Any]:
    sources = await sources_now(work, customer.id, feature)
    meant = effective_resource(sources, resource)
    found = resolve_meant(sources, work.at, meant)
    counted = found.counter or Counter(meant, None, None)
    usage = await usage_of(work, customer, feature, counted, work.at)
    decision = decide(found, usage, amount)
    if not decision.has_access:
        raise Denied(denied_as(customer, feature, decision, format_amount(amount, feature.scale)))
    checked_amount(usage.used + usage.reserved + amount, feature.scale, field="amount")
    spread = burn(found, usage, amount)
    row = _row(work, customer.id, feature, meant, counted, until, spread, amount)
    await work.reservations.add(row, spread.allowances)
    told = {
        "featureId": feature.id,
        "resource": meant,
        "amount": format_amount(amount, feature.scale),
        "expiresAt": until.isoformat(),
    }
    await work.record(customer.id, Happening("reservation.created", row.id, {}, told))
    over = above(decision.limit, usage.used + usage.reserved + row.limit_amount)
    left = less(decision.remaining, amount)
    after = replace(decision, used=usage.used, reserved=decision.reserved + amount, remaining=left, over_by=over)
    return {"reservation_id": row.id, **numbers_of(after, feature.scale)}


def _row(
    work: Work,
    customer_id: str,
    feature: FeatureView,
    resource: str,
    counter: Counter,
    until: datetime,
    spread: Burn,
    amount: int,
) -> ReservationRow:
    """What was rolled over is held as the counter's own: the limit and it reset together."""
    return ReservationRow(
        id=work.ids.new("rsv"),
        environment_id=work.environment_id,
        customer_id=customer_id,
        feature_id=feature.id,
        resource=resource,
        amount=amount,
        state=ReservationState.HELD,
        created_at=work.at,
        expires_at=until,
        scope=counter.resource,
        limit_amount=spread.limit_amount + spread.rolled_amount,
        place=spread.place,
        due_at=until,
    )
