"""What a payment, a refund and a dispute are, and how each moves."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class PaymentStatus(StrEnum):
    """Where a payment stands; one payment is one attempt to collect an invoice."""

    PENDING = "PENDING"
    NEEDS_ACTION = "NEEDS_ACTION"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


class RefundStatus(StrEnum):
    """Where a refund stands."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


PAYMENT_STATUS_MEANINGS: Mapping[PaymentStatus, str] = MappingProxyType(
    {
        PaymentStatus.PENDING: "Asked for, or on its way: the provider has not said how it ended.",
        PaymentStatus.NEEDS_ACTION: "The customer has to confirm it at the address that the provider gave.",
        PaymentStatus.SUCCEEDED: "The money has come.",
        PaymentStatus.FAILED: "It did not come; the code says why.",
        PaymentStatus.DROPPED: "Never asked for: by then nothing was left to pay, or nobody collected it any more.",
    },
)
REFUND_STATUS_MEANINGS: Mapping[RefundStatus, str] = MappingProxyType(
    {
        RefundStatus.PENDING: "On its way back.",
        RefundStatus.SUCCEEDED: "The money went back.",
        RefundStatus.FAILED: "It could not go back: it is the customer's credit, and the payment has it left again.",
    },
)
OPEN_PAYMENTS = frozenset({PaymentStatus.PENDING, PaymentStatus.NEEDS_ACTION})
"""In these a payment may still end either way; an invoice has at most one of them."""

PAYMENT_MOVES: Mapping[PaymentStatus, frozenset[PaymentStatus]] = MappingProxyType(
    {
        PaymentStatus.PENDING: frozenset(PaymentStatus),
        PaymentStatus.NEEDS_ACTION: frozenset(PaymentStatus),
        PaymentStatus.SUCCEEDED: frozenset[PaymentStatus](),
        PaymentStatus.FAILED: frozenset[PaymentStatus](),
        PaymentStatus.DROPPED: frozenset[PaymentStatus](),
    },
)
"""What a provider may say next. What is over stays as it was, whatever is told later and however often."""


def refundable(amount: int, refunded: int, disputed: int) -> int:
    """How much of a payment can still go back: what a bank took back already is not given twice."""
    return max(0, amount - refunded - disputed)
