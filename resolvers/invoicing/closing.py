"""Where a final invoice goes that nobody will pay: one way, told once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.invoicing.invoices import InvoiceStatus
from models.work import Happening
from resolvers.bookkeeping import book_given_up

if TYPE_CHECKING:
    from models.invoice_views import InvoiceView
    from models.work import Work

UNPAID = frozenset({InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE})

_KINDS = {
    InvoiceStatus.PAID: "invoice.paid",
    InvoiceStatus.VOID: "invoice.voided",
    InvoiceStatus.UNCOLLECTIBLE: "invoice.marked_uncollectible",
}


async def close(work: Work, invoice: InvoiceView, status: InvoiceStatus) -> InvoiceView:
    """Let an invoice end in a status, without money: nothing happens to it by itself any more, and nothing is left."""
    given_up = status is InvoiceStatus.UNCOLLECTIBLE
    closed = replace(
        invoice,
        status=status,
        remaining=invoice.remaining if given_up else 0,
        auto_advance=False,
        due_at=None,
        settled_at=work.at,
    )
    await work.invoices.save(closed)
    if given_up and invoice.status is InvoiceStatus.OPEN:
        book_given_up(work, invoice)
    told = {"subscriptionId": invoice.subscription_id or None, "status": status.value}
    await work.record(
        invoice.customer_id, Happening(_KINDS[status], invoice.id, {"status": invoice.status.value}, told)
    )
    return closed
