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


class RefundStatus(StrEnum):
    """Where a refund stands."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class DisputeEffect(StrEnum):
    """What a dispute did to the subscription that was paid by it."""

    NONE = "NONE"
    WAITING = "WAITING"
    CANCELED = "CANCELED"
    CANCELLATION_SCHEDULED = "CANCELLATION_SCHEDULED"


PAYMENT_STATUS_MEANINGS: Mapping[PaymentStatus, str] = MappingProxyType(
    {
        PaymentStatus.PENDING: "Asked for, or on its way: the provider has not said how it ended.",
        PaymentStatus.NEEDS_ACTION: "The customer has to confirm it at the address that the provider gave.",
        PaymentStatus.SUCCEEDED: "The money has come.",
        PaymentStatus.FAILED: "It did not come; the code says why.",
    },
)
REFUND_STATUS_MEANINGS: Mapping[RefundStatus, str] = MappingProxyType(
    {
        RefundStatus.PENDING: "On its way back.",
        RefundStatus.SUCCEEDED: "The money went back.",
        RefundStatus.FAILED: "It could not be given back; the payment has that much left again.",
    },
)
DISPUTE_EFFECT_MEANINGS: Mapping[DisputeEffect, str] = MappingProxyType(
    {
        DisputeEffect.NONE: "Nothing: it is of a part only, the environment says so, or there was nothing to end.",
        DisputeEffect.WAITING: "It takes effect one hour after it was opened.",
        DisputeEffect.CANCELED: "The subscription was cancelled without proration.",
        DisputeEffect.CANCELLATION_SCHEDULED: "The subscription ends when its period ends.",
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
    },
)
"""What a provider may say next. What is over stays as it was, whatever is told later and however often."""


def refundable(amount: int, refunded: int, disputed: int) -> int:
    """How much of a payment can still go back: what a bank took back already is not given twice."""
    return max(0, amount - refunded - disputed)
