"""Refusals about payments: what cannot be collected, given back or played, and why. Nothing was written."""

from __future__ import annotations

from billing.dataclass import dataclass
from billing.refusals import Refusal


@dataclass(slots=True)
class PaymentMethodUnknown(Refusal):
    """The provider does not know this payment method, or there is no such provider in this environment."""


@dataclass(slots=True)
class PaymentMethodGone(Refusal):
    """The payment method was removed: it is not charged any more."""


@dataclass(slots=True)
class NoPaymentMethod(Refusal):
    """The customer has no payment method that could be charged: add one first."""


@dataclass(slots=True)
class PaymentInProgress(Refusal):
    """An attempt to collect this invoice has not ended yet: wait for what the provider says of it."""

    payment_id: str = ""


@dataclass(slots=True)
class InvoiceNotOpen(Refusal):
    """Nothing is left to pay on this invoice, or it is a draft; `invoice_status` says which."""

    invoice_status: str = ""


@dataclass(slots=True)
class NothingToRefund(Refusal):
    """Nothing came in that could go back, or all of it went back."""


@dataclass(slots=True)
class RefundTooLarge(Refusal):
    """More than what came in and has not gone back; `left` is how much can."""

    left: str = ""
    currency: str = ""


@dataclass(slots=True)
class NothingToSimulate(Refusal):
    """This cannot happen to this payment: it is over, not there yet, or its provider moves real money."""
