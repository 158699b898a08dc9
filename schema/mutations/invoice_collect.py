"""Collecting an invoice now."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.invoice_collect import InvoiceCollect, collect_now
from resolvers.invoice_collect import InvoiceCollected as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.invoice import Invoice
from schema.objects.payment import Payment
from schema.payment_refusals import InvoiceNotOpen, NoPaymentMethod, PaymentInProgress
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class InvoiceCollectInput:
    """The invoice to collect."""

    invoice_id: ID = about("The invoice.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceCollect:
        """Check every value."""
        return InvoiceCollect(
            invoice_id=identifier(self.invoice_id, "invoiceId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceCollected:
    """An attempt was made."""

    invoice: Invoice = about("The invoice, as of now.")
    payment: Payment = about("The attempt; it may still be on its way.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceCollected":
        """Show what was done."""
        return cls(
            invoice=Invoice.of(outcome.invoice),
            payment=Payment.of(outcome.payment),
            replayed=outcome.replayed,
        )


InvoiceCollectAnswer: TypeAlias = Annotated[
    InvoiceCollected | AnyAct | InvoiceNotOpen | NoPaymentMethod | PaymentInProgress,
    strawberry.union(
        "InvoiceCollectAnswer",
        description="What `invoiceCollect` answers: what was done, or how it was refused.",
    ),
]


@part_type
class InvoiceCollectMutation:
    """The act as a root field."""

    @mutation
    async def invoice_collect(self, info: Info, input: Annotated[InvoiceCollectInput, INPUT]) -> InvoiceCollectAnswer:
        """Attempt to collect an invoice now, also one that nothing collects by itself any more. (C14)"""
        return await answer(InvoiceCollectAnswer, InvoiceCollected.of, perform(collect_now, info.context, input))
