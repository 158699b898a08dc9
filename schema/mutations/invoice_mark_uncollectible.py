"""Giving an invoice up."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.invoice_mark_uncollectible import InvoiceMarkedUncollectible as Outcome
from resolvers.invoice_mark_uncollectible import InvoiceMarkUncollectible, give_up_invoice
from schema.answers import answer, perform
from schema.info import Info
from schema.invoice_refusals import InvoiceCannotMove
from schema.objects.invoice import Invoice
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class InvoiceMarkUncollectibleInput:
    """The invoice that is given up."""

    invoice_id: ID = about("The invoice.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceMarkUncollectible:
        """Check every value."""
        return InvoiceMarkUncollectible(
            invoice_id=identifier(self.invoice_id, "invoiceId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceMarkedUncollectible:
    """The invoice is given up."""

    invoice: Invoice = about("The invoice, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceMarkedUncollectible":
        """Show what was done."""
        return cls(invoice=Invoice.of(outcome.invoice), replayed=outcome.replayed)


InvoiceMarkUncollectibleAnswer: TypeAlias = Annotated[
    InvoiceMarkedUncollectible | AnyAct | InvoiceCannotMove,
    strawberry.union(
        "InvoiceMarkUncollectibleAnswer",
        description="What `invoiceMarkUncollectible` answers: what was done, or how it was refused.",
    ),
]


@part_type
class InvoiceMarkUncollectibleMutation:
    """The act as a root field."""

    @mutation
    async def invoice_mark_uncollectible(
        self, info: Info, input: Annotated[InvoiceMarkUncollectibleInput, INPUT]
    ) -> InvoiceMarkUncollectibleAnswer:
        """Give an open invoice up: nothing collects it any more, and a late payment is still booked."""
        return await answer(
            InvoiceMarkUncollectibleAnswer, InvoiceMarkedUncollectible.of, perform(give_up_invoice, info.context, input)
        )
