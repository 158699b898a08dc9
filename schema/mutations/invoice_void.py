"""Taking an invoice back as a whole."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.invoice_void import InvoiceVoid, void_invoice
from resolvers.invoice_void import InvoiceVoided as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.invoice_refusals import InvoiceCannotMove
from schema.objects.invoice import Invoice
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class InvoiceVoidInput:
    """The invoice that is to be void."""

    invoice_id: ID = about("The invoice.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceVoid:
        """Check every value."""
        return InvoiceVoid(
            invoice_id=identifier(self.invoice_id, "invoiceId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceVoided:
    """The invoice is void."""

    invoice: Invoice = about("The invoice, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceVoided":
        """Show what was done."""
        return cls(invoice=Invoice.of(outcome.invoice), replayed=outcome.replayed)


InvoiceVoidAnswer: TypeAlias = Annotated[
    InvoiceVoided | AnyAct | InvoiceCannotMove,
    strawberry.union(
        "InvoiceVoidAnswer", description="What `invoiceVoid` answers: what was done, or how it was refused."
    ),
]


@part_type
class InvoiceVoidMutation:
    """The act as a root field."""

    @mutation
    async def invoice_void(self, info: Info, input: Annotated[InvoiceVoidInput, INPUT]) -> InvoiceVoidAnswer:
        """Take an unpaid invoice, or a draft, back as a whole.

        The credit that it spent goes back. Its time stays settled: it is neither billed again nor given back.
        """
        return await answer(InvoiceVoidAnswer, InvoiceVoided.of, perform(void_invoice, info.context, input))
