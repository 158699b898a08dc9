"""What a customer is owed: the balance in each currency, every entry that moved it, and credit notes."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.invoicing.invoices import CreditKind
from models.tables.base import Row, strict
from models.types import Choice, Instant, Int64, Text, checked


class CreditBalanceRow(Row, table=True):
    """How much of one currency a customer has in credit, in minor units; never below nothing."""

    __tablename__ = "credit_balance"
    __table_args__ = strict()

    customer_id: str = Field(foreign_key="customer.id", primary_key=True, sa_type=Text)
    currency: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    amount: int = Field(default=0, sa_type=Int64)


class CreditEntryRow(Row, table=True):
    """One movement of a credit balance; `after` is what it came to."""

    __tablename__ = "credit_entry"
    __table_args__ = strict(
        checked("kind", CreditKind),
        Index("ix_credit_entry_customer", "customer_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    currency: str = Field(sa_type=Text)
    amount: int = Field(sa_type=Int64)
    after: int = Field(sa_type=Int64)
    kind: CreditKind = Field(sa_type=Choice(CreditKind))
    invoice_id: str = Field(default="", sa_type=Text)
    credit_note_id: str = Field(default="", sa_type=Text)
    refund_id: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class CreditNoteRow(Row, table=True):
    """A credit note about a finalized invoice: first it lowers what is unpaid, the rest is given back."""

    __tablename__ = "credit_note"
    __table_args__ = strict(
        UniqueConstraint("environment_id", "number"),
        Index("ix_credit_note_invoice", "invoice_id"),
        Index("ix_credit_note_customer", "customer_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    invoice_id: str = Field(foreign_key="invoice.id", sa_type=Text)
    number: str = Field(sa_type=Text)
    currency: str = Field(sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    net: int = Field(sa_type=Int64)
    tax: int = Field(default=0, sa_type=Int64)
    total: int = Field(sa_type=Int64)
    reduced: int = Field(default=0, sa_type=Int64)
    to_balance: int = Field(default=0, sa_type=Int64)
    refunded: int = Field(default=0, sa_type=Int64)
    out_of_band: int = Field(default=0, sa_type=Int64)
    created_at: datetime = Field(sa_type=Instant)
