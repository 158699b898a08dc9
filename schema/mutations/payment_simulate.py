"""Playing what happens outside."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.ports import Simulation
from resolvers.payment_simulate import PaymentSimulate, simulate
from resolvers.payment_simulate import PaymentSimulated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.payment import Payment
from schema.payment_refusals import NothingToSimulate
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AmountOutOfRange, AnyAct
from schema.scalars import Amount
from schema.texts import actor, given, idempotency_key, identifier


@input_type
class PaymentSimulateInput:
    """What happens to a payment."""

    payment_id: ID = about("The payment, of a provider that moves no money.")
    what: Simulation = about("What happens.")
    amount: Amount | None = about("How much is disputed, all in all; the whole payment unless said.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> PaymentSimulate:
        """Check every value."""
        return PaymentSimulate(
            payment_id=identifier(self.payment_id, "paymentId"),
            what=self.what,
            amount=given(self.amount),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PaymentSimulated:
    """It has happened."""

    payment: Payment = about("The payment, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "PaymentSimulated":
        """Show what was done."""
        return cls(
            payment=Payment.of(outcome.payment),
            replayed=outcome.replayed,
        )


PaymentSimulateAnswer: TypeAlias = Annotated[
    PaymentSimulated | AnyAct | AmountOutOfRange | NothingToSimulate,
    strawberry.union(
        "PaymentSimulateAnswer",
        description="What `paymentSimulate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class PaymentSimulateMutation:
    """The act as a root field."""

    @mutation
    async def payment_simulate(
        self, info: Info, input: Annotated[PaymentSimulateInput, INPUT]
    ) -> PaymentSimulateAnswer:
        """Let the customer confirm or reject a payment of the sandbox, or the bank take it back."""
        return await answer(PaymentSimulateAnswer, PaymentSimulated.of, perform(simulate, info.context, input))
