"""Booking what was done with money, in the unit of work that does it: both happen or neither does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.books import Account, Booked, Share, given_up, moved, owed, paid, sold, taken_back
from models.book_views import Booking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.books import Postings
    from models.invoice_views import CreditEntryView, CreditNoteView, InvoiceView, LineView
    from models.payment_views import DisputeView, PaymentView, RefundView
    from models.work import Work


def book_sold(work: Work, invoice: InvoiceView, lines: Sequence[LineView]) -> None:
    """Book an invoice that becomes final, by its lines."""
    _book(work, Booked.INVOICE, invoice.id, invoice, sold(_share(line) for line in lines))


def book_voided(
    work: Work, invoice: InvoiceView, asked: Sequence[LineView], given: Mapping[str, list[LineView]]
) -> None:
    """Book what is taken back of what a final invoice asked; what was given back of it has been booked."""
    noted = {key: [each for each in of if each.invoice_id or each.credit_note_id] for key, of in given.items()}
    left = [_share(line).less(_back(each) for each in noted[line.id]) for line in asked]
    _book(work, Booked.INVOICE_VOIDED, invoice.id, invoice, taken_back(left, owed(invoice.status)))


def book_draft_voided(work: Work, draft: InvoiceView, brought: Sequence[LineView]) -> None:
    """Book what a draft would have given back of other invoices: it was never booked, and goes to the customer now."""
    back = taken_back([_back(line) for line in brought], Account.RECEIVABLE)
    _book(work, Booked.INVOICE_VOIDED, draft.id, draft, back)


def book_given_up(work: Work, invoice: InvoiceView) -> None:
    """Book what is left of an open invoice that is given up."""
    _book(work, Booked.INVOICE_GIVEN_UP, invoice.id, invoice, given_up(invoice.remaining))


async def book_note(work: Work, note: CreditNoteView, invoice: InvoiceView, credits_: Sequence[LineView]) -> None:
    """Book a credit note; an amount that was given back by hand is of the time of its line."""
    untimed = {line.credits_line_id for line in credits_ if line.period is None}
    about = await work.invoices.lines_by_id(untimed) if untimed else {}
    shares = [_back(line, about.get(line.credits_line_id)) for line in credits_]
    elsewhere = {Account.OUT_OF_BAND: note.out_of_band, Account.REFUNDS: note.refunded}
    _book(work, Booked.CREDIT_NOTE, note.id, invoice, taken_back(shares, owed(invoice.status), elsewhere))


def book_entry(work: Work, entry: CreditEntryView, against: Account) -> None:
    """Book a movement of a customer's credit, against what is owed or what is behind it."""
    postings = moved(entry.kind, entry.amount, against)
    _keep(work, Booked.BALANCE_ENTRY, entry.id, entry, postings, entry.invoice_id)


def book_payment(work: Work, payment: PaymentView, invoice: InvoiceView) -> None:
    """Book what a provider collected; what is more than was left goes on to the customer's credit."""
    _book(work, Booked.PAYMENT, payment.id, invoice, paid(payment.amount, owed(invoice.status)))


def book_paid_otherwise(work: Work, invoice: InvoiceView, amount: int) -> None:
    """Book what was paid by another way."""
    postings = paid(amount, owed(invoice.status), Account.OUT_OF_BAND)
    _book(work, Booked.INVOICE_PAID_OUT_OF_BAND, invoice.id, invoice, postings)


def book_refunded(work: Work, refund: RefundView) -> None:
    """Book what a provider gave back."""
    _keep(work, Booked.REFUND, refund.id, refund, paid(-refund.amount, Account.REFUNDS), refund.invoice_id)


def book_disputed(work: Work, dispute: DisputeView, amount: int) -> None:
    """Book what a bank took back now; as far as lines have it, a credit note takes it off them."""
    _keep(work, Booked.DISPUTE, dispute.id, dispute, paid(-amount, Account.REFUNDS), dispute.invoice_id)


def _share(line: LineView) -> Share:
    return Share(line.net, line.tax.amount, line.tax.inclusive, line.period)


def _back(line: LineView, about: LineView | None = None) -> Share:
    return Share(-line.net, -line.tax.amount, line.tax.inclusive, about.period if about else line.period)


def _book(work: Work, kind: Booked, document_id: str, invoice: InvoiceView, postings: Postings) -> None:
    _keep(work, kind, document_id, invoice, postings, invoice.id)


def _keep(
    work: Work,
    kind: Booked,
    document_id: str,
    of: InvoiceView | CreditEntryView | RefundView | DisputeView,
    postings: Postings,
    invoice_id: str,
) -> None:
    id_ = work.ids.new("bkg")
    work.books.keep(Booking(id_, of.customer_id, invoice_id, kind, document_id, of.currency, postings, work.at))
