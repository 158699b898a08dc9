"""Reading invoices and what customers have in credit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.dataclass import dataclass
from models.columns import EVERYTHING
from models.paging import Page
from models.stores.invoices import InvoicesWanted
from resolvers import checks
from resolvers.access import demand, may, not_found, own_subscription
from resolvers.customers import meant
from resolvers.grounds import Rests
from resolvers.loaders import OfVersion, PageFor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from billing.invoicing.invoices import InvoiceStatus
    from models.invoice_views import CreditEntryView, CreditNoteView, InvoiceView, LineView
    from models.reader import Reader
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef, PageOf


EMPTY: Page[Any] = Page((), has_next=False, has_previous=False)


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """Which invoices; None asks for any."""

    customer: CustomerRef | None = None
    subscription_id: str | None = None
    statuses: tuple[InvoiceStatus, ...] | None = None


async def invoices(
    ctx: Context, wanted: InvoiceFilter, page: PageOf, columns: frozenset[str] = EVERYTHING
) -> Page[InvoiceView]:
    """List invoices with these columns, newest first.

    A customer token lists its own, a bound one those of its subscription. (S8)
    """
    demand(ctx, "invoices")
    first = checks.page(page.first)
    customer_id, subscription_id = ctx.principal.customer_id, ctx.principal.subscription_id
    if wanted.customer is not None:
        customer = await meant(ctx, wanted.customer)
        if customer is None:
            return EMPTY
        customer_id = customer.id
    if wanted.subscription_id is not None:
        if subscription_id not in (None, wanted.subscription_id):
            return EMPTY
        subscription_id = wanted.subscription_id
    asked = InvoicesWanted(customer_id, subscription_id, wanted.statuses)
    return await ctx.asked(
        lambda read: read.invoices.page(asked, first, page.after, columns),
        brief=True,
        alone=True,
        about=lambda _: Rests(frozenset((customer_id,))) if customer_id is not None else None,
    )


async def found_invoice(ctx: Context, read: Reader, invoice_id: str) -> InvoiceView:
    """Find an invoice among those that the credential may see."""
    found = await read.invoices.by_id(invoice_id)
    if found is None or not own_subscription(ctx, found.customer_id, found.subscription_id):
        raise not_found("Invoice", "invoiceId")
    return found


def owner_of_invoice(ctx: Context, invoice_id: str) -> Callable[[Work], Awaitable[str]]:
    """Name the sequence of an invoice's customer."""

    async def find(work: Work) -> str:
        return (await found_invoice(ctx, work, invoice_id)).customer_id

    return find


async def read_invoice(ctx: Context, invoice_id: str) -> InvoiceView:
    """Read an invoice of an outcome as it is now."""
    async with ctx.read() as read:
        found = await read.invoices.by_id(invoice_id)
    if found is None:
        raise LookupError(invoice_id)
    return found


def hosted_url(ctx: Context, invoice: InvoiceView) -> str | None:
    """Where the customer sees an invoice without logging in; drafts are seen nowhere."""
    if invoice.number is None:
        return None
    return f"{ctx.settings.public_url}/invoices/{ctx.links.make(invoice.id, ctx.recorded_at)}"


async def lines_of(ctx: Context, invoice_id: str) -> list[LineView]:
    """List the lines of an invoice that was found, together with those of others."""
    return await ctx.loaders.invoice_lines.load(invoice_id) or []


async def name_of(ctx: Context, line: LineView) -> str | None:
    """What a line is called, as that was when it was billed; a plan's name is that of the version whose price it is."""
    if line.description or line.name:
        return line.description or line.name
    price = await ctx.loaders.price.load(line.price_id) if line.price_id else None
    plan = await ctx.loaders.plan_version.load(OfVersion(price.plan_version_id)) if price else None
    return plan.name if plan else None


async def credit_notes_of(ctx: Context, invoice_id: str) -> list[CreditNoteView]:
    """List the credit notes of an invoice that was found, together with those of others."""
    return await ctx.loaders.credit_notes_of.load(invoice_id) or []


async def balances_of(ctx: Context, customer_id: str) -> dict[str, int]:
    """What a customer who was found has in credit, by currency; nothing for who may not read invoices."""
    if not may(ctx, "invoices") or ctx.principal.subscription_id is not None:
        return {}
    return await ctx.loaders.balances_of.load(customer_id) or {}


async def pending_items_of(ctx: Context, customer_id: str, page: PageOf) -> Page[LineView]:
    """List what waits for the next invoice of a customer who was found; nothing for who may not read invoices. (C11)"""
    if not may(ctx, "invoices") or ctx.principal.subscription_id is not None:
        return EMPTY
    return await ctx.loaders.pending_items_of.load(PageFor(customer_id, page)) or EMPTY


async def credit_entries_of(ctx: Context, customer_id: str, page: PageOf) -> Page[CreditEntryView]:
    """List what moved the credit of a customer who was found; nothing for who may not read invoices. (C7)"""
    if not may(ctx, "invoices") or ctx.principal.subscription_id is not None:
        return EMPTY
    return await ctx.loaders.credit_entries_of.load(PageFor(customer_id, page)) or EMPTY
