"""Booking what a provider says of a payment: in the customer's unit of work, once, whatever is told later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from billing.books import owed
from billing.dunning import Attempt, next_attempt
from billing.invoicing.invoices import CreditKind, InvoiceReason, InvoiceStatus
from billing.money import Money
from billing.payments import PAYMENT_MOVES, PaymentStatus
from billing.ports import Outcome
from models.work import Happening
from resolvers.bookkeeping import book_paid_otherwise, book_payment
from resolvers.invoicing.balance import Why, move
from resolvers.paying.attempting import FAILED_MAIL, by_itself, send
from resolvers.paying.disputing import book_dispute
from resolvers.paying.standing import fall_behind, give_up, let_go_on

if TYPE_CHECKING:
    from billing.entitlements.sources import Json
    from billing.ports import ChargeAnswer
    from models.invoice_views import InvoiceView
    from models.payment_views import PaymentView
    from models.work import Work

NO_METHOD = "no_payment_method"
"""The code of an attempt that had nothing to charge."""


async def book(work: Work, payment: PaymentView, answer: ChargeAnswer) -> None:
    """Book an answer; what was over stays as it was, apart from what the bank took back since."""
    status = PaymentStatus(answer.outcome.value)
    if status in PAYMENT_MOVES[payment.status]:
        payment = await _moved(work, payment, answer, status)
    elif payment.due_at != answer.look_at and answer.outcome is Outcome.SUCCEEDED:
        payment = replace(payment, due_at=answer.look_at)
        await work.payments.save(payment)
    if answer.disputed > payment.disputed and payment.status is PaymentStatus.SUCCEEDED:
        await book_dispute(work, payment, answer.disputed)


async def _moved(work: Work, payment: PaymentView, answer: ChargeAnswer, status: PaymentStatus) -> PaymentView:
    over = status in (PaymentStatus.SUCCEEDED, PaymentStatus.FAILED)
    after = replace(
        payment,
        status=status,
        code=answer.code,
        action_url=answer.url,
        made_at=payment.made_at or work.at,
        settled_at=work.at if over else None,
        due_at=answer.look_at,
    )
    await work.payments.save(after)
    invoice = await work.invoices.by_id(payment.invoice_id)
    if invoice is None:
        raise LookupError(payment.invoice_id)
    if status is PaymentStatus.SUCCEEDED:
        await _came(work, after, invoice)
    elif status is PaymentStatus.FAILED:
        await _failed(work, after, invoice)
    elif status is PaymentStatus.NEEDS_ACTION and payment.status is not status:
        await _tell(work, "invoice.payment_action_required", after, invoice, {})
    return after


async def _came(work: Work, payment: PaymentView, invoice: InvoiceView) -> None:
    """Pay the invoice; what is more than was left by then goes to the customer's credit."""
    used = min(payment.amount, invoice.remaining)
    book_payment(work, payment, invoice)
    if payment.amount > used:
        why = Why(CreditKind.OVERPAID, invoice.id, against=owed(invoice.status))
        await move(work, payment.customer_id, payment.currency, payment.amount - used, why)
    await pay(work, invoice, used, payment=payment)


async def pay(work: Work, invoice: InvoiceView, amount: int, *, payment: PaymentView | None = None) -> InvoiceView:
    """Take an amount off what is left to pay; without a payment it came by another way."""
    remaining = invoice.remaining - amount
    settled = not remaining and invoice.status in (InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE)
    after = replace(
        invoice,
        paid=invoice.paid + amount,
        remaining=remaining,
        paid_out_of_band=invoice.paid_out_of_band or payment is None,
        status=InvoiceStatus.PAID if settled else invoice.status,
        due_at=None if settled else invoice.due_at,
        settled_at=work.at if settled else invoice.settled_at,
    )
    await work.invoices.save(after)
    if payment is None:
        book_paid_otherwise(work, invoice, amount)
    if settled:
        told: dict[str, Json] = {
            "subscriptionId": invoice.subscription_id or None,
            "amount": Money(amount, invoice.currency).format(),
            "currency": invoice.currency,
            "paymentId": payment.id if payment else None,
        }
        before = {"status": invoice.status.value}
        happening = Happening("invoice.paid", invoice.id, before, {"status": after.status.value, **told})
        await work.record(invoice.customer_id, happening)
    await _settle_standing(work, after, payment)
    return after


async def _settle_standing(work: Work, invoice: InvoiceView, payment: PaymentView | None) -> None:
    """Let the subscription go on; one that has ended stays so, and that is told but of the final invoice. (K9)"""
    final = invoice.reason is InvoiceReason.CANCELLATION
    if not await let_go_on(work, invoice) and payment is not None and not final:
        await _tell(work, "payment.late", payment, invoice, {})


async def _failed(work: Work, payment: PaymentView, invoice: InvoiceView) -> None:
    """Plan the next attempt, or end as the policy says; an invoice that nobody collects by itself any more only waits.

    An attempt that was asked for is none of the plan's: it neither counts nor ends anything.
    """
    if not by_itself(invoice):
        await _tell(work, "invoice.payment_failed", payment, invoice, {"nextAttemptAt": None})
        return
    billing = await work.environments.billing(work.environment_id)
    policy = billing.dunning
    tried = (await work.payments.of_invoices([invoice.id]))[invoice.id]
    counted = [
        Attempt(each.scheduled_at, each.made_at or work.at)
        for each in tried
        if each.status is PaymentStatus.FAILED and not each.manual
    ]
    then = invoice.due_at or next_attempt(policy, counted, work.at)
    again_at = then if isinstance(then, datetime) else None
    invoice = replace(invoice, due_at=again_at, auto_advance=again_at is not None)
    await work.invoices.save(invoice)
    told: dict[str, Json] = {"nextAttemptAt": again_at.isoformat() if again_at else None, "attempt": len(counted)}
    await _tell(work, "invoice.payment_failed", payment, invoice, told)
    if billing.mails.payment_failed:
        await send(work, FAILED_MAIL, payment.id)
    view = await work.subscriptions.by_id(invoice.subscription_id) if invoice.subscription_id else None
    if view is None or view.facts.outlived(invoice.created_at):
        return
    await fall_behind(work, view, invoice, billing.on_first_failure)
    if again_at is None:
        await give_up(work, view.id, policy.after)


async def _tell(work: Work, kind: str, payment: PaymentView, invoice: InvoiceView, beside: dict[str, Json]) -> None:
    told: dict[str, Json] = {
        "paymentId": payment.id,
        "invoiceId": invoice.id,
        "subscriptionId": invoice.subscription_id or None,
        "amount": Money(payment.amount, payment.currency).format(),
        "currency": payment.currency,
        "code": payment.code or None,
        "manual": payment.manual,
    }
    subject = payment.id if kind.startswith("payment.") else invoice.id
    await work.record(payment.customer_id, Happening(kind, subject, {}, {**told, **beside}))
