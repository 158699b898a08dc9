"""What paying and not paying does to a subscription: past due and its grace, back again, or the end. (C2, C14, K9)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.ending import AUTOMATIC, OpenInvoices
from billing.invoicing.invoices import InvoiceReason
from billing.invoicing.policy import AfterDunning, OnFirstFailure
from billing.leaving import ended
from billing.lifecycle import CancelReason, CancelTiming, Status
from resolvers.going_on import after_the_end
from resolvers.invoicing.asked import Proration
from resolvers.keeping import End, drop_rest, grace_of, keep, keep_end, recover
from resolvers.paying.own_ends import cancellation

if TYPE_CHECKING:
    from billing.entitlements.sources import Json
    from models.invoice_views import InvoiceView
    from models.views import SubscriptionView
    from models.work import Work


async def fall_behind(work: Work, view: SubscriptionView, invoice: InvoiceView, first: OnFirstFailure) -> None:
    """Let an active subscription be past due; its access goes on for the grace, from when the invoice was due.

    Where the first payment of all fails, it gives none, unless the policy says so.
    """
    if view.facts.status is not Status.ACTIVE:
        return
    if first is OnFirstFailure.INCOMPLETE and _is_first(view, invoice):
        incomplete = replace(view.facts, status=Status.INCOMPLETE)
        await keep(work, view.customer_id, "subscription.incomplete", view.facts, incomplete)
        return
    grace = await grace_of(work, [invoice])
    after = replace(view.facts, status=Status.PAST_DUE, grace_until=grace)
    await keep(work, view.customer_id, "subscription.past_due", view.facts, after)


def _is_first(view: SubscriptionView, invoice: InvoiceView) -> bool:
    """Whether an invoice is the first of a subscription that was never tried."""
    return invoice.reason is InvoiceReason.SUBSCRIPTION_START and view.facts.trial_end is None


async def let_go_on(work: Work, invoice: InvoiceView) -> bool:
    """Let an invoice's subscription go on where nothing that failed is left to pay; False where that is over."""
    view = await work.subscriptions.by_id(invoice.subscription_id) if invoice.subscription_id else None
    if view is None:
        return True
    over = view.facts.outlived(invoice.created_at)
    if not over:
        await recover(work, view.customer_id, view.facts)
    return not over


async def give_up(work: Work, subscription_id: str, after: AfterDunning) -> None:
    """Do what the policy says after the last attempt."""
    view = await work.subscriptions.by_id(subscription_id)
    if view is None or not view.facts.live:
        return
    if view.facts.status is Status.INCOMPLETE:
        over = replace(ended(view.facts, work.at), status=Status.INCOMPLETE_EXPIRED)
        await drop_rest(work, view.facts, "", work.at)
        never = Proration(end=replace(AUTOMATIC, open_invoices=OpenInvoices.VOID))
        await keep(work, view.customer_id, "subscription.incomplete_expired", view.facts, over, proration=never)
        return
    if after is AfterDunning.LEAVE_PAST_DUE:
        return
    if after is AfterDunning.UNPAID:
        unpaid = replace(view.facts, status=Status.UNPAID, grace_until=None)
        await keep(work, view.customer_id, "subscription.unpaid", view.facts, unpaid)
        return
    reason = CancelReason.PAYMENT_FAILED
    await work.subscriptions.add_cancellation(
        cancellation(work, view.customer_id, view.id, reason, CancelTiming.IMMEDIATE, work.at)
    )
    await drop_rest(work, view.facts, "", work.at)
    told: dict[str, Json] = {"reason": reason.value}
    end = End(work.at, await after_the_end(work, view.facts, work.at))
    await keep_end(work, view.customer_id, view.facts, end, beside=told, proration=Proration(end=AUTOMATIC))
