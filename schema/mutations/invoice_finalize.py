"""Making a draft final."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.invoice_finalize import InvoiceFinalize, finalize_invoice
from resolvers.invoice_finalize import InvoiceFinalized as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.invoice_refusals import InvoiceNotDraft
from schema.objects.invoice import Invoice
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class InvoiceFinalizeInput:
    """The draft that is to be final."""

    invoice_id: ID = about("The draft.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceFinalize:
        """Check every value."""
        return InvoiceFinalize(
            invoice_id=identifier(self.invoice_id, "invoiceId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceFinalized:
    """The invoice is final: it has its number, and never changes."""

    invoice: Invoice = about("The invoice, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceFinalized":
        """Show what was done."""
        return cls(invoice=Invoice.of(outcome.invoice), replayed=outcome.replayed)


InvoiceFinalizeAnswer: TypeAlias = Annotated[
    InvoiceFinalized | AnyAct | InvoiceNotDraft,
    strawberry.union(
        "InvoiceFinalizeAnswer", description="What `invoiceFinalize` answers: what was done, or how it was refused."
    ),
]


@part_type
class InvoiceFinalizeMutation:
    """The act as a root field."""

    @mutation
    async def invoice_finalize(
        self, info: Info, input: Annotated[InvoiceFinalizeInput, INPUT]
    ) -> InvoiceFinalizeAnswer:
        """Make a draft final now; what is reported later is not on it."""
        return await answer(InvoiceFinalizeAnswer, InvoiceFinalized.of, perform(finalize_invoice, info.context, input))
