"""What goes back to who ends a subscription: the unused part of what was paid, or the last payment. (C5)"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from billing.payment_refusals import NothingToRefund
from resolvers.invoicing.noting import note, note_of_unpaid
from resolvers.paying.refunding import give_back, left_to_refund, send_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.invoice_views import InvoiceView, LineView
    from models.payment_views import PaymentView
    from models.reader import Reader
    from models.views import SubscriptionView
    from models.work import Work

REASON = "Cancelled"
"""What refunds and credit notes of an end are noted with."""


async def refund_unused(work: Work, credits_: Sequence[LineView]) -> None:
    """Pay back what an end gives back of paid invoices, as far as their payments have it; the rest is credit.

    What is unpaid is lowered; what no invoice of ours has billed waits for one.
    """
    owed = await note_of_unpaid(work, credits_)
    lines = await work.invoices.lines_by_id({each.credits_line_id for each in owed})
    invoices = await work.invoices.by_ids({line.invoice_id for line in lines.values()} - {""})
    paid: dict[str, list[LineView]] = defaultdict(list)
    for each in owed:
        paid[lines[each.credits_line_id].invoice_id].append(each)
    for invoice in invoices.values():
        await _pay_back(work, invoice, paid[invoice.id])


async def _pay_back(work: Work, invoice: InvoiceView, credits_: Sequence[LineView]) -> None:
    rest = -sum(each.net + (0 if each.tax.inclusive else each.tax.amount) for each in credits_)
    parts: list[tuple[PaymentView, int]] = []
    for payment in await work.payments.newest_paid(invoice.id):
        part = min(rest, payment.refundable)
        rest -= part
        parts += [(payment, part)] if part else []
    noted = await note(work, invoice, credits_, reason=REASON, refunded=sum(part for _, part in parts))
    for each in credits_:
        await work.invoices.save_line(replace(each, credit_note_id=noted.id))
    for payment, part in parts:
        await send_back(work, payment, part, REASON, credit_note_id=noted.id)


async def refund_last(work: Work, subscription_id: str) -> None:
    """Pay the last payment back, less what was given back of it or of its lines before."""
    payment = await demand_last(work, subscription_id)
    left = await left_to_refund(work, payment)
    await give_back(work, payment, left, left.most, REASON)


def paid_back(view: SubscriptionView) -> bool:
    """Whether an end is pending for which the last payment went back when it was set."""
    end = view.cancellation if view.facts.cancel_at is not None else None
    return end is not None and end.terms.paid_back


async def demand_last(read: Reader, subscription_id: str) -> PaymentView:
    """Find a subscription's last payment, or refuse where nothing of it can go back."""
    payment = await read.payments.last_of(subscription_id)
    if payment is None or not (await left_to_refund(read, payment)).most:
        raise NothingToRefund("No payment of this subscription has anything left that could go back.", field="refund")
    return payment
