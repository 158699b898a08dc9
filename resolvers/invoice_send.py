"""Have an invoice sent to its customer. Plangate sends no mail itself: the event asks whoever does. (C14)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoice_refusals import InvoiceNotSendable
from billing.invoicing.invoices import InvoiceStatus
from models.work import Happening
from resolvers.access import not_found
from resolvers.acts import act

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import InvoiceView
    from models.reader import Reader
    from models.work import Work
    from resolvers.context import Context

NEVER = frozenset({InvoiceStatus.DRAFT, InvoiceStatus.VOID})


@dataclass(frozen=True, slots=True)
class InvoiceSend:
    """The invoice to send."""

    invoice_id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceSent:
    """The invoice, whose page is what to send."""

    invoice: InvoiceView
    replayed: bool


async def send_invoice(ctx: Context, command: InvoiceSend) -> InvoiceSent:
    """Tell that an invoice is to be sent; again and again, if it is asked for under other keys. (C14)"""

    async def owner(work: Work) -> str:
        return (await _found(work, command.invoice_id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        invoice = await _found(work, command.invoice_id)
        if invoice.status in NEVER:
            raise InvoiceNotSendable(
                "A draft is not final yet, and a void invoice asks for nothing.",
                field="invoiceId",
                invoice_status=invoice.status.value,
            )
        told = {"number": invoice.number, "subscriptionId": invoice.subscription_id or None}
        await work.record(invoice.customer_id, Happening("invoice.sent", invoice.id, {}, told))
        return {"invoice_id": invoice.id}

    outcome, replayed = await act(ctx, "invoiceSend", command, owner, body)
    async with ctx.read() as read:
        return InvoiceSent(await _found(read, outcome["invoice_id"]), replayed)


async def _found(read: Reader, invoice_id: str) -> InvoiceView:
    invoice = await read.invoices.by_id(invoice_id)
    if invoice is None:
        raise not_found("Invoice", "invoiceId")
    return invoice
