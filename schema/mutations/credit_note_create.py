"""Giving something of a final invoice back."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.invoicing.invoices import CreditTo
from billing.refusals import InvalidInput
from resolvers import checks
from resolvers.credit_note_create import CreditNoteCreate, LineCredit, create_note
from resolvers.credit_note_create import CreditNoteCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.invoice_refusals import CreditTooLarge, InvoiceNotFinal
from schema.objects.invoice import CreditNote, Invoice
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AmountOutOfRange, AnyAct
from schema.scalars import Amount
from schema.texts import actor, given, idempotency_key, identifier, optional_text, some

MOST_LINES = 100


@input_type
class CreditNoteLineInput:
    """How much of a line is given back."""

    line_id: ID = about("The line.")
    amount: Amount | None = about("How much, tax included; all that is left unless said.", default=UNSET)

    def to_line(self) -> LineCredit:
        """Check both values."""
        return LineCredit(identifier(self.line_id, "lines.lineId"), given(self.amount))


@input_type
class CreditNoteCreateInput:
    """What of an invoice is given back, and where it goes."""

    invoice_id: ID = about("The final invoice.")
    lines: list[CreditNoteLineInput] | None = about("Of which lines, at most 100.", default=UNSET)
    amount: Amount | None = about(
        "How much of the invoice as a whole, tax included; everything that is left unless this or `lines` says.",
        default=UNSET,
    )
    to: CreditTo = about("Where that goes which is not unpaid: what is unpaid is always lowered first.")
    reason: str | None = about("Why, at most 500 characters; the customer can read it.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CreditNoteCreate:
        """Check every value."""
        lines, amount = given(self.lines), given(self.amount)
        if lines is not None and amount is not None:
            raise InvalidInput("Give lines or an amount, not both.", field="amount")
        return CreditNoteCreate(
            invoice_id=identifier(self.invoice_id, "invoiceId"),
            to=self.to,
            lines=None if lines is None else tuple(each.to_line() for each in some(lines, "lines", MOST_LINES)),
            amount=amount,
            reason=optional_text(self.reason, "reason", checks.WORDS) or "",
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CreditNoteCreated:
    """The credit note is there."""

    credit_note: CreditNote = about("The credit note.")
    invoice: Invoice = about("Its invoice, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CreditNoteCreated":
        """Show what was done."""
        return cls(
            credit_note=CreditNote.of(outcome.note), invoice=Invoice.of(outcome.invoice), replayed=outcome.replayed
        )


CreditNoteCreateAnswer: TypeAlias = Annotated[
    CreditNoteCreated | AnyAct | InvoiceNotFinal | CreditTooLarge | AmountOutOfRange,
    strawberry.union(
        "CreditNoteCreateAnswer", description="What `creditNoteCreate` answers: what was done, or how it was refused."
    ),
]


@part_type
class CreditNoteCreateMutation:
    """The act as a root field."""

    @mutation
    async def credit_note_create(
        self, info: Info, input: Annotated[CreditNoteCreateInput, INPUT]
    ) -> CreditNoteCreateAnswer:
        """Give lines or an amount of a final invoice back, or all that is left of it where neither is said.

        No time is taken back: what it billed goes on.
        """
        return await answer(CreditNoteCreateAnswer, CreditNoteCreated.of, perform(create_note, info.context, input))
