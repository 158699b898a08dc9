"""Credit notes: giving back what stands on an invoice that is final already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from billing.books import owed
from billing.invoicing.invoices import CreditKind, CreditTo, InvoiceStatus
from billing.invoicing.totals import tax_given_back
from billing.invoicing.values import LineKind
from billing.money import Money
from models.invoice_views import CreditNoteView
from models.work import Happening
from resolvers.bookkeeping import book_note
from resolvers.discounting import come_back
from resolvers.invoicing.adding import added_up
from resolvers.invoicing.balance import Why, move
from resolvers.invoicing.closing import UNPAID, close
from resolvers.invoicing.remainder import taken_of, within_what_is_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.invoice_views import InvoiceView, LineView
    from models.work import Work

CREDIT_NOTE = "credit_note"
PREFIX = "CN-"


async def note_of_unpaid(work: Work, waiting: Sequence[LineView]) -> list[LineView]:
    """Let what is given back of unpaid invoices lower those: only what was paid is owed to the customer.

    What is given back of a draft goes onto the draft, of a void invoice nowhere; never more than is left of an invoice,
    which items may have lowered. Answers what is left for an invoice, credits with the tax that they take back.
    """
    here = {line.id for line in waiting}
    lines = await work.invoices.lines_by_id({line.credits_line_id for line in waiting} - here - {""})
    given = await work.invoices.credits_of(list(lines))
    invoices = await work.invoices.by_ids({line.invoice_id for line in lines.values()} - {""})
    taxed: list[LineView] = []
    for each in waiting:
        line = lines.get(each.credits_line_id)
        if line is None:
            continue
        before = taken_of(line, [credit for credit in given[line.id] if credit.id not in here])
        before += [(-credit.net, -credit.tax.amount) for credit in taxed if credit.credits_line_id == line.id]
        amount = -tax_given_back(line.net, line.tax.amount, before, -each.net)
        taxed.append(replace(each, tax=replace(line.tax, amount=amount)))
    by_invoice: dict[str, list[LineView]] = defaultdict(list)
    for credit in taxed:
        by_invoice[lines[credit.credits_line_id].invoice_id].append(credit)
    left = {line.id: line for line in waiting if line.credits_line_id not in lines}
    for invoice_id, group in by_invoice.items():
        invoice = invoices.get(invoice_id)
        credits_ = group if invoice is None else await within_what_is_left(work, invoice, group)
        if invoice is None or invoice.status is InvoiceStatus.PAID:
            left |= {credit.id: credit for credit in credits_}
        else:
            await _give_back(work, invoice, credits_)
    return [left[line.id] for line in waiting if line.id in left]


async def _give_back(work: Work, invoice: InvoiceView, credits_: Sequence[LineView]) -> None:
    """Give back pieces of an invoice that nobody has paid."""
    if invoice.status is InvoiceStatus.VOID:
        await work.invoices.remove_lines([credit.id for credit in credits_])
    elif invoice.status is InvoiceStatus.DRAFT:
        await _lower_draft(work, invoice, credits_)
    else:
        made = await note(work, invoice, credits_)
        for credit in credits_:
            await work.invoices.save_line(replace(credit, credit_note_id=made.id))


async def _lower_draft(work: Work, draft: InvoiceView, credits_: Sequence[LineView]) -> None:
    """A draft is still being made: what is given back of it stands on it, and is taxed with it."""
    lines = (await work.invoices.lines_of([draft.id]))[draft.id]
    lines += [replace(credit, invoice_id=draft.id, position=place) for place, credit in enumerate(credits_, len(lines))]
    added, taxed = added_up(draft, lines)
    await work.invoices.save(added)
    for line in taxed:
        await work.invoices.save_line(line)


async def note(
    work: Work,
    invoice: InvoiceView,
    credits_: Sequence[LineView],
    *,
    to: CreditTo = CreditTo.BALANCE,
    reason: str = "",
    refunded: int = 0,
) -> CreditNoteView:
    """Make a credit note of these lines: of what it lowers of an unpaid invoice, pays back, and gives otherwise."""
    net, tax = -sum(line.net for line in credits_), -sum(line.tax.amount for line in credits_)
    total = net + sum(-line.tax.amount for line in credits_ if not line.tax.inclusive)
    reduced = min(total - refunded, invoice.remaining)
    rest = total - reduced - refunded
    made = CreditNoteView(
        id=work.ids.new("crn"),
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        number="",
        currency=invoice.currency,
        reason=reason,
        net=net,
        tax=tax,
        total=total,
        reduced=reduced,
        to_balance=rest if to is CreditTo.BALANCE else 0,
        refunded=refunded,
        out_of_band=rest if to is CreditTo.OUT_OF_BAND else 0,
        created_at=work.at,
    )
    await work.credits.add_note(replace(made, number=made.id))
    await book_note(work, made, invoice, credits_)
    if made.to_balance:
        why = Why(CreditKind.CREDIT_NOTE, invoice.id, made.id, against=owed(invoice.status))
        await move(work, made.customer_id, made.currency, made.to_balance, why)

    async def keep(number: str) -> None:
        await work.credits.number_note(made.id, number)

    told = {"invoiceId": invoice.id, "currency": made.currency, "total": Money(total, made.currency).format()}
    work.number_at_end(made.customer_id, CREDIT_NOTE, PREFIX, Happening("credit_note.created", made.id, {}, told), keep)
    if invoice.status in UNPAID:
        await _lower(work, invoice, made)
    return made


async def _lower(work: Work, invoice: InvoiceView, made: CreditNoteView) -> None:
    """Take a note's part off what is left to pay; with nothing left, and nothing paid by whatever means, it is void."""
    lowered = replace(invoice, credited=invoice.credited + made.reduced, remaining=invoice.remaining - made.reduced)
    if lowered.remaining:
        await work.invoices.save(lowered)
        return
    lines = (await work.invoices.lines_of([invoice.id]))[invoice.id]
    untouched = not (invoice.paid or invoice.balance_applied or made.to_balance or brought(lines))
    closed = await close(work, lowered, InvoiceStatus.VOID if untouched else InvoiceStatus.PAID)
    if untouched:
        await come_back(work, closed)


def brought(lines: Sequence[LineView]) -> int:
    """What lines of an invoice gave back of other invoices, tax included: that had been paid, and is the customer's."""
    return -sum(line.net + (0 if line.tax.inclusive else line.tax.amount) for line in foreign(lines))


def foreign(lines: Sequence[LineView]) -> list[LineView]:
    """Find the lines of an invoice that give back something of other invoices."""
    here = {line.id for line in lines}
    return [line for line in lines if line.kind is LineKind.CREDIT and line.credits_line_id not in here]
