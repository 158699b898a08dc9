"""Having an invoice sent."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.invoice_send import InvoiceSend, send_invoice
from resolvers.invoice_send import InvoiceSent as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.invoice_refusals import InvoiceNotSendable
from schema.objects.invoice import Invoice
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class InvoiceSendInput:
    """The invoice to send."""

    invoice_id: ID = about("The invoice: final, and not void.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceSend:
        """Check every value."""
        return InvoiceSend(
            invoice_id=identifier(self.invoice_id, "invoiceId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceSent:
    """It is told that the invoice is to be sent."""

    invoice: Invoice = about("The invoice; its `hostedUrl` is what to send.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceSent":
        """Show what was done."""
        return cls(
            invoice=Invoice.of(outcome.invoice),
            replayed=outcome.replayed,
        )


InvoiceSendAnswer: TypeAlias = Annotated[
    InvoiceSent | AnyAct | InvoiceNotSendable,
    strawberry.union(
        "InvoiceSendAnswer", description="What `invoiceSend` answers: what was done, or how it was refused."
    ),
]


@part_type
class InvoiceSendMutation:
    """The act as a root field."""

    @mutation
    async def invoice_send(self, info: Info, input: Annotated[InvoiceSendInput, INPUT]) -> InvoiceSendAnswer:
        """Send an invoice to its customer, also one that does not go on by itself. (C14)

        Plangate sends no mail itself: the event `invoice.sent` asks whoever does, and `hostedUrl` is what to send.
        """
        return await answer(InvoiceSendAnswer, InvoiceSent.of, perform(send_invoice, info.context, input))
