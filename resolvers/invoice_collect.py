"""Attempt to collect an invoice now: also one that nobody collects by itself any more. (C14)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.payment_refusals import InvoiceNotOpen, NoPaymentMethod, PaymentInProgress
from models.work import Moment
from resolvers.acts import act
from resolvers.paying.attempting import attempt, collectable
from resolvers.payments import found_invoice, read_invoice, read_payment

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import InvoiceView
    from models.payment_views import PaymentView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class InvoiceCollect:
    """The invoice to collect."""

    invoice_id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceCollected:
    """The invoice and the attempt as they are now: the attempt may still be on its way."""

    invoice: InvoiceView
    payment: PaymentView
    replayed: bool


async def collect_now(ctx: Context, command: InvoiceCollect) -> InvoiceCollected:
    """Decide an attempt, carry it out at once, and answer how it stands; a slow provider is left to the worker."""

    async def owner(work: Work) -> str:
        return (await found_invoice(ctx, work, command.invoice_id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        invoice = await found_invoice(ctx, work, command.invoice_id)
        await demand_collectable(work, invoice)
        if await work.payments.default_of(invoice.customer_id) is None:
            raise NoPaymentMethod("The customer has no payment method: add one first.", field="invoiceId")
        payment = await attempt(work, invoice, manual=True)
        return {"invoice_id": invoice.id, "payment_id": payment.id}

    outcome, replayed = await act(ctx, "invoiceCollect", command, owner, body)
    call = Moment(ctx.at, ctx.recorded_at, ctx.channel, command.actor, request_id=ctx.request_id)
    await ctx.cashier.at_once(ctx.env.id, outcome["payment_id"], by=call)
    invoice = await read_invoice(ctx, outcome["invoice_id"])
    return InvoiceCollected(invoice, await read_payment(ctx, outcome["payment_id"]), replayed)


async def demand_collectable(work: Work, invoice: InvoiceView) -> None:
    """Refuse an invoice on which nothing is left to pay, and one about which a provider is being asked."""
    if not collectable(invoice):
        raise InvoiceNotOpen(
            "Nothing is left to pay on it, or it is a draft.", field="invoiceId", invoice_status=invoice.status
        )
    for payment in (await work.payments.of_invoices([invoice.id]))[invoice.id]:
        if payment.open:
            raise PaymentInProgress("An attempt has not ended yet.", field="invoiceId", payment_id=payment.id)
