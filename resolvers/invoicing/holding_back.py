"""What becomes of an invoice that is not to be collected: of a paused collection, or of somebody given up. (C1, C2)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.invoicing.invoices import InvoiceReason, InvoiceStatus
from billing.lifecycle import CollectionBehavior, Status
from resolvers.invoicing.closing import close
from resolvers.invoicing.voiding import void

if TYPE_CHECKING:
    from models.invoice_views import InvoiceView
    from models.work import Work


WAITING = frozenset({Status.UNPAID, Status.INCOMPLETE})
"""Who is invoiced again once what failed is paid."""


async def held_back(work: Work, invoice: InvoiceView) -> CollectionBehavior | None:
    """How an invoice is held back now; None where it is collected, as one is that the merchant made."""
    by_hand = invoice.reason is InvoiceReason.MANUAL or not invoice.subscription_id
    view = None if by_hand else await work.subscriptions.by_id(invoice.subscription_id)
    if view is None:
        return None
    if view.facts.collection_pause is not None:
        return view.facts.collection_pause.behavior
    return CollectionBehavior.KEEP_AS_DRAFT if view.facts.status in WAITING else None


async def keep_as_draft(work: Work, draft: InvoiceView) -> InvoiceView:
    """Let a draft stay one until somebody finalizes it."""
    kept = replace(draft, auto_advance=False, due_at=None)
    await work.invoices.save(kept)
    return kept


async def give_up(work: Work, final: InvoiceView, behavior: CollectionBehavior) -> InvoiceView:
    """Void a final invoice, or mark it as uncollectible, at once."""
    if behavior is CollectionBehavior.VOID:
        return await void(work, final)
    return await close(work, final, InvoiceStatus.UNCOLLECTIBLE)
