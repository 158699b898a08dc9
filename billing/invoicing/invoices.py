"""What an invoice is and how it moves."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class InvoiceStatus(StrEnum):
    """Where an invoice stands."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PAID = "PAID"
    VOID = "VOID"
    UNCOLLECTIBLE = "UNCOLLECTIBLE"


class InvoiceReason(StrEnum):
    """What made an invoice."""

    SUBSCRIPTION_START = "SUBSCRIPTION_START"
    RENEWAL = "RENEWAL"
    CHANGE = "CHANGE"
    CANCELLATION = "CANCELLATION"
    MANUAL = "MANUAL"


class CollectionMethod(StrEnum):
    """How an invoice is paid."""

    CHARGE_AUTOMATICALLY = "CHARGE_AUTOMATICALLY"
    SEND_INVOICE = "SEND_INVOICE"


class CreditKind(StrEnum):
    """Why a customer's credit balance moved."""

    NEGATIVE_INVOICE = "NEGATIVE_INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"
    GRANT = "GRANT"
    APPLIED = "APPLIED"
    UNAPPLIED = "UNAPPLIED"
    REFUND = "REFUND"
    OVERPAID = "OVERPAID"


class CreditTo(StrEnum):
    """Where a credit note's amount goes that is not unpaid."""

    BALANCE = "BALANCE"
    OUT_OF_BAND = "OUT_OF_BAND"


INVOICE_STATUS_MEANINGS: Mapping[InvoiceStatus, str] = MappingProxyType(
    {
        InvoiceStatus.DRAFT: "Still being made: its lines can change, and it has no number.",
        InvoiceStatus.OPEN: "Final and numbered, waiting for payment.",
        InvoiceStatus.PAID: "Nothing is left to pay.",
        InvoiceStatus.VOID: "Taken back as a whole; its number stays taken.",
        InvoiceStatus.UNCOLLECTIBLE: "Given up; a late payment is still booked.",
    },
)
INVOICE_REASON_MEANINGS: Mapping[InvoiceReason, str] = MappingProxyType(
    {
        InvoiceReason.SUBSCRIPTION_START: "A subscription began, or its trial ended.",
        InvoiceReason.RENEWAL: "A period ended and the next one began.",
        InvoiceReason.CHANGE: "A plan, quantity, add-on or cancel date changed and was invoiced at once.",
        InvoiceReason.CANCELLATION: "A subscription ended.",
        InvoiceReason.MANUAL: "The merchant made it.",
    },
)
COLLECTION_METHOD_MEANINGS: Mapping[CollectionMethod, str] = MappingProxyType(
    {
        CollectionMethod.CHARGE_AUTOMATICALLY: "The customer's default payment method is charged.",
        CollectionMethod.SEND_INVOICE: "The customer pays by the due date.",
    },
)
CREDIT_KIND_MEANINGS: Mapping[CreditKind, str] = MappingProxyType(
    {
        CreditKind.NEGATIVE_INVOICE: "An invoice came to less than nothing.",
        CreditKind.CREDIT_NOTE: "A credit note gave back what had been paid, or its refund failed.",
        CreditKind.GRANT: "The merchant gave it.",
        CreditKind.APPLIED: "It paid an invoice.",
        CreditKind.UNAPPLIED: "An invoice that it had paid was voided.",
        CreditKind.REFUND: "It was paid out, or could not be and came back.",
        CreditKind.OVERPAID: "A payment came to more than was left to pay by then.",
    },
)
CREDIT_TO_MEANINGS: Mapping[CreditTo, str] = MappingProxyType(
    {
        CreditTo.BALANCE: "To the customer's credit balance, for the next invoices.",
        CreditTo.OUT_OF_BAND: "The merchant gave it back by another way.",
    },
)
