"""Say that an invoice was paid by another way: in cash, by bank transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from resolvers.acts import act
from resolvers.invoice_collect import demand_collectable
from resolvers.paying.booking import pay
from resolvers.payments import found_invoice, read_invoice

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import InvoiceView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class InvoiceMarkPaid:
    """The invoice that was paid."""

    invoice_id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceMarkedPaid:
    """The invoice as it is now."""

    invoice: InvoiceView
    replayed: bool


async def mark_paid(ctx: Context, command: InvoiceMarkPaid) -> InvoiceMarkedPaid:
    """Take all that is left as paid; refused while a provider may still bring it too."""

    async def owner(work: Work) -> str:
        return (await found_invoice(ctx, work, command.invoice_id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        invoice = await found_invoice(ctx, work, command.invoice_id)
        await demand_collectable(work, invoice)
        await pay(work, invoice, invoice.remaining)
        return {"invoice_id": invoice.id}

    outcome, replayed = await act(ctx, "invoiceMarkPaid", command, owner, body)
    return InvoiceMarkedPaid(await read_invoice(ctx, outcome["invoice_id"]), replayed)
