"""Removing a way to pay."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.payment_method_remove import PaymentMethodRemove, remove_method
from resolvers.payment_method_remove import PaymentMethodRemoved as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.payment import PaymentMethod
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class PaymentMethodRemoveInput:
    """The payment method."""

    id: ID = about("The payment method.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> PaymentMethodRemove:
        """Check every value."""
        return PaymentMethodRemove(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PaymentMethodRemoved:
    """The payment method is charged no more."""

    payment_method: PaymentMethod = about("The payment method.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "PaymentMethodRemoved":
        """Show what was done."""
        return cls(
            payment_method=PaymentMethod.of(outcome.method),
            replayed=outcome.replayed,
        )


PaymentMethodRemoveAnswer: TypeAlias = Annotated[
    PaymentMethodRemoved | AnyAct,
    strawberry.union(
        "PaymentMethodRemoveAnswer",
        description="What `paymentMethodRemove` answers: what was done, or how it was refused.",
    ),
]


@part_type
class PaymentMethodRemoveMutation:
    """The act as a root field."""

    @mutation
    async def payment_method_remove(
        self, info: Info, input: Annotated[PaymentMethodRemoveInput, INPUT]
    ) -> PaymentMethodRemoveAnswer:
        """Charge a payment method no more; the newest of the others becomes the default in its place."""
        return await answer(
            PaymentMethodRemoveAnswer, PaymentMethodRemoved.of, perform(remove_method, info.context, input)
        )
