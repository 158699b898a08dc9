"""Payments as they leave the stores. Amounts are minor units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.payments import OPEN_PAYMENTS, refundable

if TYPE_CHECKING:
    from datetime import datetime

    from billing.invoicing.policy import OnDispute
    from billing.payments import PaymentStatus, RefundStatus


@dataclass(frozen=True, slots=True)
class PaymentMethodView:
    """A way to pay; `reference` is what the provider knows it by."""

    id: str
    customer_id: str
    provider: str
    reference: str
    label: str
    is_default: bool
    created_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One attempt to collect an invoice; `method_id` and `provider` are '' where there was nothing to charge."""

    id: str
    customer_id: str
    invoice_id: str
    method_id: str
    provider: str
    number: int
    manual: bool
    status: PaymentStatus
    amount: int
    currency: str
    refunded: int
    disputed: int
    code: str
    action_url: str
    scheduled_at: datetime
    made_at: datetime | None
    settled_at: datetime | None
    due_at: datetime | None
    created_at: datetime

    @property
    def open(self) -> bool:
        """Whether it may still end either way."""
        return self.status in OPEN_PAYMENTS

    @property
    def refundable(self) -> int:
        """How much of it can still go back."""
        return refundable(self.amount, self.refunded, self.disputed)


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money on its way back, or back: of a credit note, or ('') of the customer's credit."""

    id: str
    customer_id: str
    invoice_id: str
    payment_id: str
    status: RefundStatus
    amount: int
    currency: str
    code: str
    reason: str
    due_at: datetime | None
    created_at: datetime
    settled_at: datetime | None
    credit_note_id: str = ""


@dataclass(frozen=True, slots=True)
class DisputeView:
    """What a customer's bank took back of a payment, all in all, and what that does to the subscription."""

    id: str
    customer_id: str
    invoice_id: str
    payment_id: str
    subscription_id: str
    amount: int
    currency: str
    whole: bool
    effect: OnDispute
    opened_at: datetime
