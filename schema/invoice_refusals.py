# ruff: noqa: D101, N818  (as in `schema/refusals.py`)
"""The refusals about items, invoices and credit notes as the schema tells them."""

from strawberry import ID

from billing import invoice_refusals as refusals
from billing.invoicing.invoices import InvoiceStatus
from schema.promise import about
from schema.refusals import UserError, tells
from schema.scalars import Amount


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


@tells(refusals.InvoiceNotFinal)
class InvoiceNotFinal(UserError):
    invoice_status: InvoiceStatus | None = about("Where it stands.")


@tells(refusals.InvoiceCannotMove)
class InvoiceCannotMove(UserError):
    invoice_status: InvoiceStatus | None = about("Where it stands.")
    paid: Amount = about("What was paid of it.")


@tells(refusals.CreditTooLarge)
class CreditTooLarge(UserError):
    left: Amount = about("What is left, tax included.")
    currency: str = about("The ISO 4217 code of its currency.")
