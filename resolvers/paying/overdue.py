"""What was sent and is not paid by its due day: past due with a grace, then as after the last attempt. (C2)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.dunning import Attempt
from billing.invoicing.policy import OnFirstFailure, SentInvoices
from billing.money import Money
from models.work import Happening
from resolvers.paying.attempting import PAST_DUE_MAIL, send, waited_for
from resolvers.paying.standing import fall_behind, give_up

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.sources import Json
    from billing.invoicing.policy import Dunning
    from models.invoice_views import InvoiceView
    from models.views import SubscriptionView
    from models.work import Work

A_DAY = timedelta(days=1)


async def fall_due(work: Work, invoice: InvoiceView) -> None:
    """Do what a sent invoice's due day brings, or the end of the days after it; nothing where nobody waits for it."""
    billing = await work.environments.billing(work.environment_id)
    policy = billing.dunning
    if billing.mails.past_due and waited_for(invoice) and invoice.payable_by and work.at <= invoice.payable_by:
        await send(work, PAST_DUE_MAIL, invoice.id)
    view = await work.subscriptions.by_id(invoice.subscription_id) if invoice.subscription_id else None
    view = None if view is None or view.facts.outlived(invoice.created_at) else view
    if policy.sent is SentInvoices.WAIT or not waited_for(invoice) or invoice.payable_by is None:
        await work.invoices.save(replace(invoice, due_at=None))
    elif work.at <= invoice.payable_by:
        await _is_late(work, invoice, invoice.payable_by, view, policy)
    else:
        await _is_given_up(work, invoice, view, policy)


async def _is_late(
    work: Work, invoice: InvoiceView, due: datetime, view: SubscriptionView | None, policy: Dunning
) -> None:
    last = policy.retry_days[-1] if policy.retry_days else 0
    given_up_at = Attempt(due, await _noticed(work)).since + timedelta(days=last) if view else None
    invoice = replace(invoice, due_at=given_up_at)
    await work.invoices.save(invoice)
    told: dict[str, Json] = {
        "number": invoice.number,
        "subscriptionId": invoice.subscription_id or None,
        "remaining": Money(invoice.remaining, invoice.currency).format(),
        "currency": invoice.currency,
        "payableBy": due.isoformat(),
        "givenUpAt": given_up_at.isoformat() if given_up_at else None,
    }
    await work.record(invoice.customer_id, Happening("invoice.past_due", invoice.id, {}, told))
    if view is not None:
        await fall_behind(work, view, invoice, OnFirstFailure.PAST_DUE)
    if given_up_at is not None and given_up_at <= work.at:
        await _is_given_up(work, invoice, view, policy)


async def _is_given_up(work: Work, invoice: InvoiceView, view: SubscriptionView | None, policy: Dunning) -> None:
    """Do what comes after the last day; what a payment on its way may still bring is waited for, day by day."""
    payments = (await work.payments.of_invoices([invoice.id]))[invoice.id]
    if any(payment.open for payment in payments):
        await work.invoices.save(replace(invoice, due_at=work.at + A_DAY))
        return
    await work.invoices.save(replace(invoice, due_at=None, auto_advance=False))
    if view is not None:
        await give_up(work, view.id, policy.after)


async def _noticed(work: Work) -> datetime:
    """When it is seen: after downtime nobody is given up for days in which nobody was told. (After downtime)"""
    clock, _ = await work.environments.clock(work.environment_id)
    return clock or work.moment.recorded_at
