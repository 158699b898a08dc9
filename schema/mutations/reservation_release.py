"""Letting go what was held."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.reservation_release import ReservationRelease, release_reservation
from resolvers.reservation_release import ReservationReleased as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.reservation import Reservation
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier
from schema.usage_refusals import ReservationEnded, ReservationExpired


@input_type
class ReservationReleaseInput:
    """Which reservation."""

    id: ID = about("The reservation.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> ReservationRelease:
        """Check every value."""
        return ReservationRelease(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class ReservationReleased:
    """Nothing is held any more, and nothing was used."""

    reservation: Reservation = about("The reservation.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "ReservationReleased":
        """Show what was done."""
        return cls(reservation=Reservation.of(outcome.reservation), replayed=outcome.replayed)


ReservationReleaseAnswer: TypeAlias = Annotated[
    ReservationReleased | AnyAct | ReservationExpired | ReservationEnded,
    strawberry.union(
        "ReservationReleaseAnswer", description="What `reservationRelease` answers: done, or how it was refused."
    ),
]


@part_type
class ReservationReleaseMutation:
    """The act as a root field."""

    @mutation
    async def reservation_release(
        self, info: Info, input: Annotated[ReservationReleaseInput, INPUT]
    ) -> ReservationReleaseAnswer:
        """Let go what is held: the job used nothing."""
        return await answer(
            ReservationReleaseAnswer, ReservationReleased.of, perform(release_reservation, info.context, input)
        )
