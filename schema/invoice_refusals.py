# ruff: noqa: D101, N818  (as in `schema/refusals.py`)
"""The refusals about items, invoices and credit notes as the schema tells them."""

from strawberry import ID

from billing import invoice_refusals as refusals
from billing.invoicing.invoices import InvoiceStatus
from schema.promise import about
from schema.refusals import UserError, tells


@tells(refusals.InvoiceItemBilled)
class InvoiceItemBilled(UserError):
    invoice_id: ID = about("The invoice that it is on.")


@tells(refusals.InvoiceNotDraft)
class InvoiceNotDraft(UserError):
    invoice_status: InvoiceStatus | None = about("Where it stands.")


@tells(refusals.InvoiceNotSendable)
class InvoiceNotSendable(UserError):
    invoice_status: InvoiceStatus | None = about("Where it stands.")


@tells(refusals.NothingToInvoice)
class NothingToInvoice(UserError): ...
