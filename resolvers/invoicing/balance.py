"""Moving a customer's credit: every movement is an entry, and nothing goes below nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.books import Account
from billing.dataclass import dataclass
from billing.money import Money
from models.invoice_views import CreditEntryView
from models.work import Happening
from resolvers.bookkeeping import book_entry

if TYPE_CHECKING:
    from billing.invoicing.invoices import CreditKind
    from models.work import Work


@dataclass(frozen=True, slots=True)
class Why:
    """Why a balance moves, and the documents that it belongs to ('' where there is none).

    `against` is the account where what it pays, or comes from, stands.
    """

    kind: CreditKind
    invoice_id: str = ""
    credit_note_id: str = ""
    refund_id: str = ""
    note: str = ""
    against: Account = Account.RECEIVABLE


async def move(work: Work, customer_id: str, currency: str, amount: int, why: Why) -> CreditEntryView:
    """Add to a customer's credit, or take from it; the customer's sequence is held."""
    before = await work.credits.balance(customer_id, currency)
    if before + amount < 0:
        raise ValueError(amount)
    entry = CreditEntryView(
        id=work.ids.new("cre"),
        customer_id=customer_id,
        currency=currency,
        amount=amount,
        after=before + amount,
        kind=why.kind,
        invoice_id=why.invoice_id,
        credit_note_id=why.credit_note_id,
        refund_id=why.refund_id,
        note=why.note,
        created_at=work.at,
    )
    await work.credits.move(entry)
    book_entry(work, entry, why.against)
    told = {
        "kind": why.kind.value,
        "currency": currency,
        "amount": Money(amount, currency).format(),
        "invoiceId": why.invoice_id or None,
    }
    held = {"balance": Money(before, currency).format()}
    now = {"balance": Money(entry.after, currency).format()}
    await work.record(customer_id, Happening("balance.changed", customer_id, held, {**now, **told}))
    return entry
