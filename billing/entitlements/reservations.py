"""Amounts that are held for long jobs: how long, what of them is settled, and what a late call is told."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import DateOutOfRange, InvalidInput, ReservationEnded, ReservationExpired

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

USUAL = timedelta(minutes=15)
LONGEST = timedelta(days=30)


class ReservationState(StrEnum):
    """What became of a reservation."""

    HELD = "HELD"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


RESERVATION_STATE_MEANINGS: Mapping[ReservationState, str] = MappingProxyType(
    {
        ReservationState.HELD: "The amount is held and counts as taken.",
        ReservationState.SETTLED: "The job is done; what it used is in the ledger.",
        ReservationState.RELEASED: "The amount was let go and nothing was used.",
        ReservationState.EXPIRED: "Its time was over before it was settled or released.",
    },
)


@dataclass(frozen=True, slots=True)
class Held:
    """What a reservation holds, in burning order: (grant id, amount); '' is the limit's counter."""

    parts: tuple[tuple[str, int], ...]

    @property
    def amount(self) -> int:
        """All of it."""
        return sum(amount for _, amount in self.parts)

    def taken(self, amount: int) -> tuple[tuple[str, int], ...]:
        """What an actual amount takes of it, the first to burn first; what is beyond it is not in the answer."""
        rest = amount
        taken: list[tuple[str, int]] = []
        for name, held in self.parts:
            if part := min(rest, held):
                taken.append((name, part))
                rest -= part
        return tuple(taken)


def expiry(at: datetime, seconds: int | None, expires_at: datetime | None) -> datetime:
    """Until when it is held: 15 minutes unless said, 30 days at most."""
    if seconds is not None and expires_at is not None:
        raise InvalidInput("Give `expiresInSeconds` or `expiresAt`, not both.", field="expiresAt")
    until = expires_at or at + (USUAL if seconds is None else timedelta(seconds=seconds))
    if not at < until <= at + LONGEST:
        field = "expiresAt" if expires_at is not None else "expiresInSeconds"
        raise DateOutOfRange(
            "A reservation expires later than now and within 30 days.", field=field, earliest=at, latest=at + LONGEST
        )
    return until


def demand_held(state: ReservationState, expires_at: datetime, at: datetime) -> None:
    """Refuse what comes too late, or a second time."""
    if state is ReservationState.EXPIRED or (state is ReservationState.HELD and expires_at <= at):
        raise ReservationExpired(
            "The reservation expired and holds nothing any more: report or consume what was used.",
            field="id",
            expired_at=expires_at,
        )
    if state is not ReservationState.HELD:
        raise ReservationEnded(f"The reservation was {state.value.lower()} before.", field="id", state=state.value)
