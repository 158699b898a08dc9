"""Reading invoices and what customers have in credit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.paging import Page
from models.stores.invoices import InvoicesWanted
from resolvers import checks
from resolvers.access import demand, may
from resolvers.acts import customer_or_none

if TYPE_CHECKING:
    from billing.invoicing.invoices import InvoiceStatus
    from models.invoice_views import CreditNoteView, InvoiceView, LineView
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef, PageOf


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """Which invoices; None asks for any."""

    customer: CustomerRef | None = None
    subscription_id: str | None = None
    statuses: tuple[InvoiceStatus, ...] | None = None


async def invoices(ctx: Context, wanted: InvoiceFilter, page: PageOf) -> Page[InvoiceView]:
    """List invoices, newest first; a customer token lists its own, a bound one those of its subscription. (S8)"""
    demand(ctx, "invoices")
    first = checks.page(page.first)
    async with ctx.read() as read:
        customer_id, subscription_id = ctx.principal.customer_id, ctx.principal.subscription_id
        if wanted.customer is not None:
            customer = await customer_or_none(ctx, read, wanted.customer)
            if customer is None:
                return Page((), has_next=False, has_previous=False)
            customer_id = customer.id
        if wanted.subscription_id is not None:
            if subscription_id not in (None, wanted.subscription_id):
                return Page((), has_next=False, has_previous=False)
            subscription_id = wanted.subscription_id
        asked = InvoicesWanted(customer_id, subscription_id, wanted.statuses)
        return await read.invoices.page(asked, first, page.after)


def hosted_url(ctx: Context, invoice: InvoiceView) -> str | None:
    """Where the customer sees an invoice without logging in; drafts are seen nowhere."""
    if invoice.number is None:
        return None
    return f"{ctx.settings.public_url}/invoices/{ctx.links.make(invoice.id, ctx.recorded_at)}"


async def lines_of(ctx: Context, invoice_id: str) -> list[LineView]:
    """List the lines of an invoice that was found, together with those of others."""
    return await ctx.loaders.invoice_lines.load(invoice_id) or []


async def credit_notes_of(ctx: Context, invoice_id: str) -> list[CreditNoteView]:
    """List the credit notes of an invoice that was found, together with those of others."""
    return await ctx.loaders.credit_notes_of.load(invoice_id) or []


async def balances_of(ctx: Context, customer_id: str) -> dict[str, int]:
    """What a customer who was found has in credit, by currency; nothing for who may not read invoices."""
    if not may(ctx, "invoices") or ctx.principal.subscription_id is not None:
        return {}
    return await ctx.loaders.balances_of.load(customer_id) or {}
