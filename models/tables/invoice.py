"""Invoices, their lines, and what keeps time from being billed twice: waivers and cursors."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.invoicing.invoices import CollectionMethod, InvoiceReason, InvoiceStatus
from billing.invoicing.values import LineKind
from models.tables.base import Row, partial, strict
from models.types import Choice, Flag, Instant, Int64, Json, Text, checked


class InvoiceRow(Row, table=True):
    """An invoice; amounts are minor units. `due_at` is when time alone acts on it next; `payable_by` its due date.

    `remaining` = total - balance applied - credited - paid while OPEN or UNCOLLECTIBLE, else 0.
    `seller` and `buyer` are who they were when it became final (billing/invoicing/parties.py); both can be erased.
    """

    __tablename__ = "invoice"
    __table_args__ = strict(
        checked("status", InvoiceStatus),
        checked("reason", InvoiceReason),
        checked("collection_method", CollectionMethod),
        UniqueConstraint("environment_id", "number"),
        Index("ix_invoice_created", "environment_id", "created_at", "id"),
        Index("ix_invoice_customer", "customer_id", "created_at", "id"),
        Index("ix_invoice_subscription", "subscription_id", "created_at", "id"),
        partial("ix_invoice_open", "environment_id", "currency", where="status = 'OPEN'"),
        partial("ix_invoice_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    subscription_id: str = Field(default="", sa_type=Text)
    number: str | None = Field(default=None, sa_type=Text)
    status: InvoiceStatus = Field(sa_type=Choice(InvoiceStatus))
    reason: InvoiceReason = Field(sa_type=Choice(InvoiceReason))
    currency: str = Field(sa_type=Text)
    collection_method: CollectionMethod = Field(sa_type=Choice(CollectionMethod))
    auto_advance: bool = Field(default=True, sa_type=Flag)
    period_start: datetime | None = Field(default=None, sa_type=Instant)
    period_end: datetime | None = Field(default=None, sa_type=Instant)
    subtotal: int = Field(default=0, sa_type=Int64)
    discount: int = Field(default=0, sa_type=Int64)
    tax: int = Field(default=0, sa_type=Int64)
    total: int = Field(default=0, sa_type=Int64)
    balance_applied: int = Field(default=0, sa_type=Int64)
    credited: int = Field(default=0, sa_type=Int64)
    paid: int = Field(default=0, sa_type=Int64)
    remaining: int = Field(default=0, sa_type=Int64)
    paid_out_of_band: bool = Field(default=False, sa_type=Flag)
    seller: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    buyer: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    memo: str = Field(default="", sa_type=Text)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    payable_by: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    finalized_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)


class InvoiceLineRow(Row, table=True):
    """A line of an invoice, or, where `invoice_id` is '', one that waits for the next.

    `net` is gross less discount, negative for credits; `tax` is its share of the invoice's. `price_id`, `plan_id` are
    '' where none is meant; `quantity` of usage counts 10^-scale of the feature, whose `name` and `unit` are kept as
    they were when it was counted.
    """

    __tablename__ = "invoice_line"
    __table_args__ = strict(
        checked("kind", LineKind),
        Index("ix_invoice_line_invoice", "invoice_id", "position"),
        Index("ix_invoice_line_billed", "subscription_id", "period_end"),
        Index("ix_invoice_line_credits", "credits_line_id"),
        partial("ix_invoice_line_discount", "discount_id", where="discount_id <> ''"),
        partial(
            "ix_invoice_line_pending",
            "customer_id",
            "created_at",
            "id",
            where="invoice_id = '' AND credit_note_id = ''",
        ),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    subscription_id: str = Field(default="", sa_type=Text)
    invoice_id: str = Field(default="", sa_type=Text)
    credit_note_id: str = Field(default="", sa_type=Text)
    position: int = Field(default=0, sa_type=Int64)
    kind: LineKind = Field(sa_type=Choice(LineKind))
    proration: bool = Field(default=False, sa_type=Flag)
    plan_id: str = Field(default="", sa_type=Text)
    price_id: str = Field(default="", sa_type=Text)
    add_on: bool = Field(default=False, sa_type=Flag)
    feature_id: str = Field(default="", sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    quantity: int = Field(default=1, sa_type=Int64)
    currency: str = Field(sa_type=Text)
    period_start: datetime | None = Field(default=None, sa_type=Instant)
    period_end: datetime | None = Field(default=None, sa_type=Instant)
    natural_start: datetime | None = Field(default=None, sa_type=Instant)
    natural_end: datetime | None = Field(default=None, sa_type=Instant)
    gross: int = Field(sa_type=Int64)
    discount: int = Field(default=0, sa_type=Int64)
    net: int = Field(sa_type=Int64)
    discount_id: str = Field(default="", sa_type=Text)
    discount_ppm: int | None = Field(default=None, sa_type=Int64)
    discount_amount: int | None = Field(default=None, sa_type=Int64)
    credits_line_id: str = Field(default="", sa_type=Text)
    tax_ppm: int | None = Field(default=None, sa_type=Int64)
    tax_name: str = Field(default="", sa_type=Text)
    tax_country: str = Field(default="", sa_type=Text)
    tax_inclusive: bool = Field(default=False, sa_type=Flag)
    tax: int = Field(default=0, sa_type=Int64)
    created_at: datetime = Field(sa_type=Instant)
    name: str = Field(default="", sa_type=Text)
    unit: str = Field(default="", sa_type=Text)


class WaiverRow(Row, table=True):
    """Time that a change, cancel or resume let go, for good; what it counts as from then on. An undo removes it.

    `stands_on` is a line, an earlier waiver, or ''; `plan_id` '' where the time stands for nothing any more.
    """

    __tablename__ = "waiver"
    __table_args__ = strict(Index("ix_waiver_subscription", "subscription_id", "period_end"))

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    subscription_id: str = Field(foreign_key="subscription.id", sa_type=Text)
    stands_on: str = Field(default="", sa_type=Text)
    plan_id: str = Field(default="", sa_type=Text)
    price_id: str = Field(default="", sa_type=Text)
    add_on: bool = Field(default=False, sa_type=Flag)
    quantity: int = Field(default=0, sa_type=Int64)
    period_start: datetime = Field(sa_type=Instant)
    period_end: datetime = Field(sa_type=Instant)
    cause: str = Field(sa_type=Text)
    change_id: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class UsageCursorRow(Row, table=True):
    """Up to which instant the usage of a metered price is billed and settled.

    `due_at` is when its next period ends, where that is within the subscription's own.
    """

    __tablename__ = "usage_cursor"
    __table_args__ = strict(
        partial("ix_usage_cursor_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
        partial("ix_usage_cursor_customer", "customer_id", "due_at", where="due_at IS NOT NULL"),
    )

    subscription_id: str = Field(foreign_key="subscription.id", primary_key=True, sa_type=Text)
    price_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    billed_until: datetime = Field(sa_type=Instant)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    due_at: datetime | None = Field(default=None, sa_type=Instant)


class DocumentCounterRow(Row, table=True):
    """The last number of a kind of document in an environment: taken at the end of a transaction, never skipped."""

    __tablename__ = "document_counter"
    __table_args__ = strict()

    environment_id: str = Field(foreign_key="environment.id", primary_key=True, sa_type=Text)
    kind: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(default=0, sa_type=Int64)
