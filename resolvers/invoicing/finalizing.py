"""Making an invoice final: counted for the last time, numbered, paid from the balance as far as that goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.invoicing.invoices import CollectionMethod, CreditKind, InvoiceStatus
from billing.invoicing.parties import identity
from billing.invoicing.policy import SentInvoices
from billing.invoicing.totals import from_balance
from billing.lifecycle import CollectionBehavior
from billing.money import Money
from models.work import Happening
from resolvers.bookkeeping import book_sold
from resolvers.invoicing.adding import added_up
from resolvers.invoicing.balance import Why, move
from resolvers.invoicing.discounted import use_up, with_usage_discounted
from resolvers.invoicing.holding_back import give_up, held_back, keep_as_draft
from resolvers.invoicing.measuring import counted_again
from resolvers.paying.attempting import collect, waited_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.entitlements.sources import Json
    from billing.invoicing.policy import BillingPolicy
    from models.invoice_views import InvoiceView, LineView
    from models.work import Work

GIVEN_UP = (CollectionBehavior.VOID, CollectionBehavior.MARK_UNCOLLECTIBLE)
INVOICE = "invoice"
"""The kind of document that is numbered."""


async def settle_draft(
    work: Work,
    draft: InvoiceView,
    policy: BillingPolicy,
    *,
    by_hand: bool = False,
    held: CollectionBehavior | None = None,
) -> None:
    """Finalize a draft whose grace is over, or that somebody finalizes: what was reported late is on it.

    `held` says how it is held back, where that is not its subscription's own way.
    """
    lines = (await work.invoices.lines_of([draft.id]))[draft.id]
    added, taxed = added_up(draft, await with_usage_discounted(work, await counted_again(work, lines), draft.id))
    for before, line in zip(lines, taxed, strict=True):
        if line != before:
            await work.invoices.save_line(line)
    await use_up(work, draft.id, taxed)
    way = held or await held_back(work, draft)
    if not by_hand and held is None and way is CollectionBehavior.KEEP_AS_DRAFT:
        await keep_as_draft(work, added)
        return
    await finalize(work, added, policy, taxed, way)


async def finalize(
    work: Work,
    draft: InvoiceView,
    policy: BillingPolicy,
    lines: Sequence[LineView],
    held: CollectionBehavior | None,
) -> InvoiceView:
    """Make an invoice final. Less than nothing goes to the customer's credit; nothing left to pay is paid.

    `held` says how it is held back; None where it is collected.
    """
    used = 0 if held in GIVEN_UP else await _from_balance(work, draft)
    remaining = max(0, draft.total - used)
    customer = await work.customers.by_id(draft.customer_id)
    seller, buyer = identity(policy, customer) if customer else ({}, {})
    if customer is not None and customer.currency is None:
        await work.customers.update(customer.id, {"currency": draft.currency})
    by_hand = draft.collection_method is CollectionMethod.SEND_INVOICE
    payable_by = work.at + timedelta(days=policy.days_until_due if by_hand else 0)
    final = replace(
        draft,
        status=InvoiceStatus.OPEN if remaining else InvoiceStatus.PAID,
        balance_applied=used,
        remaining=remaining,
        seller=seller,
        buyer=buyer,
        due_at=None,
        payable_by=payable_by,
        finalized_at=work.at,
        settled_at=None if remaining else work.at,
    )
    book_sold(work, final, lines)
    if used:
        await move(work, final.customer_id, final.currency, -used, Why(CreditKind.APPLIED, final.id))
    if final.total < 0:
        why = Why(CreditKind.NEGATIVE_INVOICE, final.id)
        await move(work, final.customer_id, final.currency, -final.total, why)
    told_when_due = policy.dunning.sent is SentInvoices.DUN or policy.mails.past_due
    if waited_for(final) and held not in GIVEN_UP and told_when_due:
        final = replace(final, due_at=payable_by)
    await work.invoices.save(final)
    _tell(work, final, policy)
    if final.status is InvoiceStatus.PAID:
        await work.record(final.customer_id, Happening("invoice.paid", final.id, {}, told(final)))
    if held is not None and held in GIVEN_UP and final.status is InvoiceStatus.OPEN:
        return await give_up(work, final, held)
    await collect(work, final)
    return final


async def _from_balance(work: Work, draft: InvoiceView) -> int:
    held = await work.credits.balance(draft.customer_id, draft.currency)
    return from_balance(Money(draft.total, draft.currency), {draft.currency: held}).minor


def _tell(work: Work, final: InvoiceView, policy: BillingPolicy) -> None:
    async def keep(number: str) -> None:
        await work.invoices.number(final.id, number)

    happening = Happening("invoice.finalized", final.id, {}, told(final))
    work.number_at_end(final.customer_id, INVOICE, policy.number_prefix, happening, keep)


def told(invoice: InvoiceView) -> dict[str, Json]:
    """What an event tells of an invoice."""
    return {
        "subscriptionId": invoice.subscription_id or None,
        "status": invoice.status.value,
        "reason": invoice.reason.value,
        "currency": invoice.currency,
        "total": Money(invoice.total, invoice.currency).format(),
        "tax": Money(invoice.tax, invoice.currency).format(),
        "balanceApplied": Money(invoice.balance_applied, invoice.currency).format(),
        "remaining": Money(invoice.remaining, invoice.currency).format(),
        "payableBy": invoice.payable_by.isoformat() if invoice.payable_by else None,
    }
