"""Taking an invoice back as a whole: the one way, whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.books import owed
from billing.invoicing.invoices import CreditKind, InvoiceStatus
from billing.invoicing.values import LineKind
from resolvers.bookkeeping import book_draft_voided, book_voided
from resolvers.discounting import come_back
from resolvers.invoicing.balance import Why, move
from resolvers.invoicing.closing import UNPAID, close
from resolvers.invoicing.noting import brought, foreign, note_of_unpaid
from resolvers.invoicing.reckoning import VOIDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.invoice_views import InvoiceView, LineView
    from models.work import Work

VOIDABLE = UNPAID | {InvoiceStatus.DRAFT}


async def void(work: Work, invoice: InvoiceView) -> InvoiceView:
    """Void a draft or an unpaid invoice. Its time stays settled: it is not due again, and gives nothing back.

    The credit that it had spent goes back, what its lines gave back of other invoices, and a discount for once.
    """
    lines = (await work.invoices.lines_of([invoice.id]))[invoice.id]
    given = await work.invoices.credits_of([line.id for line in lines])
    waiting = [each for of in given.values() for each in of if not (each.invoice_id or each.credit_note_id)]
    await note_of_unpaid(work, waiting)
    present = await work.invoices.by_id(invoice.id)
    if present is None or present.status not in VOIDABLE:
        return present or invoice
    voided = await close(work, present, InvoiceStatus.VOID)
    await _book(work, present, lines)
    timed = [line for line in lines if line.kind is LineKind.PERIOD]
    await work.invoices.add_waivers([_settled(work, line) for line in timed])
    back = present.balance_applied + brought(lines)
    if back:
        why = Why(CreditKind.UNAPPLIED, invoice.id, against=owed(present.status))
        await move(work, invoice.customer_id, invoice.currency, back, why)
    await come_back(work, voided)
    return voided


async def _book(work: Work, invoice: InvoiceView, lines: Sequence[LineView]) -> None:
    if invoice.finalized_at is None:
        book_draft_voided(work, invoice, foreign(lines))
        return
    asked = [line for line in lines if line.kind is not LineKind.CREDIT]
    book_voided(work, invoice, asked, await work.invoices.credits_of([line.id for line in asked]))


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
