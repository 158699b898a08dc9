"""The entries of the journal."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from billing import books
from billing.books import Account, Booked
from models.book_views import Booking
from resolvers import nodes
from schema.info import Info
from schema.objects.money import Money
from schema.objects.period import Period
from schema.promise import about, field, object_type
from schema.relay import show, sure

if TYPE_CHECKING:
    from schema.objects.customer import Customer
    from schema.objects.invoice import Invoice


@object_type
class JournalPosting:
    """An amount on one account: either its debit or its credit, the other is null."""

    account: Account = about("Which account.")
    debit: Money | None = about("What it is debited with.")
    credit: Money | None = about("What it is credited with.")
    period: Period | None = about("The time that revenue is for; null where it is for none.")

    @classmethod
    def of(cls, posting: books.Posting, currency: str) -> "JournalPosting":
        """Show a posting."""
        amount = Money.of(abs(posting.amount), currency)
        return cls(
            account=posting.account,
            debit=amount if posting.amount > 0 else None,
            credit=amount if posting.amount < 0 else None,
            period=Period.of(posting.period) if posting.period else None,
        )


@object_type
class JournalEntry:
    """What one document moved: its debits and credits are equal. It never changes."""

    view: strawberry.Private[Booking]
    id: ID = about("The id of the entry.")
    at: datetime = about("When it happened.")
    kind: Booked = about("What happened.")
    document_id: ID = about("The id of what was booked, such as an invoice, a credit note or a payment.")
    number: str | None = about("Its number, or else that of the invoice which it is about.")
    postings: list[JournalPosting] = about("What it moved.")

    @classmethod
    def of(cls, view: Booking) -> "JournalEntry":
        """Show an entry."""
        return cls(
            view=view,
            id=ID(view.id),
            at=view.at,
            kind=view.kind,
            document_id=ID(view.document_id),
            number=view.number or None,
            postings=[JournalPosting.of(each, view.currency) for each in view.postings],
        )

    @field
    async def customer(self, info: Info) -> Annotated["Customer", strawberry.lazy("schema.objects.customer")]:
        """Whose it is."""
        customer: Customer = show(sure(await nodes.customer_behind(info.context, self.view.customer_id)))
        return customer

    @field
    async def invoice(self, info: Info) -> Annotated["Invoice", strawberry.lazy("schema.objects.invoice")] | None:
        """The invoice that it is about; null where it is about none."""
        if not self.view.invoice_id:
            return None
        view = await nodes.invoice_behind(info.context, self.view.invoice_id)
        return show(view) if view else None
