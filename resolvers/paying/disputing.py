"""A bank takes a payment back: told at once, and a full one ends the subscription as the policy says. (C10)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.dunning import DISPUTE_DELAY
from billing.invoicing.credit_notes import shared_out
from billing.invoicing.policy import OnDispute
from billing.lifecycle import CancelReason, CancelTiming, ChangeKind, ChangeStatus
from billing.money import Money
from billing.periods import cut
from billing.schedules import unscheduled
from billing.subscriptions import Scheduled, as_of
from models.payment_views import DisputeView
from models.work import Happening
from resolvers.bookkeeping import book_disputed
from resolvers.changing import schedule
from resolvers.going_on import after_the_end
from resolvers.invoicing.asked import Proration
from resolvers.invoicing.crediting import note_parts
from resolvers.keeping import keep
from resolvers.paying.own_ends import cancellation
from resolvers.paying.refunding import left_to_refund
from resolvers.phasing import take_off

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.sources import Json
    from models.payment_views import PaymentView
    from models.views import SubscriptionView
    from models.work import Work


DISPUTED = "Disputed"
"""The reason on the credit note of what a bank took back."""


async def book_dispute(work: Work, payment: PaymentView, amount: int) -> None:
    """Keep what was taken back, all in all; where that became the whole payment, let the policy have its effect."""
    known = await work.payments.dispute_of(payment.id)
    invoice = await work.invoices.by_id(payment.invoice_id)
    subscription_id = invoice.subscription_id if invoice else ""
    await _note_what_is_gone(work, payment, amount - payment.disputed)
    await work.payments.save(replace(payment, disputed=amount))
    whole = amount >= payment.amount
    effect = OnDispute.NOTHING
    if whole and invoice and subscription_id:
        effect = await _take_effect(work, subscription_id, invoice.created_at)
    dispute = DisputeView(
        id=known.id if known else work.ids.new("dsp"),
        customer_id=payment.customer_id,
        invoice_id=payment.invoice_id,
        payment_id=payment.id,
        subscription_id=subscription_id,
        amount=amount,
        currency=payment.currency,
        whole=whole,
        effect=effect,
        opened_at=known.opened_at if known else work.at,
    )
    if known is None:
        await work.payments.add_dispute(dispute)
    else:
        await work.payments.save_dispute(dispute)
    book_disputed(work, dispute, amount - (known.amount if known else 0))
    told = {
        "paymentId": payment.id,
        "invoiceId": payment.invoice_id,
        "subscriptionId": subscription_id or None,
        "amount": Money(amount, payment.currency).format(),
        "currency": payment.currency,
        "whole": whole,
        "effect": effect.value,
    }
    kind = "dispute.opened" if known is None else "dispute.raised"
    await work.record(payment.customer_id, Happening(kind, dispute.id, {}, told))


async def _note_what_is_gone(work: Work, payment: PaymentView, amount: int) -> None:
    """What a bank took back is not given back again: a credit note takes it off the lines, as far as they have it."""
    left = await left_to_refund(work, payment)
    noted = min(amount, left.most)
    if noted:
        parts = shared_out(left.left.asked, noted)
        await note_parts(work, left.invoice, left.left, parts, reason=DISPUTED, refunded=noted)


async def _take_effect(work: Work, subscription_id: str, invoiced_at: datetime) -> OnDispute:
    """Schedule the end: in an hour, or at the end of the period of then. What ends sooner anyway is left alone."""
    view = await work.subscriptions.by_id(subscription_id)
    effect = (await work.environments.billing(work.environment_id)).on_dispute
    if view is None or view.facts.outlived(invoiced_at) or effect is OnDispute.NOTHING:
        return OnDispute.NOTHING
    soon = work.at + DISPUTE_DELAY
    then = as_of(view.facts, soon)
    ends_at = max(then.period.end, soon) if effect is OnDispute.CANCEL_AT_PERIOD_END else soon
    if not then.live or (view.facts.cancel_at is not None and view.facts.cancel_at <= ends_at):
        return OnDispute.NOTHING
    await _schedule_end(work, view, ends_at, effect)
    return effect


async def _schedule_end(work: Work, view: SubscriptionView, ends_at: datetime, effect: OnDispute) -> None:
    """Schedule the end without proration; it is seen, and can be undone, like any other. A schedule goes first."""
    if view.facts.schedule_id:
        await take_off(work, view)
    pending = view.facts.pending(ChangeKind.CANCEL)
    if pending is not None:
        await work.subscriptions.settle_change(pending.id, ChangeStatus.REPLACED, work.at)
        await work.subscriptions.undo_cancellation(pending.id, work.at)
    rest = (change for change in view.facts.scheduled if change is not pending and not change.schedule_id)
    leads_to = await after_the_end(work, unscheduled(view.facts), ends_at)
    change = await schedule(work, view, Scheduled("", ChangeKind.CANCEL, ends_at, target=leads_to))
    timing = CancelTiming.ON_DATE if effect is OnDispute.CANCEL_NOW else CancelTiming.END_OF_PERIOD
    reason = CancelReason.PAYMENT_DISPUTED
    await work.subscriptions.add_cancellation(
        cancellation(work, view.customer_id, view.id, reason, timing, ends_at, change.id)
    )
    after = cut(replace(view.facts, scheduled=(*rest, change)))
    kind = "subscription.cancellation_scheduled"
    without = Proration(prorate=False, change_id=change.id, undoes=pending.id if pending else "")
    told: dict[str, Json] = {"reason": reason.value}
    await keep(work, view.customer_id, kind, view.facts, after, beside=told, proration=without)
