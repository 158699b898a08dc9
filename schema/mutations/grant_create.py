"""Giving something on top."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from billing.entitlements.sources import AllowanceKind
from resolvers.grant_create import GrantCreate, create_grant
from resolvers.grant_create import GrantCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.grant import Grant
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import (
    AmountOutOfRange,
    AnyAct,
    CustomerArchived,
    DateOutOfRange,
    FeatureArchived,
)
from schema.scalars import JSON, Amount
from schema.texts import actor, comment, given, idempotency_key, json_of, optional_text, optional_whole, text

LAST_PRIORITY = 1_000


@input_type
class GrantCreateInput:
    """An allowance on top of the plan."""

    customer: CustomerRef = about("The customer.")
    feature: str = about("The feature, by key or id.")
    resource: str | None = about(
        "The resource, where the product is had several times; none is the customer as a whole.", default=UNSET
    )
    amount: Amount | None = about("How much of a metered feature.", default=UNSET)
    value: JSON | None = about("The value of a configuration feature.", default=UNSET)
    kind: AllowanceKind = about("Where it comes from.", default=AllowanceKind.PROMOTIONAL)
    priority: int | None = about("When it burns, 0 to 1000: lower first; 100 unless said.", default=UNSET)
    starts_at: datetime | None = about("Since when it counts; now unless said.", default=UNSET)
    expires_at: datetime | None = about("Until when it counts; for good unless said.", default=UNSET)
    reason: str | None = about("Why, at most 1000 characters.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> GrantCreate:
        """Check every value."""
        return GrantCreate(
            customer=self.customer.to_ref(),
            feature=text(self.feature, "feature"),
            resource=optional_text(self.resource, "resource"),
            amount=given(self.amount),
            value=json_of(self.value),
            kind=self.kind,
            priority=optional_whole(self.priority, "priority", 0, LAST_PRIORITY),
            starts_at=given(self.starts_at),
            expires_at=given(self.expires_at),
            reason=comment(self.reason, "reason"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class GrantCreated:
    """The grant is there."""

    grant: Grant = about("The grant.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "GrantCreated":
        """Show what was done."""
        return cls(
            grant=Grant.of(outcome.grant),
            replayed=outcome.replayed,
        )


GrantCreateAnswer: TypeAlias = Annotated[
    GrantCreated | AnyAct | CustomerArchived | FeatureArchived | AmountOutOfRange | DateOutOfRange,
    strawberry.union(
        "GrantCreateAnswer", description="What `grantCreate` answers: what was done, or how it was refused."
    ),
]


@part_type
class GrantCreateMutation:
    """The act as a root field."""

    @mutation
    async def grant_create(self, info: Info, input: Annotated[GrantCreateInput, INPUT]) -> GrantCreateAnswer:
        """Give a customer an amount, a value or a feature on top of the plan."""
        return await answer(GrantCreateAnswer, GrantCreated.of, perform(create_grant, info.context, input))
