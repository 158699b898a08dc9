"""What is held for long jobs, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update

from billing.dataclass import dataclass
from billing.entitlements.reservations import Held, ReservationState
from models.paging import Key, after, cursor_at, instant_and_id_in, ordered, page_of
from models.rows import Runner, add, row, rows
from models.stores.due import due_of
from models.tables.base import table
from models.tables.reservation import ReservationHoldRow, ReservationRow
from models.types import Instant
from models.views import ReservationView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from models.paging import Page

R = table(ReservationRow)
T = table(ReservationHoldRow)
_AT = bindparam("at", type_=Instant)
HOLDING = and_(R.c.created_at <= _AT, R.c.expires_at > _AT, or_(R.c.settled_at.is_(None), R.c.settled_at > _AT))
"""What holds at an instant, past or future, whether or not its end was noted."""

DUE = due_of(R)
HELD_OF_GRANTS = (
    select(T.c.grant_id, func.sum(T.c.amount).label("amount"))
    .join_from(T, R, R.c.id == T.c.reservation_id)
    .where(T.c.grant_id.in_(bindparam("grants", expanding=True)), HOLDING)
    .group_by(T.c.grant_id)
)


@dataclass(frozen=True, slots=True)
class ReservationsWanted:
    """Which reservations a list holds; None asks for any."""

    customer_id: str
    feature_id: str | None = None
    resource: str | None = None
    state: ReservationState | None = None


class Reservations:
    """What the customers of one environment hold; `present` decides which of it has expired."""

    def __init__(self, run: Runner, environment_id: str, present: datetime) -> None:
        """Run on this connection or session, for one environment."""
        self._run = run
        self._env = environment_id
        self._present = present

    async def by_id(self, reservation_id: str) -> ReservationView | None:
        """Find a reservation; one whose time is over is told as expired, whether or not that was noted."""
        found = await row(self._run, select(R).where(R.c.id == reservation_id, R.c.environment_id == self._env))
        return self._view(found) if found else None

    async def held(self, reservation_id: str) -> Held:
        """Read what a reservation holds of what, in burning order."""
        found = await row(self._run, select(R).where(R.c.id == reservation_id, R.c.environment_id == self._env))
        if found is None:
            raise LookupError(reservation_id)
        listed = select(T).where(T.c.reservation_id == reservation_id).order_by(T.c.position)
        parts = [(each["grant_id"], each["amount"]) for each in await rows(self._run, listed)]
        if found["limit_amount"]:
            parts.insert(found["place"], ("", found["limit_amount"]))
        return Held(tuple(parts))

    async def page(self, wanted: ReservationsWanted, first: int, cursor: str | None) -> Page[ReservationView]:
        """List reservations, newest first."""
        keys = (Key(R.c.created_at, descending=True), Key(R.c.id, descending=True))
        listed = select(R).where(R.c.environment_id == self._env, *self._conditions(wanted))
        if cursor is not None:
            listed = after(listed, keys, instant_and_id_in(cursor))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        began = cursor is not None
        return page_of(found, first, lambda each: cursor_at(each["created_at"], each["id"]), self._view, began=began)

    async def due(self, customer_id: str, until: datetime) -> list[ReservationView]:
        """List a customer's reservations whose time is over and was not noted."""
        given = {"customer": customer_id, "until": until}
        return [self._view(found) for found in await rows(self._run, DUE, given)]

    async def add(self, reservation: ReservationRow, parts: Sequence[tuple[str, int]]) -> None:
        """Keep a new reservation with what it holds of grants, in burning order."""
        await add(self._run, reservation)
        for position, (grant_id, amount) in enumerate(parts):
            await add(
                self._run,
                ReservationHoldRow(
                    reservation_id=reservation.id,
                    grant_id=grant_id,
                    environment_id=reservation.environment_id,
                    amount=amount,
                    position=position,
                ),
            )

    async def settle(self, reservation_id: str, amount: int, usage_id: str, at: datetime) -> None:
        """Note what it came to."""
        await self._end(
            reservation_id,
            state=ReservationState.SETTLED,
            settled_at=at,
            settled_amount=amount,
            usage_id=usage_id,
        )

    async def release(self, reservation_id: str, at: datetime) -> None:
        """Note that it was let go."""
        await self._end(reservation_id, state=ReservationState.RELEASED, settled_at=at)

    async def expire(self, reservation_id: str) -> None:
        """Note that its time is over."""
        await self._end(reservation_id, state=ReservationState.EXPIRED)

    async def _end(self, reservation_id: str, **values: object) -> None:
        await self._run.execute(update(R).where(R.c.id == reservation_id).values(due_at=None, **values))

    def _conditions(self, wanted: ReservationsWanted) -> list[ColumnElement[bool]]:
        conditions = [R.c.customer_id == wanted.customer_id]
        if wanted.feature_id is not None:
            conditions.append(R.c.feature_id == wanted.feature_id)
        if wanted.resource is not None:
            conditions.append(R.c.resource == wanted.resource)
        unnoted = and_(R.c.state == ReservationState.HELD, R.c.expires_at <= self._present)
        if wanted.state is ReservationState.EXPIRED:
            conditions.append(or_(R.c.state == ReservationState.EXPIRED, unnoted))
        elif wanted.state is ReservationState.HELD:
            conditions += [R.c.state == ReservationState.HELD, R.c.expires_at > self._present]
        elif wanted.state is not None:
            conditions.append(R.c.state == wanted.state)
        return conditions

    def _view(self, found: Mapping[str, Any]) -> ReservationView:
        over = found["state"] is ReservationState.HELD and found["expires_at"] <= self._present
        state: ReservationState = ReservationState.EXPIRED if over else found["state"]
        return ReservationView(
            id=found["id"],
            customer_id=found["customer_id"],
            feature_id=found["feature_id"],
            resource=found["resource"],
            scope=found["scope"],
            amount=found["amount"],
            state=state,
            created_at=found["created_at"],
            expires_at=found["expires_at"],
            ended_at=found["expires_at"] if state is ReservationState.EXPIRED else found["settled_at"],
            settled_amount=found["settled_amount"],
            usage_id=found["usage_id"],
        )
