"""Take a draft or an unpaid invoice back as a whole; a number stays taken, and a draft takes none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoice_refusals import InvoiceCannotMove
from billing.money import Money
from billing.payments import OPEN_PAYMENTS
from resolvers.acts import act
from resolvers.effects import still_counted
from resolvers.invoices import found_invoice, owner_of_invoice, read_invoice
from resolvers.invoicing.voiding import VOIDABLE, void
from resolvers.paying.standing import let_go_on

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import InvoiceView
    from models.reader import Reader
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class InvoiceVoid:
    """The invoice."""

    invoice_id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceVoided:
    """The invoice as it is now."""

    invoice: InvoiceView
    replayed: bool


async def void_invoice(ctx: Context, command: InvoiceVoid) -> InvoiceVoided:
    """Void a draft that is not being counted, or an invoice of which nothing was paid, and nothing is being paid."""

    async def body(work: Work) -> dict[str, Any]:
        invoice = await found_invoice(ctx, work, command.invoice_id)
        await _demand_voidable(work, invoice)
        await void(work, invoice)
        await let_go_on(work, invoice)
        return {"invoice_id": invoice.id}

    outcome, replayed = await act(ctx, "invoiceVoid", command, owner_of_invoice(ctx, command.invoice_id), body)
    return InvoiceVoided(await read_invoice(ctx, outcome["invoice_id"]), replayed)


async def _demand_voidable(read: Reader, invoice: InvoiceView) -> None:
    attempts = (await read.payments.of_invoices([invoice.id]))[invoice.id]
    under_way = any(each.status in OPEN_PAYMENTS for each in attempts)
    if under_way:
        raise cannot_move(invoice, "A payment is on its way: wait for what becomes of it.")
    if still_counted(invoice):
        raise cannot_move(invoice, "Its usage is still being counted: finalize it first, or wait until it is final.")
    if invoice.status not in VOIDABLE or invoice.paid:
        raise cannot_move(invoice, "Only what is unpaid can be voided: of the rest, make a credit note.")


def cannot_move(invoice: InvoiceView, message: str) -> InvoiceCannotMove:
    """Say where an invoice stands, and what was paid of it."""
    paid = Money(invoice.paid, invoice.currency).format()
    return InvoiceCannotMove(message, field="invoiceId", invoice_status=invoice.status.value, paid=paid)
