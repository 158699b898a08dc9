"""Checking and holding in one step."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers import entitlement_reserve as resolved
from resolvers.entitlement_consume import EntitlementDenied as Denial
from resolvers.entitlement_reserve import EntitlementReserve, reserve
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.mutations.entitlement_consume import EntitlementDenied
from schema.objects.reservation import Reservation
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import (
    AmountOutOfRange,
    AnyAct,
    DateOutOfRange,
    FeatureNotMetered,
    ResourceRequired,
)
from schema.scalars import Amount, optional_amount
from schema.texts import actor, given, idempotency_key, optional_text, optional_whole, text
from schema.usage_refusals import FeatureNotSummed

LONGEST_SECONDS = 30 * 86_400


@input_type
class EntitlementReserveInput:
    """What is to be held, and for how long."""

    customer: CustomerRef = about("The customer.")
    feature: str = about("The feature, by key or id.")
    resource: str | None = about(
        "The resource, where the product is had several times; none is the customer as a whole.", default=UNSET
    )
    amount: Amount = about("How much: all of it or nothing is held.")
    expires_in_seconds: int | None = about(
        "For how many seconds, at most 30 days; 900 (15 minutes) unless said.", default=UNSET
    )
    expires_at: datetime | None = about("Or until when, at most 30 days ahead.", default=UNSET)
    idempotency_key: str = about(IDEMPOTENCY_KEY)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> EntitlementReserve:
        """Check every value."""
        return EntitlementReserve(
            customer=self.customer.to_ref(),
            feature=text(self.feature, "feature"),
            amount=self.amount,
            resource=optional_text(self.resource, "resource"),
            expires_in_seconds=optional_whole(self.expires_in_seconds, "expiresInSeconds", 1, LONGEST_SECONDS),
            expires_at=given(self.expires_at),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class EntitlementReserved:
    """The amount is held, and that is on disk."""

    reservation: Reservation = about("The reservation, to be settled or released.")
    used: Amount | None = about("What is used of the limit in the present window; never null here.")
    reserved: Amount = about("What all reservations hold now.")
    limit: Amount | None = about("The limit; null is none.")
    unlimited: bool = about("Whether there is no limit.")
    remaining: Amount | None = about("What may still be used; null where there is no limit.")
    over_by: Amount | None = about("How far a soft limit is exceeded by what is used and held.")
    resets_at: datetime | None = about("When counting begins again; null is never.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: resolved.EntitlementReserved) -> "EntitlementReserved":
        """Show what is held."""
        return cls(
            reservation=Reservation.of(outcome.reservation),
            used=Amount(outcome.used),
            reserved=Amount(outcome.reserved),
            limit=optional_amount(outcome.limit),
            unlimited=outcome.unlimited,
            remaining=optional_amount(outcome.remaining),
            over_by=optional_amount(outcome.over_by),
            resets_at=outcome.resets_at,
            replayed=outcome.replayed,
        )


def decided(outcome: resolved.EntitlementReserved | Denial) -> EntitlementReserved | EntitlementDenied:
    """Show the decision."""
    if isinstance(outcome, resolved.EntitlementReserved):
        return EntitlementReserved.of(outcome)
    return EntitlementDenied.of(outcome)


EntitlementReserveAnswer: TypeAlias = Annotated[
    EntitlementReserved
    | EntitlementDenied
    | AnyAct
    | FeatureNotMetered
    | FeatureNotSummed
    | ResourceRequired
    | AmountOutOfRange
    | DateOutOfRange,
    strawberry.union(
        "EntitlementReserveAnswer",
        description="What `entitlementReserve` answers: held, denied with the reason, or how it was refused.",
    ),
]


@part_type
class EntitlementReserveMutation:
    """The act as a root field."""

    @mutation
    async def entitlement_reserve(
        self, info: Info, input: Annotated[EntitlementReserveInput, INPUT]
    ) -> EntitlementReserveAnswer:
        """Hold an amount for a long job: it counts as taken until it is settled or released, or expires."""
        return await answer(EntitlementReserveAnswer, decided, perform(reserve, info.context, input))
