"""Settling what was held."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers import reservation_settle as resolved
from resolvers.entitlement_consume import EntitlementDenied as Denial
from resolvers.reservation_settle import ReservationSettle, settle_reservation
from schema.answers import answer, perform
from schema.info import Info
from schema.mutations.entitlement_consume import EntitlementDenied
from schema.objects.reservation import Reservation
from schema.objects.usage_record import UsageRecord
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AmountOutOfRange, AnyAct
from schema.scalars import Amount, optional_amount
from schema.texts import actor, given, idempotency_key, identifier
from schema.usage_refusals import FeatureNotSummed, ReservationEnded, ReservationExpired


@input_type
class ReservationSettleInput:
    """What a job really used."""

    id: ID = about("The reservation.")
    amount: Amount | None = about(
        "What was used: less than, as much as or, where that could be consumed, more than what is held; "
        "all of it unless said.",
        default=UNSET,
    )
    idempotency_key: str = about(IDEMPOTENCY_KEY)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> ReservationSettle:
        """Check every value."""
        return ReservationSettle(
            id=identifier(self.id, "id"),
            amount=given(self.amount),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class ReservationSettled:
    """What was used is in the ledger, and nothing is held any more."""

    reservation: Reservation = about("The reservation.")
    record: UsageRecord = about("The row of the ledger.")
    used: Amount | None = about("What is used of the limit in the present window; never null here.")
    reserved: Amount = about("What other reservations hold.")
    limit: Amount | None = about("The limit; null is none.")
    remaining: Amount | None = about("What may still be used; null where there is no limit.")
    over_by: Amount | None = about("How far usage is above the limit.")
    resets_at: datetime | None = about("When counting begins again; null is never.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: resolved.ReservationSettled) -> "ReservationSettled":
        """Show what was done."""
        return cls(
            reservation=Reservation.of(outcome.reservation),
            record=UsageRecord.of(outcome.record),
            used=Amount(outcome.used),
            reserved=Amount(outcome.reserved),
            limit=optional_amount(outcome.limit),
            remaining=optional_amount(outcome.remaining),
            over_by=optional_amount(outcome.over_by),
            resets_at=outcome.resets_at,
            replayed=outcome.replayed,
        )


def decided(outcome: resolved.ReservationSettled | Denial) -> ReservationSettled | EntitlementDenied:
    """Show what became of it."""
    if isinstance(outcome, resolved.ReservationSettled):
        return ReservationSettled.of(outcome)
    return EntitlementDenied.of(outcome)


ReservationSettleAnswer: TypeAlias = Annotated[
    ReservationSettled
    | EntitlementDenied
    | AnyAct
    | ReservationExpired
    | ReservationEnded
    | FeatureNotSummed
    | AmountOutOfRange,
    strawberry.union(
        "ReservationSettleAnswer",
        description="What `reservationSettle` answers: settled, denied (more than is left; it stays held), or refused.",
    ),
]


@part_type
class ReservationSettleMutation:
    """The act as a root field."""

    @mutation
    async def reservation_settle(
        self, info: Info, input: Annotated[ReservationSettleInput, INPUT]
    ) -> ReservationSettleAnswer:
        """Write down what a job really used and hold nothing any more; it counts when it is settled."""
        return await answer(ReservationSettleAnswer, decided, perform(settle_reservation, info.context, input))
