"""Giving money back: decided with the customer's sequence held, so that no race gives back more than came in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.books import Account
from billing.dataclass import dataclass
from billing.invoicing.credit_notes import shared_out
from billing.invoicing.invoices import CreditKind, InvoiceStatus
from billing.money import Money
from billing.payment_refusals import NothingToRefund, RefundTooLarge
from billing.payments import RefundStatus
from billing.ports import Outcome
from models.payment_views import RefundView
from models.work import Happening
from resolvers.bookkeeping import book_refunded
from resolvers.invoicing.balance import Why, move
from resolvers.invoicing.crediting import note_parts
from resolvers.invoicing.remainder import left_of
from resolvers.paying.attempting import REFUND, send

if TYPE_CHECKING:
    from billing.entitlements.sources import Json
    from billing.ports import RefundAnswer
    from models.invoice_views import InvoiceView
    from models.payment_views import PaymentView
    from models.reader import Reader
    from models.work import Work
    from resolvers.invoicing.remainder import Left


@dataclass(frozen=True, slots=True)
class Refundable:
    """A payment's invoice, what is left to give back of its lines, and how much of the payment can go back."""

    invoice: InvoiceView
    left: Left
    most: int


async def refund(
    work: Work, payment: PaymentView, amount: int | None, reason: str, field: str = "paymentId"
) -> RefundView:
    """Give an amount back, or all that is left of a payment and of what its invoice asked, on a credit note.

    `field` is what named the payment.
    """
    left = await left_to_refund(work, payment)
    if not left.most:
        raise NothingToRefund("Nothing is left of this payment that could go back.", field=field)
    wanted = left.most if amount is None else amount
    if wanted > left.most:
        raise refund_too_large(left.most, payment.currency)
    return await give_back(work, payment, left, wanted, reason)


async def left_to_refund(read: Reader, payment: PaymentView) -> Refundable:
    """Say how much of a payment can still go back; what came in for a void invoice is the customer's credit instead."""
    invoice = await read.invoices.by_id(payment.invoice_id)
    if invoice is None:
        raise LookupError(payment.invoice_id)
    left = await left_of(read, invoice)
    most = 0 if invoice.status is InvoiceStatus.VOID else min(payment.refundable, left.most)
    return Refundable(invoice, left, most)


async def give_back(work: Work, payment: PaymentView, left: Refundable, amount: int, reason: str) -> RefundView:
    """Give an amount of a payment back that is left of it, by what is left of each line."""
    parts = shared_out(left.left.asked, amount)
    noted = await note_parts(work, left.invoice, left.left, parts, reason=reason, refunded=amount)
    return await send_back(work, payment, amount, reason, credit_note_id=noted.id)


async def send_back(
    work: Work, payment: PaymentView, amount: int, reason: str, *, credit_note_id: str = ""
) -> RefundView:
    """Send an amount back to the method that it came from; it goes out after commit."""
    made = RefundView(
        id=work.ids.new("rfd"),
        customer_id=payment.customer_id,
        invoice_id=payment.invoice_id,
        payment_id=payment.id,
        status=RefundStatus.PENDING,
        amount=amount,
        currency=payment.currency,
        code="",
        reason=reason,
        due_at=None,
        created_at=work.at,
        settled_at=None,
        credit_note_id=credit_note_id,
    )
    await work.payments.add_refund(made)
    await send(work, REFUND, made.id)
    await work.record(made.customer_id, Happening("refund.created", made.id, {}, _told(made)))
    return made


def refund_too_large(left: int, currency: str) -> RefundTooLarge:
    """Say how much can go back."""
    held = Money(left, currency).format()
    return RefundTooLarge(f"At most {held} {currency} can go back.", field="amount", left=held, currency=currency)


async def book_refund(work: Work, refund_id: str, answer: RefundAnswer) -> None:
    """Book what a provider says of a refund; what is over stays as it was."""
    made = await work.payments.refund(refund_id)
    if made is None or made.status is not RefundStatus.PENDING:
        return
    if answer.outcome is Outcome.PENDING:
        await work.payments.save_refund(replace(made, due_at=answer.look_at))
        return
    status = RefundStatus.SUCCEEDED if answer.outcome is Outcome.SUCCEEDED else RefundStatus.FAILED
    after = replace(made, status=status, code=answer.code, due_at=None, settled_at=work.at)
    await work.payments.save_refund(after)
    if status is RefundStatus.SUCCEEDED:
        book_refunded(work, after)
    kind = "refund.succeeded" if status is RefundStatus.SUCCEEDED else "refund.failed"
    await work.record(made.customer_id, Happening(kind, made.id, {}, _told(after)))
    if status is RefundStatus.FAILED:
        await _keep_as_credit(work, made)


async def _keep_as_credit(work: Work, failed: RefundView) -> None:
    """What could not go back stays the customer's: it is credit, as what was to be paid out is again. (C7)"""
    kind = CreditKind.REFUND
    if failed.credit_note_id:
        await work.credits.not_refunded(failed.credit_note_id, failed.amount)
        kind = CreditKind.CREDIT_NOTE
    why = Why(kind, failed.invoice_id, failed.credit_note_id, failed.id, against=Account.REFUNDS)
    await move(work, failed.customer_id, failed.currency, failed.amount, why)


def _told(made: RefundView) -> dict[str, Json]:
    return {
        "status": made.status.value,
        "paymentId": made.payment_id,
        "invoiceId": made.invoice_id,
        "amount": Money(made.amount, made.currency).format(),
        "currency": made.currency,
        "code": made.code or None,
    }
