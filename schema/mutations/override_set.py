"""Overriding what a plan gives."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.override_set import OverrideSet, set_override
from resolvers.override_set import OverrideWasSet as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.grant import Override
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AmountOutOfRange, AnyAct, CustomerArchived, DateOutOfRange, FeatureArchived
from schema.scalars import JSON, Amount
from schema.texts import actor, comment, given, idempotency_key, json_of, optional_text, text


@input_type
class OverrideSetInput:
    """What stands in place of every other source."""

    customer: CustomerRef = about("The customer.")
    feature: str = about("The feature, by key or id.")
    resource: str | None = about(
        "The resource, where the product is had several times; none is the customer as a whole.", default=UNSET
    )
    revoked: bool = about("Takes access away.", default=False)
    unlimited: bool = about("Lifts the limit of a metered feature.", default=False)
    limit: Amount | None = about("The limit of a metered feature.", default=UNSET)
    hard: bool = about("Whether the limit denies what is above it.", default=True)
    value: JSON | None = about("The value of a configuration feature.", default=UNSET)
    starts_at: datetime | None = about("Since when it stands; now unless said.", default=UNSET)
    ends_at: datetime | None = about("Until when it stands; for good unless said.", default=UNSET)
    reason: str | None = about("Why, at most 1000 characters.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> OverrideSet:
        """Check every value."""
        return OverrideSet(
            customer=self.customer.to_ref(),
            feature=text(self.feature, "feature"),
            resource=optional_text(self.resource, "resource"),
            revoked=self.revoked,
            unlimited=self.unlimited,
            limit=given(self.limit),
            hard=self.hard,
            value=json_of(self.value),
            starts_at=given(self.starts_at),
            ends_at=given(self.ends_at),
            reason=comment(self.reason, "reason"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class OverrideWasSet:
    """The override stands."""

    override: Override = about("The override.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "OverrideWasSet":
        """Show what was done."""
        return cls(
            override=Override.of(outcome.override),
            replayed=outcome.replayed,
        )


OverrideSetAnswer: TypeAlias = Annotated[
    OverrideWasSet | AnyAct | CustomerArchived | FeatureArchived | AmountOutOfRange | DateOutOfRange,
    strawberry.union(
        "OverrideSetAnswer", description="What `overrideSet` answers: what was done, or how it was refused."
    ),
]


@part_type
class OverrideSetMutation:
    """The act as a root field."""

    @mutation
    async def override_set(self, info: Info, input: Annotated[OverrideSetInput, INPUT]) -> OverrideSetAnswer:
        """Put something in place of all that plans and grants give of a feature, also less or nothing."""
        return await answer(OverrideSetAnswer, OverrideWasSet.of, perform(set_override, info.context, input))
