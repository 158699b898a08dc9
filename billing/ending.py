"""What a cancellation does with money: its options, what they mean where nothing is said, and what excludes what.

The pair of `prorate` and `invoice_now` speaks of the end itself where that is now, and of the moment at which a date is
set, moved or removed where it is later. (C4-C7, C11-C14, C18, K1, K9)
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.ending_refusals import (
    AccessNeedsImmediateEnd,
    AccessOrMoney,
    NothingUnused,
    RefundNeedsImmediateEnd,
    RefundOrCredit,
)
from billing.lifecycle import CancelTiming

if TYPE_CHECKING:
    from collections.abc import Mapping


class EndRefund(StrEnum):
    """What goes back to where it was paid from. (C5)"""

    NONE = "NONE"
    PRORATED = "PRORATED"
    LAST_PAYMENT = "LAST_PAYMENT"


class OpenInvoices(StrEnum):
    """What becomes of drafts and unpaid invoices when the subscription ends. (K9, C14)"""

    KEEP_RETRYING = "KEEP_RETRYING"
    STOP_COLLECTION = "STOP_COLLECTION"
    VOID = "VOID"
    MARK_UNCOLLECTIBLE = "MARK_UNCOLLECTIBLE"


class PendingItems(StrEnum):
    """What becomes of items that wait for an invoice. (C11)"""

    KEEP = "KEEP"
    DELETE = "DELETE"


class EndAccess(StrEnum):
    """Until when a subscription that ends now gives what it gave. (K1)"""

    END_NOW = "END_NOW"
    UNTIL_PAID_THROUGH = "UNTIL_PAID_THROUGH"


class EndPreset(StrEnum):
    """Whose defaults speak where nothing is said."""

    STRIPE = "STRIPE"


END_REFUND_MEANINGS: Mapping[EndRefund, str] = MappingProxyType(
    {
        EndRefund.NONE: "Nothing goes back.",
        EndRefund.PRORATED: "The unused part of what was paid.",
        EndRefund.LAST_PAYMENT: "The last payment, less what was already credited or refunded of it.",
    },
)
OPEN_INVOICES_MEANINGS: Mapping[OpenInvoices, str] = MappingProxyType(
    {
        OpenInvoices.KEEP_RETRYING: "Drafts become final, and failed payments are tried again as before.",
        OpenInvoices.STOP_COLLECTION: "They stay as they are and nothing happens to them by itself any more.",
        OpenInvoices.VOID: "They are taken back; of one that was paid in part, the rest is given up.",
        OpenInvoices.MARK_UNCOLLECTIBLE: "They are given up; a late payment is still booked.",
    },
)
PENDING_ITEMS_MEANINGS: Mapping[PendingItems, str] = MappingProxyType(
    {
        PendingItems.KEEP: "They wait for an invoice: the final one, or the customer's next.",
        PendingItems.DELETE: "They are taken back before anything is invoiced.",
    },
)
END_ACCESS_MEANINGS: Mapping[EndAccess, str] = MappingProxyType(
    {
        EndAccess.END_NOW: "Access ends with the subscription.",
        EndAccess.UNTIL_PAID_THROUGH: "Full access until the end of the last billed time whose invoice is paid.",
    },
)
END_PRESET_MEANINGS: Mapping[EndPreset, str] = MappingProxyType(
    {EndPreset.STRIPE: "As Stripe's API: now, without proration, and without a final invoice."},
)

LATER = frozenset(set(CancelTiming) - {CancelTiming.IMMEDIATE})
WHOLE = frozenset({CancelTiming.END_OF_PERIOD, CancelTiming.AFTER_CYCLES})
"""These end where a period ends, and cut nothing."""


@dataclass(frozen=True, slots=True)
class EndAsked:
    """What was said; None is what was not."""

    prorate: bool | None = None
    invoice_now: bool | None = None
    refund: EndRefund | None = None
    clear_usage: bool | None = None
    open_invoices: OpenInvoices | None = None
    pending_items: PendingItems | None = None
    access: EndAccess | None = None
    preset: EndPreset | None = None


@dataclass(frozen=True, slots=True)
class EndTerms:
    """How a subscription ends; `automatic` is an end that nobody asked for."""

    prorate: bool = True
    invoice_now: bool = True
    refund: EndRefund = EndRefund.NONE
    clear_usage: bool = False
    open_invoices: OpenInvoices = OpenInvoices.STOP_COLLECTION
    pending_items: PendingItems = PendingItems.KEEP
    access: EndAccess = EndAccess.END_NOW
    automatic: bool = False

    def when_it_comes(self) -> EndTerms:
        """What holds when a scheduled end comes: a final invoice takes all that waits, unless nobody asked for it.

        The last payment was paid back when the end was scheduled, and is not again.
        """
        return self if self.automatic else replace(self, prorate=True, invoice_now=True, refund=EndRefund.NONE)

    @property
    def paid_back(self) -> bool:
        """Whether money went back when a later end was set: it stands then. (K14)"""
        return self.refund is EndRefund.LAST_PAYMENT

    @property
    def drops(self) -> bool:
        """Whether unbilled usage and older prorations are dropped: nobody will ever invoice them. (C13)"""
        return not self.prorate and not self.invoice_now


BY_MERCHANT = (False, True)
BY_CUSTOMER = (True, True)
AS_STRIPE = (False, False)
DATED = (True, False)

AUTOMATIC = EndTerms(prorate=False, invoice_now=False, automatic=True)
"""An end that nobody asked for: dunning, a dispute."""


def terms_for(timing: CancelTiming, asked: EndAsked, *, merchant: bool) -> EndTerms:
    """Settle what was left open, and refuse by name what excludes itself."""
    prorate, invoice_now = _usual(timing, asked.preset, merchant=merchant)
    terms = EndTerms(
        prorate=prorate if asked.prorate is None else asked.prorate,
        invoice_now=invoice_now if asked.invoice_now is None else asked.invoice_now,
        refund=asked.refund or EndRefund.NONE,
        clear_usage=bool(asked.clear_usage),
        open_invoices=asked.open_invoices or OpenInvoices.STOP_COLLECTION,
        pending_items=asked.pending_items or PendingItems.KEEP,
        access=asked.access or EndAccess.END_NOW,
    )
    _demand_cut(timing, asked)
    _demand_refundable(timing, terms)
    _demand_access(timing, terms)
    return terms


def _usual(timing: CancelTiming, preset: EndPreset | None, *, merchant: bool) -> tuple[bool, bool]:
    if timing in LATER:
        return DATED
    if not merchant:
        return BY_CUSTOMER
    return AS_STRIPE if preset is EndPreset.STRIPE else BY_MERCHANT


def _demand_cut(timing: CancelTiming, asked: EndAsked) -> None:
    """Where a period ends there is no piece to prorate, and a final invoice is made anyway."""
    if timing not in WHOLE:
        return
    for name, value in (("prorate", asked.prorate), ("invoiceNow", asked.invoice_now)):
        if value is not None:
            raise NothingUnused(f"The period is used to its end, so nothing is cut: leave `{name}` out.", field=name)


def _demand_refundable(timing: CancelTiming, terms: EndTerms) -> None:
    if terms.refund is EndRefund.NONE:
        return
    if timing in (CancelTiming.ON_DATE, CancelTiming.AFTER_CYCLES, CancelTiming.AFTER_NOTICE):
        raise RefundNeedsImmediateEnd("Money goes back where it ends now; of a date, ask for a credit.", field="refund")
    if timing is CancelTiming.END_OF_PERIOD and terms.refund is EndRefund.PRORATED:
        raise NothingUnused("The period is used to its end: nothing of it is unused.", field="refund")
    if timing is CancelTiming.IMMEDIATE and terms.prorate:
        raise RefundOrCredit("Unused days are credited or refunded, not both: choose one.", field="refund")


def _demand_access(timing: CancelTiming, terms: EndTerms) -> None:
    if terms.access is EndAccess.END_NOW:
        return
    if timing is not CancelTiming.IMMEDIATE:
        raise AccessNeedsImmediateEnd("Until a later end access goes on anyway: leave `access` out.", field="access")
    if terms.prorate or terms.refund is not EndRefund.NONE:
        raise AccessOrMoney("Paid days are used up or given back, not both: choose one.", field="access")
