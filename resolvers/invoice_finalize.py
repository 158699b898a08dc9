"""Make a draft final now: it gets its number, spends the customer's credit, and never changes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoice_refusals import InvoiceNotDraft
from billing.invoicing.invoices import InvoiceStatus
from resolvers.acts import act
from resolvers.invoices import found_invoice, owner_of_invoice, read_invoice
from resolvers.invoicing.finalizing import settle_draft

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import InvoiceView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class InvoiceFinalize:
    """The draft."""

    invoice_id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceFinalized:
    """The invoice as it is now."""

    invoice: InvoiceView
    replayed: bool


async def finalize_invoice(ctx: Context, command: InvoiceFinalize) -> InvoiceFinalized:
    """Finalize a draft, its grace over or not; its usage is counted for the last time."""

    async def body(work: Work) -> dict[str, Any]:
        draft = await found_invoice(ctx, work, command.invoice_id)
        if draft.status is not InvoiceStatus.DRAFT:
            raise InvoiceNotDraft("The invoice is final already.", field="invoiceId", invoice_status=draft.status.value)
        policy = await work.environments.billing(work.environment_id)
        await settle_draft(work, draft, policy, by_hand=True)
        return {"invoice_id": draft.id}

    outcome, replayed = await act(ctx, "invoiceFinalize", command, owner_of_invoice(ctx, command.invoice_id), body)
    return InvoiceFinalized(await read_invoice(ctx, outcome["invoice_id"]), replayed)
