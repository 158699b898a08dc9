"""How customers pay: their methods, every attempt to collect an invoice, what went back, and what a bank took back."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.invoicing.policy import OnDispute
from billing.payments import PaymentStatus, RefundStatus
from billing.ports import Outcome
from models.choices import SandboxKind
from models.tables.base import Row, partial, strict
from models.types import Choice, Flag, Instant, Int64, Text, checked


class PaymentMethodRow(Row, table=True):
    """A way to pay, kept by a provider under its `reference`; a customer has one default at most."""

    __tablename__ = "payment_method"
    __table_args__ = strict(
        Index("ix_payment_method_customer", "customer_id", "created_at", "id"),
        partial("uq_payment_method_default", "customer_id", unique=True, where="is_default"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    provider: str = Field(sa_type=Text)
    reference: str = Field(sa_type=Text)
    label: str = Field(sa_type=Text)
    is_default: bool = Field(default=False, sa_type=Flag)
    created_at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


class PaymentRow(Row, table=True):
    """One attempt to collect an invoice; its id is its key in the provider's books. Amounts are minor units.

    `number` counts an invoice's attempts; one that was asked for (`manual`) is none of the plan's. `method_id` and
    `provider` are '' where there was nothing to charge. `due_at` is when the provider is asked again. `refunded` has
    what is on its way back too.
    """

    __tablename__ = "payment"
    __table_args__ = strict(
        checked("status", PaymentStatus),
        UniqueConstraint("invoice_id", "number"),
        Index("ix_payment_customer", "customer_id", "created_at", "id"),
        partial("uq_payment_open", "invoice_id", unique=True, where="status IN ('PENDING', 'NEEDS_ACTION')"),
        partial("ix_payment_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    invoice_id: str = Field(foreign_key="invoice.id", sa_type=Text)
    method_id: str = Field(default="", sa_type=Text)
    provider: str = Field(default="", sa_type=Text)
    number: int = Field(sa_type=Int64)
    manual: bool = Field(default=False, sa_type=Flag)
    status: PaymentStatus = Field(sa_type=Choice(PaymentStatus))
    amount: int = Field(sa_type=Int64)
    currency: str = Field(sa_type=Text)
    refunded: int = Field(default=0, sa_type=Int64)
    disputed: int = Field(default=0, sa_type=Int64)
    code: str = Field(default="", sa_type=Text)
    action_url: str = Field(default="", sa_type=Text)
    scheduled_at: datetime = Field(sa_type=Instant)
    made_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


class RefundRow(Row, table=True):
    """Money that goes back to the method that it came from; its id is its key in the provider's books.

    `credit_note_id` says what it is of; '' where the customer's credit is paid out.
    """

    __tablename__ = "refund"
    __table_args__ = strict(
        checked("status", RefundStatus),
        Index("ix_refund_payment", "payment_id", "created_at", "id"),
        partial("ix_refund_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    invoice_id: str = Field(foreign_key="invoice.id", sa_type=Text)
    payment_id: str = Field(foreign_key="payment.id", sa_type=Text)
    status: RefundStatus = Field(sa_type=Choice(RefundStatus))
    amount: int = Field(sa_type=Int64)
    currency: str = Field(sa_type=Text)
    code: str = Field(default="", sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    credit_note_id: str = Field(default="", sa_type=Text)


class DisputeRow(Row, table=True):
    """What a customer's bank took back; `amount` is all of it, `effect` what it does to the subscription. (C10)"""

    __tablename__ = "dispute"
    __table_args__ = strict(
        checked("effect", OnDispute),
        UniqueConstraint("payment_id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    invoice_id: str = Field(foreign_key="invoice.id", sa_type=Text)
    payment_id: str = Field(foreign_key="payment.id", sa_type=Text)
    subscription_id: str = Field(default="", sa_type=Text)
    amount: int = Field(sa_type=Int64)
    currency: str = Field(sa_type=Text)
    whole: bool = Field(sa_type=Flag)
    effect: OnDispute = Field(sa_type=Choice(OnDispute))
    opened_at: datetime = Field(sa_type=Instant)


class SandboxEntryRow(Row, table=True):
    """The sandbox's own books, written in transactions of its own, as another company's would be.

    `charge_key` is '' for a charge. What an outcome turns into when its time comes stands beside it.
    """

    __tablename__ = "sandbox_entry"
    __table_args__ = strict(checked("kind", SandboxKind), checked("outcome", Outcome), checked("later", Outcome))

    environment_id: str = Field(foreign_key="environment.id", primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    kind: SandboxKind = Field(sa_type=Choice(SandboxKind))
    charge_key: str = Field(default="", sa_type=Text)
    method: str = Field(default="", sa_type=Text)
    amount: int = Field(sa_type=Int64)
    currency: str = Field(sa_type=Text)
    outcome: Outcome = Field(sa_type=Choice(Outcome))
    code: str = Field(default="", sa_type=Text)
    disputed: int = Field(default=0, sa_type=Int64)
    later: Outcome | None = Field(default=None, sa_type=Choice(Outcome))
    later_code: str = Field(default="", sa_type=Text)
    later_disputed: int = Field(default=0, sa_type=Int64)
    later_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
