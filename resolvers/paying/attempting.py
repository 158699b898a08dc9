"""Deciding an attempt: a payment and an act to carry out after commit. The provider is asked outside, by the act."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from billing.invoicing.invoices import CollectionMethod, InvoiceStatus
from billing.payments import PaymentStatus
from models.payment_views import PaymentView
from models.tables.journal import OutboxRow

if TYPE_CHECKING:
    from models.invoice_views import InvoiceView
    from models.work import Work

PAYMENT: Final = "payment"
REFUND: Final = "refund"
FAILED_MAIL: Final = "payment_failed_mail"
PAST_DUE_MAIL: Final = "past_due_mail"
"""The kinds of acts: bring a payment, or a refund, to where its provider says that it stands; tell that one failed, or
that an invoice is due.
"""


def collectable(invoice: InvoiceView) -> bool:
    """Whether something is left to pay, and may still come."""
    return invoice.status in (InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE) and invoice.remaining > 0


def by_itself(invoice: InvoiceView) -> bool:
    """Whether an invoice is charged without anybody asking. (C14)"""
    automatic = invoice.collection_method is CollectionMethod.CHARGE_AUTOMATICALLY
    return invoice.status is InvoiceStatus.OPEN and invoice.remaining > 0 and invoice.auto_advance and automatic


def waited_for(invoice: InvoiceView) -> bool:
    """Whether an invoice was sent, and is to be paid by its due day without anybody charging it."""
    by_hand = invoice.collection_method is CollectionMethod.SEND_INVOICE
    return invoice.status is InvoiceStatus.OPEN and invoice.remaining > 0 and invoice.auto_advance and by_hand


async def collect(work: Work, invoice: InvoiceView) -> None:
    """Attempt to collect an invoice by itself, now; what an earlier attempt may still bring is waited for."""
    if waited_for(invoice):
        return
    if not by_itself(invoice):
        if invoice.due_at is not None:
            await work.invoices.save(replace(invoice, due_at=None))
        return
    earlier = (await work.payments.of_invoices([invoice.id]))[invoice.id]
    if any(payment.open for payment in earlier):
        await work.invoices.save(replace(invoice, due_at=None))
        return
    await attempt(work, invoice)


async def attempt(work: Work, invoice: InvoiceView, *, manual: bool = False) -> PaymentView:
    """Decide an attempt to collect all that is left; the invoice has no other that is open."""
    earlier = (await work.payments.of_invoices([invoice.id]))[invoice.id]
    method = await work.payments.default_of(invoice.customer_id)
    payment = PaymentView(
        id=work.ids.new("pay"),
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        method_id=method.id if method else "",
        provider=method.provider if method else "",
        number=len(earlier) + 1,
        manual=manual,
        status=PaymentStatus.PENDING,
        amount=invoice.remaining,
        currency=invoice.currency,
        refunded=0,
        disputed=0,
        code="",
        action_url="",
        scheduled_at=work.at,
        made_at=None,
        settled_at=None,
        due_at=None,
        created_at=work.at,
    )
    await work.payments.add(payment)
    if not manual:
        await work.invoices.save(replace(invoice, due_at=None))
    await send(work, PAYMENT, payment.id)
    return payment


async def look_again(work: Work, customer_id: str) -> None:
    """Ask the providers about the payments and refunds of which it is time to."""
    payments, refunds = await work.payments.due(customer_id, work.at)
    for payment in payments:
        await work.payments.save(replace(payment, due_at=None))
        await send(work, PAYMENT, payment.id)
    for refund in refunds:
        await work.payments.save_refund(replace(refund, due_at=None))
        await send(work, REFUND, refund.id)


async def send(work: Work, kind: str, subject_id: str) -> None:
    """Let an act go out after commit."""
    await work.outbox.add(
        OutboxRow(
            id=work.ids.new("out"),
            environment_id=work.environment_id,
            kind=kind,
            subject_id=subject_id,
            due_at=work.moment.recorded_at,
        )
    )
