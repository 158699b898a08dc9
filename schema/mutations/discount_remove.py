"""Taking a discount away."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.discount_remove import DiscountRemove, remove_discount
from resolvers.discount_remove import DiscountRemoved as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.discount import Discount
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class DiscountRemoveInput:
    """The discount to end."""

    id: ID = about("The discount's id.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> DiscountRemove:
        """Check every value."""
        return DiscountRemove(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class DiscountRemoved:
    """The discount is over."""

    discount: Discount = about("The discount.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "DiscountRemoved":
        """Show what was done."""
        return cls(discount=Discount.of(outcome.discount), replayed=outcome.replayed)


DiscountRemoveAnswer: TypeAlias = Annotated[
    DiscountRemoved | AnyAct,
    strawberry.union(
        "DiscountRemoveAnswer", description="What `discountRemove` answers: what was done, or how it was refused."
    ),
]


@part_type
class DiscountRemoveMutation:
    """The act as a root field."""

    @mutation
    async def discount_remove(self, info: Info, input: Annotated[DiscountRemoveInput, INPUT]) -> DiscountRemoveAnswer:
        """End a discount now: the next invoice is without it, and what is billed already stays as it is."""
        return await answer(DiscountRemoveAnswer, DiscountRemoved.of, perform(remove_discount, info.context, input))
