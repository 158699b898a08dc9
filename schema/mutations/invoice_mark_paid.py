"""Paying otherwise."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.invoice_mark_paid import InvoiceMarkedPaid as Outcome
from resolvers.invoice_mark_paid import InvoiceMarkPaid, mark_paid
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.invoice import Invoice
from schema.payment_refusals import InvoiceNotOpen, PaymentInProgress
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class InvoiceMarkPaidInput:
    """The invoice that was paid."""

    invoice_id: ID = about("The invoice.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceMarkPaid:
        """Check every value."""
        return InvoiceMarkPaid(
            invoice_id=identifier(self.invoice_id, "invoiceId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceMarkedPaid:
    """The invoice is paid."""

    invoice: Invoice = about("The invoice, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceMarkedPaid":
        """Show what was done."""
        return cls(
            invoice=Invoice.of(outcome.invoice),
            replayed=outcome.replayed,
        )


InvoiceMarkPaidAnswer: TypeAlias = Annotated[
    InvoiceMarkedPaid | AnyAct | InvoiceNotOpen | PaymentInProgress,
    strawberry.union(
        "InvoiceMarkPaidAnswer",
        description="What `invoiceMarkPaid` answers: what was done, or how it was refused.",
    ),
]


@part_type
class InvoiceMarkPaidMutation:
    """The act as a root field."""

    @mutation
    async def invoice_mark_paid(
        self, info: Info, input: Annotated[InvoiceMarkPaidInput, INPUT]
    ) -> InvoiceMarkPaidAnswer:
        """Say that all that is left of an invoice was paid by another way: in cash, by bank transfer."""
        return await answer(InvoiceMarkPaidAnswer, InvoiceMarkedPaid.of, perform(mark_paid, info.context, input))
