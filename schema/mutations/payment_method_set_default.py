"""Choosing what is charged."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.payment_method_set_default import PaymentMethodSetDefault, set_default
from resolvers.payment_method_set_default import PaymentMethodWasSetDefault as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.payment import PaymentMethod
from schema.payment_refusals import PaymentMethodGone
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class PaymentMethodSetDefaultInput:
    """The payment method."""

    id: ID = about("The payment method.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> PaymentMethodSetDefault:
        """Check every value."""
        return PaymentMethodSetDefault(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PaymentMethodWasSetDefault:
    """The payment method is the default."""

    payment_method: PaymentMethod = about("The payment method.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "PaymentMethodWasSetDefault":
        """Show what was done."""
        return cls(
            payment_method=PaymentMethod.of(outcome.method),
            replayed=outcome.replayed,
        )


PaymentMethodSetDefaultAnswer: TypeAlias = Annotated[
    PaymentMethodWasSetDefault | AnyAct | PaymentMethodGone,
    strawberry.union(
        "PaymentMethodSetDefaultAnswer",
        description="What `paymentMethodSetDefault` answers: what was done, or how it was refused.",
    ),
]


@part_type
class PaymentMethodSetDefaultMutation:
    """The act as a root field."""

    @mutation
    async def payment_method_set_default(
        self, info: Info, input: Annotated[PaymentMethodSetDefaultInput, INPUT]
    ) -> PaymentMethodSetDefaultAnswer:
        """Charge invoices to this payment method from now on, planned attempts too."""
        return await answer(
            PaymentMethodSetDefaultAnswer, PaymentMethodWasSetDefault.of, perform(set_default, info.context, input)
        )
