"""Settle a reservation: what the job really used goes into the ledger, and nothing is held any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import checked_amount, format_amount, parse_positive_amount
from billing.dataclass import dataclass
from billing.entitlements.burning import ROLLED, Burn, burn, with_rolled
from billing.entitlements.evaluate import decide
from billing.entitlements.reservations import demand_held
from billing.entitlements.resolution import resolve_meant, resolve_scope
from billing.entitlements.sources import Counter
from models.choices import UsageKind
from models.work import Happening
from resolvers import checks
from resolvers.access import not_found
from resolvers.acts import act, instant_read
from resolvers.counting import usage_of
from resolvers.entitlement_consume import Denied, EntitlementDenied, demand_summed, denied_as
from resolvers.entitlement_reserve import read_reservation
from resolvers.meter import UsageToWrite, sources_now, write_usage
from resolvers.numbers import numbers_of

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.entitlements.reservations import Held
    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Usage
    from models.reader import Reader
    from models.views import CustomerView, FeatureView, ReservationView, UsageView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class ReservationSettle:
    """The reservation, and what was used; all of it unless said. The key is required."""

    id: str
    amount: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class ReservationSettled:
    """The ledger row, and where the counter stands after it; a replay answers the first time's numbers."""

    reservation: ReservationView
    record: UsageView
    feature: FeatureView
    used: str
    reserved: str
    limit: str | None
    remaining: str | None
    over_by: str | None
    resets_at: datetime | None
    replayed: bool


async def settle_reservation(ctx: Context, command: ReservationSettle) -> ReservationSettled | EntitlementDenied:
    """Write what was used; what is beyond the reservation is only taken where it could be consumed."""
    checks.text(command.idempotency_key or "", "idempotencyKey")

    async def owner(work: Work) -> str:
        return (await found_reservation(work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        reservation = await found_reservation(work, command.id)
        demand_held(reservation.state, reservation.expires_at, work.at)
        return await _settle(work, reservation, command)

    try:
        outcome, replayed = await act(ctx, "reservationSettle", command, owner, body)
    except Denied as denied:
        return denied.answer
    async with ctx.read() as read:
        record = await read.usage.by_id(outcome["record_id"])
        feature = await read.catalog.feature(outcome["feature_id"])
    if record is None or feature is None:
        raise LookupError(outcome["record_id"])
    return ReservationSettled(
        reservation=await read_reservation(ctx, command.id),
        record=record,
        feature=feature,
        used=outcome["used"],
        reserved=outcome["reserved"],
        limit=outcome["limit"],
        remaining=outcome["remaining"],
        over_by=outcome["over_by"],
        resets_at=instant_read(outcome["resets_at"]),
        replayed=replayed,
    )


async def found_reservation(read: Reader, reservation_id: str) -> ReservationView:
    """Find a reservation of this environment."""
    reservation = await read.reservations.by_id(reservation_id)
    if reservation is None:
        raise not_found("Reservation", "id")
    return reservation


async def feature_of(read: Reader, reservation: ReservationView) -> FeatureView:
    """Read what a reservation holds of."""
    feature = await read.catalog.feature(reservation.feature_id)
    if feature is None:
        raise LookupError(reservation.feature_id)
    return feature


async def customer_of(read: Reader, reservation: ReservationView) -> CustomerView:
    """Read whose reservation it is."""
    customer = await read.customers.by_id(reservation.customer_id)
    if customer is None:
        raise LookupError(reservation.customer_id)
    return customer


async def _settle(work: Work, reservation: ReservationView, command: ReservationSettle) -> dict[str, Any]:
    feature = await feature_of(work, reservation)
    demand_summed(feature)
    amount = reservation.amount
    if command.amount is not None:
        amount = parse_positive_amount(command.amount, feature.scale, field="amount")
    customer = await customer_of(work, reservation)
    sources = await sources_now(work, customer.id, feature)
    found = resolve_scope(sources, work.at, reservation.resource, reservation.scope)
    counted = found.counter or Counter(reservation.scope, None, None)
    usage = await usage_of(work, customer, feature, counted, work.at)
    checked_amount(usage.used + amount, feature.scale, field="amount")
    beyond = Burn(0)
    if amount > reservation.amount:
        more = amount - reservation.amount
        decision = decide(found, usage, more)
        if not decision.has_access:
            raise Denied(denied_as(customer, feature, decision, format_amount(amount, feature.scale)))
        beyond = burn(found, usage, more)
    spread = _spread(await work.reservations.held(reservation.id), amount, found, usage, beyond)
    use = UsageToWrite(
        reservation.customer_id,
        feature.id,
        reservation.resource,
        counted,
        UsageKind.SETTLE,
        amount,
        work.at,
        spread=spread,
    )
    written = await write_usage(work, use, found, usage)
    await work.reservations.settle(reservation.id, amount, written.record.id, work.at)
    told = {
        "featureId": feature.id,
        "resource": reservation.resource,
        "amount": format_amount(amount, feature.scale),
        "reserved": format_amount(reservation.amount, feature.scale),
    }
    await work.record(reservation.customer_id, Happening("reservation.settled", reservation.id, {}, told))
    return {
        "record_id": written.record.id,
        "feature_id": feature.id,
        **await _numbers(work, customer, feature, reservation.resource),
    }


def _spread(held: Held, amount: int, found: Resolution, usage: Usage, beyond: Burn) -> Burn:
    """Take what is held, the first to burn first, and what is beyond it; of the counter the rolled over part first."""
    taken = dict(beyond.allowances)
    of_counter = beyond.limit_amount + beyond.rolled_amount
    for name, part in held.taken(amount):
        if name:
            taken[name] = taken.get(name, 0) + part
        else:
            of_counter += part
    found = with_rolled(found, usage)
    rolled = 0
    if found.override is None and found.rolled is not None and found.rolled.id == ROLLED:
        rolled = min(of_counter, max(0, found.rolled.amount - found.rolled.used))
    return Burn(of_counter - rolled, tuple(taken.items()), rolled)


async def _numbers(work: Work, customer: CustomerView, feature: FeatureView, resource: str) -> dict[str, Any]:
    """Where the present counter stands now."""
    found = resolve_meant(await sources_now(work, customer.id, feature), work.at, resource)
    usage = await usage_of(work, customer, feature, found.counter, work.at)
    return numbers_of(decide(found, usage), feature.scale)
