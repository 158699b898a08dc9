"""The journal of a database held against its documents: the accounts are reckoned from these, without the journal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from billing.books import Account
from billing.invoicing.invoices import CreditKind, InvoiceStatus
from billing.invoicing.values import LineKind
from billing.payments import PaymentStatus, RefundStatus
from models.rows import rows
from models.tables.base import table
from models.tables.books import BookingRow
from models.tables.credit import CreditBalanceRow, CreditEntryRow, CreditNoteRow
from models.tables.invoice import InvoiceLineRow, InvoiceRow
from models.tables.payment import DisputeRow, PaymentRow, RefundRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlmodel import SQLModel

    from models.session import Database

Accounts = Counter[tuple[str, Account]]


async def the_books_agree(database: Database) -> int:
    """Fail unless every booking sums to nothing and each account is what documents say; answer how many."""
    async with database.reading() as connection:

        async def every(of: type[SQLModel]) -> Sequence[Mapping[str, Any]]:
            return await rows(connection, select(table(of)))

        bookings = await every(BookingRow)
        unbalanced = [each for each in bookings if sum(amount for _, amount, *_ in each["postings"])]
        assert not unbalanced, unbalanced
        reckoned = await _reckoned(every)
    booked: Accounts = Counter()
    for each in bookings:
        for account, amount, *_ in each["postings"]:
            booked[each["currency"], Account(account)] += amount
    assert {key: amount for key, amount in booked.items() if amount} == {
        key: amount for key, amount in reckoned.items() if amount
    }
    return len(bookings)


async def _reckoned(every: Any) -> Accounts:
    sums: Accounts = Counter()
    invoices = {each["id"]: each for each in await every(InvoiceRow)}
    for each in invoices.values():
        status = each["status"]
        if status is InvoiceStatus.OPEN:
            sums[each["currency"], Account.RECEIVABLE] += each["remaining"]
        elif status is InvoiceStatus.UNCOLLECTIBLE:
            sums[each["currency"], Account.UNCOLLECTIBLE] += each["remaining"]
        sums[each["currency"], Account.OUT_OF_BAND] += each["paid"]
    for each in await every(CreditBalanceRow):
        sums[each["currency"], Account.BALANCE] -= each["amount"]
    for each in await every(CreditEntryRow):
        sums[each["currency"], Account.GRANTED] += each["amount"] * (each["kind"] is CreditKind.GRANT)
        sums[each["currency"], Account.REFUNDS] += each["amount"] * (each["kind"] is CreditKind.REFUND)
        sums[each["currency"], Account.OUT_OF_BAND] += each["amount"] * (each["kind"] is CreditKind.OVERPAID)
    came = [each for each in await every(PaymentRow) if each["status"] is PaymentStatus.SUCCEEDED]
    for each in came:
        sums[each["currency"], Account.CASH] += each["amount"]
        sums[each["currency"], Account.OUT_OF_BAND] -= each["amount"]
    went = [each for each in await every(RefundRow) if each["status"] is RefundStatus.SUCCEEDED]
    for each in (*went, *await every(DisputeRow)):
        sums[each["currency"], Account.CASH] -= each["amount"]
        sums[each["currency"], Account.REFUNDS] += each["amount"]
    for each in await every(CreditNoteRow):
        sums[each["currency"], Account.REFUNDS] -= each["refunded"]
        sums[each["currency"], Account.OUT_OF_BAND] -= each["out_of_band"]
    _sell(sums, invoices, await every(CreditNoteRow), await every(InvoiceLineRow))
    return sums


def _sell(sums: Accounts, invoices: Mapping[str, Any], notes: Any, lines: Any) -> None:
    """Sum what lines sold: of a void invoice nothing, but what it gave back of others was given back."""
    of_note = {each["id"]: invoices[each["invoice_id"]] for each in notes}
    of_line = {each["id"]: each["invoice_id"] for each in lines}
    for line in lines:
        invoice = of_note.get(line["credit_note_id"]) or invoices.get(line["invoice_id"])
        if invoice is None:
            continue
        elsewhere = line["kind"] is LineKind.CREDIT and of_line.get(line["credits_line_id"]) != invoice["id"]
        void, final = invoice["status"] is InvoiceStatus.VOID, invoice["finalized_at"] is not None
        if (elsewhere and (void or final)) or (final and not void):
            sums[line["currency"], Account.REVENUE] -= line["net"] - line["tax"] * line["tax_inclusive"]
            sums[line["currency"], Account.TAX] -= line["tax"]
