"""Let a reservation go: nothing was used, and nothing is held any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import format_amount
from billing.dataclass import dataclass
from billing.entitlements.reservations import demand_held
from models.work import Happening
from resolvers.acts import act
from resolvers.entitlement_reserve import read_reservation
from resolvers.reservation_settle import feature_of, found_reservation

if TYPE_CHECKING:
    from typing import Any

    from models.views import ReservationView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class ReservationRelease:
    """The reservation to let go."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class ReservationReleased:
    """The reservation as it is now."""

    reservation: ReservationView
    replayed: bool


async def release_reservation(ctx: Context, command: ReservationRelease) -> ReservationReleased:
    """Release what is held; what expired, was settled or was released before is refused by name."""

    async def owner(work: Work) -> str:
        return (await found_reservation(work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        reservation = await found_reservation(work, command.id)
        demand_held(reservation.state, reservation.expires_at, work.at)
        feature = await feature_of(work, reservation)
        await work.reservations.release(reservation.id, work.at)
        told = {"featureId": feature.id, "amount": format_amount(reservation.amount, feature.scale)}
        await work.record(reservation.customer_id, Happening("reservation.released", reservation.id, {}, told))
        return {"reservation_id": reservation.id}

    outcome, replayed = await act(ctx, "reservationRelease", command, owner, body)
    return ReservationReleased(await read_reservation(ctx, outcome["reservation_id"]), replayed)
