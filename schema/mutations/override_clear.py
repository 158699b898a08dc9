"""Taking an override back."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.override_clear import OverrideClear, clear_override
from resolvers.override_clear import OverrideCleared as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.grant import Override
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, optional_text, text


@input_type
class OverrideClearInput:
    """Whose override of what to take back."""

    customer: CustomerRef = about("The customer.")
    feature: str = about("The feature, by key or id.")
    resource: str | None = about(
        "The resource, where the product is had several times; none is the customer as a whole.", default=UNSET
    )
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> OverrideClear:
        """Check every value."""
        return OverrideClear(
            customer=self.customer.to_ref(),
            feature=text(self.feature, "feature"),
            resource=optional_text(self.resource, "resource"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class OverrideCleared:
    """The override is taken back."""

    override: Override = about("The override.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "OverrideCleared":
        """Show what was done."""
        return cls(
            override=Override.of(outcome.override),
            replayed=outcome.replayed,
        )


OverrideClearAnswer: TypeAlias = Annotated[
    OverrideCleared | AnyAct,
    strawberry.union(
        "OverrideClearAnswer", description="What `overrideClear` answers: what was done, or how it was refused."
    ),
]


@part_type
class OverrideClearMutation:
    """The act as a root field."""

    @mutation
    async def override_clear(self, info: Info, input: Annotated[OverrideClearInput, INPUT]) -> OverrideClearAnswer:
        """Take an override back: plans and grants count again."""
        return await answer(OverrideClearAnswer, OverrideCleared.of, perform(clear_override, info.context, input))
