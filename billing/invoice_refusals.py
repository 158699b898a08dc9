"""Refusals about items, invoices and credit notes that are made by hand. Nothing was written."""

from __future__ import annotations

from dataclasses import dataclass

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
