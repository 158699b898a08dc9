"""Give up an unpaid invoice: nobody collects it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.invoices import InvoiceStatus
from resolvers.acts import act
from resolvers.invoice_void import cannot_move
from resolvers.invoices import found_invoice, owner_of_invoice, read_invoice
from resolvers.invoicing.closing import close
from resolvers.paying.standing import let_go_on

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import InvoiceView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class InvoiceMarkUncollectible:
    """The invoice."""

    invoice_id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceMarkedUncollectible:
    """The invoice as it is now."""

    invoice: InvoiceView
    replayed: bool


async def give_up_invoice(ctx: Context, command: InvoiceMarkUncollectible) -> InvoiceMarkedUncollectible:
    """Mark an open invoice as uncollectible, whatever was paid of it."""

    async def body(work: Work) -> dict[str, Any]:
        invoice = await found_invoice(ctx, work, command.invoice_id)
        if invoice.status is not InvoiceStatus.OPEN:
            raise cannot_move(invoice, "Only an open invoice can be given up.")
        await close(work, invoice, InvoiceStatus.UNCOLLECTIBLE)
        await let_go_on(work, invoice)
        return {"invoice_id": invoice.id}

    owner = owner_of_invoice(ctx, command.invoice_id)
    outcome, replayed = await act(ctx, "invoiceMarkUncollectible", command, owner, body)
    return InvoiceMarkedUncollectible(await read_invoice(ctx, outcome["invoice_id"]), replayed)
