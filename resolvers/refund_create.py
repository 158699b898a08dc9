"""Give money back to the method that it came from. (C5, C7)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import parse_positive_amount
from billing.dataclass import dataclass
from billing.money import exponent
from billing.payment_refusals import NothingToRefund
from billing.payments import PaymentStatus
from resolvers import checks
from resolvers.acts import act
from resolvers.paying.refunding import refund
from resolvers.payments import found_invoice, found_payment, read_invoice

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import InvoiceView
    from models.payment_views import PaymentView, RefundView
    from models.reader import Reader
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class RefundCreate:
    """How much of an invoice's newest payment, or of the one that is named; None is all that is left of it."""

    invoice_id: str
    payment_id: str | None = None
    amount: str | None = None
    reason: str = ""
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class RefundCreated:
    """The refund and the invoice as they are now: the refund may still be on its way."""

    refund: RefundView
    invoice: InvoiceView
    replayed: bool


async def create_refund(ctx: Context, command: RefundCreate) -> RefundCreated:
    """Decide a refund, carry it out at once, and answer how it stands; a slow provider is left to the worker."""
    if command.reason:
        checks.text(command.reason, "reason", checks.COMMENT)

    async def owner(work: Work) -> str:
        return (await found_invoice(ctx, work, command.invoice_id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        payment = await _payment(ctx, work, command)
        named = "invoiceId" if command.payment_id is None else "paymentId"
        made = await refund(work, payment, _minor(command.amount, payment.currency), command.reason, named)
        return {"refund_id": made.id}

    outcome, replayed = await act(ctx, "refundCreate", command, owner, body)
    await ctx.cashier.at_once(ctx.env.id, outcome["refund_id"])
    async with ctx.read() as read:
        made = await read.payments.refund(outcome["refund_id"])
    if made is None:
        raise LookupError(outcome["refund_id"])
    return RefundCreated(made, await read_invoice(ctx, made.invoice_id), replayed)


async def _payment(ctx: Context, read: Reader, command: RefundCreate) -> PaymentView:
    invoice = await found_invoice(ctx, read, command.invoice_id)
    if command.payment_id is not None:
        payment = await found_payment(ctx, read, command.payment_id)
        if payment.invoice_id != invoice.id or payment.status is not PaymentStatus.SUCCEEDED:
            raise NothingToRefund("This is no payment of the invoice that came in.", field="paymentId")
        return payment
    came = await read.payments.newest_paid(invoice.id)
    if not came:
        raise NothingToRefund("No payment of this invoice came in.", field="invoiceId")
    return next((payment for payment in came if payment.refundable), came[0])


def _minor(amount: str | None, currency: str) -> int | None:
    """Read an amount in whole units of the currency."""
    return None if amount is None else parse_positive_amount(amount, exponent(currency), field="amount")
