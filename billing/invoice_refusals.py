"""Refusals about items, invoices and credit notes that are made by hand. Nothing was written."""

from __future__ import annotations

from billing.dataclass import dataclass
from billing.refusals import Refusal


@dataclass(slots=True)
class InvoiceItemBilled(Refusal):
    """The item is on an invoice, as `invoice_id` names it: give it back by a credit note."""

    invoice_id: str = ""


@dataclass(slots=True)
class InvoiceNotDraft(Refusal):
    """The invoice is final, as `invoice_status` says, and never changes: a credit note gives back what is wrong."""

    invoice_status: str = ""


@dataclass(slots=True)
class NothingToInvoice(Refusal):
    """Nothing waits for an invoice of this customer in this currency."""


@dataclass(slots=True)
class InvoiceNotSendable(Refusal):
    """A draft or a void invoice is sent to nobody; `invoice_status` says which it is."""

    invoice_status: str = ""


@dataclass(slots=True)
class InvoiceNotFinal(Refusal):
    """The invoice asks for nothing: it is a draft, or void, as `invoice_status` says."""

    invoice_status: str = ""


@dataclass(slots=True)
class InvoiceCannotMove(Refusal):
    """The invoice cannot be voided or given up from where it stands: `paid` of it has come in, or may come."""

    invoice_status: str = ""
    paid: str = ""


@dataclass(slots=True)
class CreditTooLarge(Refusal):
    """More than what is left of the line or invoice to give back, which is `left`."""

    left: str = ""
    currency: str = ""
