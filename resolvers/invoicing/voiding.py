"""Taking a final invoice back as a whole, or giving it up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.invoicing.invoices import CreditKind, InvoiceStatus
from billing.invoicing.values import LineKind
from models.work import Happening
from resolvers.invoicing.balance import Why, move
from resolvers.invoicing.noting import UNPAID, note_of_unpaid
from resolvers.invoicing.reckoning import VOIDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.invoice_views import InvoiceView, LineView
    from models.work import Work


async def void(work: Work, invoice: InvoiceView) -> None:
    """Void an unpaid invoice. The credit that it had spent goes back; its time stays settled, and is not due again."""
    lines = (await work.invoices.lines_of([invoice.id]))[invoice.id]
    given = await work.invoices.credits_of([line.id for line in lines])
    waiting = [each for of in given.values() for each in of if not (each.invoice_id or each.credit_note_id)]
    await note_of_unpaid(work, waiting)
    present = await work.invoices.by_id(invoice.id)
    if present is None or present.status not in UNPAID:
        return
    voided = replace(present, status=InvoiceStatus.VOID, remaining=0, due_at=None, settled_at=work.at)
    await work.invoices.save(voided)
    timed = [line for line in lines if line.kind is LineKind.PERIOD]
    await work.invoices.add_waivers([_settled(work, line) for line in timed])
    back = present.balance_applied + _brought(lines)
    if back:
        await move(work, invoice.customer_id, invoice.currency, back, Why(CreditKind.UNAPPLIED, invoice.id))
    await _tell(work, "invoice.voided", present, voided)


async def mark_uncollectible(work: Work, invoice: InvoiceView) -> None:
    """Give up an unpaid invoice: nothing collects it any more, and a late payment is still booked."""
    given_up = replace(invoice, status=InvoiceStatus.UNCOLLECTIBLE, auto_advance=False, due_at=None, settled_at=work.at)
    await work.invoices.save(given_up)
    await _tell(work, "invoice.marked_uncollectible", invoice, given_up)


def _brought(lines: Sequence[LineView]) -> int:
    """What the lines gave back of other invoices, tax included: that had been paid, and is the customer's."""
    here = {line.id for line in lines}
    credits_ = [line for line in lines if line.kind is LineKind.CREDIT and line.credits_line_id not in here]
    return -sum(line.net + (0 if line.tax.inclusive else line.tax.amount) for line in credits_)


def _settled(work: Work, line: LineView) -> dict[str, object]:
    period = line.period
    if period is None:
        raise LookupError(line.id)
    return {
        "id": work.ids.new("wai"),
        "customer_id": line.customer_id,
        "subscription_id": line.subscription_id,
        "stands_on": line.id,
        "plan_id": line.plan_id,
        "price_id": line.price_id,
        "add_on": line.add_on,
        "quantity": line.quantity,
        "period_start": period.start,
        "period_end": period.end,
        "cause": VOIDED,
        "change_id": "",
        "created_at": work.at,
    }


async def _tell(work: Work, kind: str, before: InvoiceView, after: InvoiceView) -> None:
    told = {"subscriptionId": after.subscription_id or None, "status": after.status.value}
    await work.record(after.customer_id, Happening(kind, after.id, {"status": before.status.value}, told))
