"""Keeping a way to pay."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.payment_method_add import SANDBOX, PaymentMethodAdd, add_method
from resolvers.payment_method_add import PaymentMethodAdded as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.payment import PaymentMethod
from schema.payment_refusals import PaymentMethodUnknown
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, CustomerArchived
from schema.texts import actor, idempotency_key, optional_text, text


@input_type
class PaymentMethodAddInput:
    """A payment method."""

    customer: CustomerRef = about("Whose it is.")
    reference: str = about("What the provider knows it by; the sandbox's references say what becomes of its charges.")
    provider: str | None = about("Who keeps it; `sandbox` unless said.", default=UNSET)
    set_default: bool = about("Whether invoices are charged to it from now on; the first one always is.", default=True)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> PaymentMethodAdd:
        """Check every value."""
        return PaymentMethodAdd(
            customer=self.customer.to_ref("customer"),
            reference=text(self.reference, "reference"),
            provider=optional_text(self.provider, "provider") or SANDBOX,
            set_default=self.set_default,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PaymentMethodAdded:
    """The payment method is kept."""

    payment_method: PaymentMethod = about("The payment method.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "PaymentMethodAdded":
        """Show what was done."""
        return cls(
            payment_method=PaymentMethod.of(outcome.method),
            replayed=outcome.replayed,
        )


PaymentMethodAddAnswer: TypeAlias = Annotated[
    PaymentMethodAdded | AnyAct | CustomerArchived | PaymentMethodUnknown,
    strawberry.union(
        "PaymentMethodAddAnswer",
        description="What `paymentMethodAdd` answers: what was done, or how it was refused.",
    ),
]


@part_type
class PaymentMethodAddMutation:
    """The act as a root field."""

    @mutation
    async def payment_method_add(
        self, info: Info, input: Annotated[PaymentMethodAddInput, INPUT]
    ) -> PaymentMethodAddAnswer:
        """Keep a way to pay that a provider knows; new invoices are charged to the default one."""
        return await answer(PaymentMethodAddAnswer, PaymentMethodAdded.of, perform(add_method, info.context, input))
