"""Reading how customers pay, and what was attempted of an invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.access import may, not_found, own_customer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.invoice_views import InvoiceView
    from models.payment_views import DisputeView, PaymentMethodView, PaymentView, RefundView
    from models.reader import Reader
    from resolvers.context import Context


async def methods_of(ctx: Context, customer_id: str) -> list[PaymentMethodView]:
    """List what a customer who was found can pay with, together with those of others."""
    if not may(ctx, "invoices") or ctx.principal.subscription_id is not None:
        return []
    return await ctx.loaders.payment_methods.load(customer_id) or []


async def payments_of(ctx: Context, invoice_id: str) -> list[PaymentView]:
    """List the attempts to collect an invoice that was found, together with those of others."""
    return await ctx.loaders.payments_of.load(invoice_id) or []


async def refunds_of(ctx: Context, payment_id: str) -> list[RefundView]:
    """List what went back of a payment that was found."""
    return await ctx.loaders.refunds_of.load(payment_id) or []


async def dispute_of(ctx: Context, payment_id: str) -> DisputeView | None:
    """Find what was taken back of a payment that was found."""
    return await ctx.loaders.dispute_of.load(payment_id)


async def found_invoice(ctx: Context, read: Reader, invoice_id: str, field: str = "invoiceId") -> InvoiceView:
    """Find an invoice among those that the credential may see."""
    view = await read.invoices.by_id(invoice_id)
    if view is None or not own_customer(ctx, view.customer_id):
        raise not_found("Invoice", field)
    return view


async def found_method(ctx: Context, read: Reader, method_id: str) -> PaymentMethodView:
    """Find a payment method among those that the credential may see."""
    view = await read.payments.method(method_id)
    if view is None or not own_customer(ctx, view.customer_id):
        raise not_found("PaymentMethod", "id")
    return view


async def found_payment(ctx: Context, read: Reader, payment_id: str) -> PaymentView:
    """Find a payment among those that the credential may see."""
    view = await read.payments.by_id(payment_id)
    if view is None or not own_customer(ctx, view.customer_id):
        raise not_found("Payment", "paymentId")
    return view


async def read_method(ctx: Context, method_id: str) -> PaymentMethodView:
    """Read the payment method of an outcome as it is now."""
    async with ctx.read() as read:
        return await found_method(ctx, read, method_id)


async def read_invoice(ctx: Context, invoice_id: str) -> InvoiceView:
    """Read the invoice of an outcome as it is now."""
    async with ctx.read() as read:
        return await found_invoice(ctx, read, invoice_id)


async def read_payment(ctx: Context, payment_id: str) -> PaymentView:
    """Read the payment of an outcome as it is now."""
    async with ctx.read() as read:
        return await found_payment(ctx, read, payment_id)


async def read_refunds(ctx: Context, ids: Sequence[str]) -> tuple[RefundView, ...]:
    """Read the refunds of an outcome as they are now."""
    async with ctx.read() as read:
        found = [await read.payments.refund(each) for each in ids]
    return tuple(refund for refund in found if refund is not None)
