"""What moved a customer's credit."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from billing.invoicing.invoices import CreditKind
from models.invoice_views import CreditEntryView
from resolvers import nodes
from schema.info import Info
from schema.objects.money import Money
from schema.promise import about, field, object_type
from schema.relay import show, shows

if TYPE_CHECKING:
    from schema.objects.invoice import Invoice


@shows(CreditEntryView)
@object_type
class CreditEntry:
    """One movement of a customer's credit. The entries of a currency add up to the balance in it."""

    view: strawberry.Private[CreditEntryView]
    id: ID = about("The id of the entry.")
    kind: CreditKind = about("Why it moved.")
    amount: Money = about("By how much; negative: it was spent or paid out.")
    balance: Money = about("What it came to.")
    note: str | None = about("The merchant's own words.")
    created_at: datetime = about("When it moved.")

    @classmethod
    def of(cls, view: CreditEntryView) -> "CreditEntry":
        """Show an entry."""
        return cls(
            view=view,
            id=ID(view.id),
            kind=view.kind,
            amount=Money.of(view.amount, view.currency),
            balance=Money.of(view.after, view.currency),
            note=view.note or None,
            created_at=view.created_at,
        )

    @field
    async def invoice(self, info: Info) -> Annotated["Invoice", strawberry.lazy("schema.objects.invoice")] | None:
        """The invoice that it paid, or came from; null where it belongs to none."""
        if not self.view.invoice_id:
            return None
        view = await nodes.invoice_behind(info.context, self.view.invoice_id)
        return show(view) if view else None
