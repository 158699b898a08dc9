"""Give something of a final invoice back: first what is unpaid of it, then to the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import parse_positive_amount
from billing.dataclass import dataclass
from billing.invoice_refusals import CreditTooLarge, InvoiceNotFinal
from billing.invoicing.credit_notes import shared_out
from billing.invoicing.invoices import InvoiceStatus
from billing.money import Money, exponent
from billing.refusals import InvalidInput
from resolvers.access import not_found
from resolvers.acts import act
from resolvers.invoices import found_invoice, owner_of_invoice, read_invoice
from resolvers.invoicing.crediting import note_parts
from resolvers.invoicing.remainder import left_of
from resolvers.paying.standing import let_go_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from billing.invoicing.credit_notes import Part
    from billing.invoicing.invoices import CreditTo
    from models.invoice_views import CreditNoteView, InvoiceView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.invoicing.remainder import Left

FINAL = frozenset({InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE})


@dataclass(frozen=True, slots=True)
class LineCredit:
    """How much of a line is given back, tax included; None is all that is left of it."""

    line_id: str
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class CreditNoteCreate:
    """What of an invoice is given back: of lines, or an amount of all of them; neither is everything that is left."""

    invoice_id: str
    to: CreditTo
    lines: tuple[LineCredit, ...] | None = None
    amount: str | None = None
    reason: str = ""
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CreditNoteCreated:
    """The credit note, and its invoice as it is now."""

    note: CreditNoteView
    invoice: InvoiceView
    replayed: bool


async def create_note(ctx: Context, command: CreditNoteCreate) -> CreditNoteCreated:
    """Make a credit note; the customer's sequence is held, so that no race gives back more than was asked."""

    async def body(work: Work) -> dict[str, Any]:
        invoice = await found_invoice(ctx, work, command.invoice_id)
        if invoice.status not in FINAL:
            raise InvoiceNotFinal(
                "Only what was asked for can be given back: this is a draft, or void.",
                field="invoiceId",
                invoice_status=invoice.status.value,
            )
        left = await left_of(work, invoice)
        parts = _parts(invoice, left, command)
        noted = await note_parts(work, invoice, left, parts, to=command.to, reason=command.reason)
        await let_go_on(work, invoice)
        return {"note_id": noted.id}

    outcome, replayed = await act(ctx, "creditNoteCreate", command, owner_of_invoice(ctx, command.invoice_id), body)
    async with ctx.read() as read:
        found = await read.credits.note(outcome["note_id"])
    if found is None:
        raise LookupError(outcome["note_id"])
    return CreditNoteCreated(found, await read_invoice(ctx, found.invoice_id), replayed)


def _parts(invoice: InvoiceView, left: Left, command: CreditNoteCreate) -> list[Part]:
    if command.lines is not None:
        parts = _parts_of_lines(invoice, left, command.lines)
        whole = {each.line_id: each for each in left.asked}
        if sum(whole[each.line_id].worth(each) for each in parts) > left.most:
            raise _too_large(invoice, left.most, "lines")
        return parts
    amount = left.most if command.amount is None else _minor(command.amount, invoice.currency, "amount")
    if not 0 < amount <= left.most:
        raise _too_large(invoice, left.most, "amount")
    return shared_out(left.asked, amount)


def _parts_of_lines(invoice: InvoiceView, left: Left, wanted: Sequence[LineCredit]) -> list[Part]:
    if len({each.line_id for each in wanted}) < len(wanted):
        raise InvalidInput("Name each line once.", field="lines")
    asked = {each.line_id: each for each in left.asked}
    made: list[Part] = []
    for each in wanted:
        if each.line_id not in left.lines:
            raise not_found("InvoiceLine", "lines")
        line = asked.get(each.line_id)
        most = line.left if line else 0
        amount = most if each.amount is None else _minor(each.amount, invoice.currency, "lines")
        if line is None or not 0 < amount <= most:
            raise _too_large(invoice, most, "lines")
        made.append(line.part(amount))
    return made


def _minor(amount: str, currency: str, field: str) -> int:
    return parse_positive_amount(amount, exponent(currency), field=field)


def _too_large(invoice: InvoiceView, left: int, field: str) -> CreditTooLarge:
    held = Money(left, invoice.currency).format()
    message = f"At most {held} {invoice.currency} is left to give back."
    return CreditTooLarge(message, field=field, left=held, currency=invoice.currency)
