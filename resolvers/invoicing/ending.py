"""A subscription ends, in money: what is dropped, what waits, what is invoiced, what stays unpaid. (C6, C11-C14)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.ending import EndRefund, OpenInvoices, PendingItems
from billing.invoicing.invoices import InvoiceReason, InvoiceStatus
from billing.invoicing.policy import UsageWithoutProration
from billing.invoicing.values import LineKind
from billing.lifecycle import CollectionBehavior, Status
from resolvers.invoicing.closing import close
from resolvers.invoicing.drafting import Occasion, invoice
from resolvers.invoicing.finalizing import settle_draft
from resolvers.invoicing.items import delete_items
from resolvers.invoicing.settling import ELSEWHERE, measure, settle_time, unbilled, undo_end
from resolvers.invoicing.voiding import void
from resolvers.paying.at_the_end import refund_last, refund_unused

if TYPE_CHECKING:
    from datetime import datetime

    from billing.ending import EndTerms
    from billing.invoicing.policy import BillingPolicy
    from billing.subscriptions import Facts
    from models.invoice_views import LineView
    from models.reader import Reader
    from models.work import Work
    from resolvers.invoicing.asked import Proration

PRORATIONS = frozenset({LineKind.CREDIT, LineKind.PERIOD})
NEVER_PAID_FOR = frozenset({Status.NOT_STARTED, Status.TRIALING, Status.PAUSED})
"""What ends in these is never invoiced, but in a phase that is a trial, before which it was paid for.

And but for what was used in a pause.
"""


async def end(work: Work, customer_id: str, before: Facts, after: Facts, asked: Proration) -> None:
    """Settle the money of a subscription that ends now, on its terms."""
    terms, policy = asked.end, await work.environments.billing(work.environment_id)
    unpaid = [each for each in await work.invoices.open_of(after.id) if not before.outlived(each.created_at)]
    usage = bills_usage(terms, policy)
    await _drop(work, customer_id, after, terms, usage=usage)
    unused = terms.refund is EndRefund.PRORATED
    if unused:
        await undo_end(work, customer_id, before, after, asked, policy)
    made = await settle_time(work, customer_id, after, replace(asked, prorate=terms.prorate or unused), policy)
    if unused:
        await refund_unused(work, [line for line in made if line.kind is LineKind.CREDIT])
    elif terms.refund is EndRefund.LAST_PAYMENT:
        await refund_last(work, after.id)
    used: list[LineView] = []
    if usage:
        used = await measure(work, customer_id, before, after, asked, policy, closing=True)
    else:
        gone = await unbilled(work, customer_id, before, asked, policy)
        work.invoices.dropped += [line for line in gone if line.quantity]
        await work.invoices.set_cursors(customer_id, after.id, {})
    if terms.invoice_now and (used or before.status not in NEVER_PAID_FOR or before.period.start > before.starts_at):
        occasion = Occasion(after.id, after.currency, InvoiceReason.CANCELLATION, after.period)
        await invoice(work, customer_id, occasion, policy)
    await _close(work, [each.id for each in unpaid], terms.open_invoices, policy)


def bills_usage(terms: EndTerms, policy: BillingPolicy) -> bool:
    """Whether unbilled usage is billed at all, now or with the customer's next invoice. (C6, C12)"""
    if terms.clear_usage or terms.drops:
        return False
    return terms.prorate or policy.usage_without_proration is UsageWithoutProration.BILL


async def paid_through(read: Reader, subscription_id: str, at: datetime) -> datetime | None:
    """Until when a subscription is billed and paid, beyond an instant; None where it is not. (K1)"""
    lines = await read.invoices.billed(subscription_id, at)
    given = await read.invoices.credits_of([line.id for line in lines])
    invoices = await read.invoices.by_ids({line.invoice_id for line in lines} - {""})
    paid = {ELSEWHERE, *(each.id for each in invoices.values() if each.status is InvoiceStatus.PAID)}
    ends = [_kept_until(line, given[line.id]) for line in lines if line.invoice_id in paid]
    return max((end for end in ends if end is not None and end > at), default=None)


def _kept_until(line: LineView, given: list[LineView]) -> datetime | None:
    """Until when a line's time is left, after what was given back of its end."""
    if line.period is None:
        return None
    until = line.period.end
    for credit in sorted((each.period for each in given if each.period), key=lambda piece: piece.end, reverse=True):
        if credit.end >= until:
            until = min(until, credit.start)
    return until


async def _drop(work: Work, customer_id: str, facts: Facts, terms: EndTerms, *, usage: bool) -> None:
    """Take back what will never be invoiced, before anything is compared: what it had settled is open again."""
    kinds = (PRORATIONS if terms.drops else frozenset[LineKind]()) | (set[LineKind]() if usage else {LineKind.USAGE})
    waiting = await work.invoices.waiting(customer_id)
    gone = [line.id for line in waiting if line.subscription_id == facts.id and line.kind in kinds]
    if terms.pending_items is PendingItems.DELETE:
        own = ("", facts.id)
        items = [line for line in waiting if line.kind is LineKind.ITEM and line.currency == facts.currency]
        await delete_items(work, [line for line in items if line.subscription_id in own])
    await work.invoices.remove_lines(gone)


async def _close(work: Work, ids: list[str], choice: OpenInvoices, policy: BillingPolicy) -> None:
    """Do with drafts and unpaid invoices what was chosen; those that the end settled stay settled. (K9, C14)

    A draft that is given up becomes final first: a late payment of it can be booked, and nothing on it is lost.
    """
    if choice is OpenInvoices.KEEP_RETRYING:
        return
    found = await work.invoices.by_ids(ids)
    for each in (found[one] for one in ids):
        if each.status not in (InvoiceStatus.DRAFT, InvoiceStatus.OPEN):
            continue
        if choice is OpenInvoices.STOP_COLLECTION:
            await work.invoices.save(replace(each, auto_advance=False, due_at=None))
        elif choice is OpenInvoices.VOID and not each.paid:
            await void(work, each)
        elif each.status is InvoiceStatus.DRAFT:
            await settle_draft(work, each, policy, held=CollectionBehavior.MARK_UNCOLLECTIBLE)
        else:
            await close(work, each, InvoiceStatus.UNCOLLECTIBLE)
