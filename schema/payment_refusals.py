# ruff: noqa: D101, N818  (as in `schema/refusals.py`)
"""The refusals about payments as the schema tells them."""

from strawberry import ID

from billing import payment_refusals as refusals
from billing.invoicing.invoices import InvoiceStatus
from schema.promise import about
from schema.refusals import UserError, tells
from schema.scalars import Amount


@tells(refusals.PaymentMethodUnknown)
class PaymentMethodUnknown(UserError): ...


@tells(refusals.PaymentMethodGone)
class PaymentMethodGone(UserError): ...


@tells(refusals.NoPaymentMethod)
class NoPaymentMethod(UserError): ...


@tells(refusals.PaymentInProgress)
class PaymentInProgress(UserError):
    payment_id: ID = about("The attempt that has not ended.")


@tells(refusals.InvoiceNotOpen)
class InvoiceNotOpen(UserError):
    invoice_status: InvoiceStatus | None = about("Where the invoice stands.")


@tells(refusals.NothingToRefund)
class NothingToRefund(UserError): ...


@tells(refusals.RefundTooLarge)
class RefundTooLarge(UserError):
    left: Amount = about("How much can go back.")
    currency: str = about("The ISO 4217 code of its currency.")


@tells(refusals.NothingToSimulate)
class NothingToSimulate(UserError): ...
