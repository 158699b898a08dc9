"""What callers may say about the money of an end: the same for one and for many."""

from strawberry import UNSET

from billing.ending import EndAccess, EndAsked, EndPreset, EndRefund, OpenInvoices, PendingItems
from schema.promise import about, input_type
from schema.texts import given


@input_type
class EndMoneyInput:
    """What becomes of the money where a subscription ends."""

    prorate: bool | None = about(
        "Whether paid time that is cut off is credited. Left out: no where it ends now, yes where a date is set; a"
        " customer's own end credits it. Merchants only.",
        default=UNSET,
    )
    invoice_now: bool | None = about(
        "Whether what waits is invoiced at once. Left out: yes where it ends now, no where a date is set. A later end"
        " makes a final invoice in any case. Merchants only.",
        default=UNSET,
    )
    refund: EndRefund | None = about(
        "What is paid back; NONE unless said. Another than NONE needs the scope `payments:write`. Merchants only.",
        default=UNSET,
    )
    clear_usage: bool | None = about(
        "Whether usage that is not billed yet is dropped. (C12) Merchants only.", default=UNSET
    )
    open_invoices: OpenInvoices | None = about(
        "What becomes of drafts and unpaid invoices when it ends; STOP_COLLECTION unless said. VOID and"
        " MARK_UNCOLLECTIBLE need the scope `invoices:write`. Merchants only.",
        default=UNSET,
    )
    pending_items: PendingItems | None = about(
        "What becomes of items that wait for an invoice; KEEP unless said. DELETE needs the scope `invoices:write`."
        " Merchants only.",
        default=UNSET,
    )
    access: EndAccess | None = about(
        "Until when access goes on where it ends now; END_NOW unless said. Merchants only.", default=UNSET
    )
    preset: EndPreset | None = about("Whose defaults speak where nothing is said. Merchants only.", default=UNSET)

    def to_money(self) -> EndAsked:
        """Take what was said."""
        return EndAsked(
            prorate=given(self.prorate),
            invoice_now=given(self.invoice_now),
            refund=given(self.refund),
            clear_usage=given(self.clear_usage),
            open_invoices=given(self.open_invoices),
            pending_items=given(self.pending_items),
            access=given(self.access),
            preset=given(self.preset),
        )
