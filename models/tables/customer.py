"""Customers, what they wrote, and the trial they had."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.lifecycle import Channel
from models.choices import CustomerKind
from models.tables.base import Row, strict
from models.types import Choice, Instant, Json, Text, checked


class CustomerRow(Row, table=True):
    """A customer; the personal columns live here only and can be erased."""

    __tablename__ = "customer"
    __table_args__ = strict(
        checked("kind", CustomerKind),
        UniqueConstraint("environment_id", "external_id"),
        Index("ix_customer_created", "environment_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    name: str | None = Field(default=None, sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    kind: CustomerKind = Field(default=CustomerKind.UNKNOWN, sa_type=Choice(CustomerKind))
    locale: str | None = Field(default=None, sa_type=Text)
    zone: str | None = Field(default=None, sa_type=Text)
    country: str | None = Field(default=None, sa_type=Text)
    address: dict[str, str] | None = Field(default=None, sa_type=Json)
    tax_ids: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    currency: str | None = Field(default=None, sa_type=Text)
    labels: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    tokens_not_before: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class PersonalTextRow(Row, table=True):
    """Words of a customer, kept once; events hold its id and a salted digest, so that erasing it keeps them true.

    What a merchant says of many customers at once has no `customer_id`. `channel` is by which way it was said.
    """

    __tablename__ = "personal_text"
    __table_args__ = strict(checked("channel", Channel))

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str | None = Field(default=None, foreign_key="customer.id", index=True, sa_type=Text)
    text: str | None = Field(default=None, sa_type=Text)
    salt: str = Field(sa_type=Text)
    erased_at: datetime | None = Field(default=None, sa_type=Instant)
    channel: Channel = Field(sa_type=Choice(Channel))


class TrialRow(Row, table=True):
    """That a customer had a trial of a product: there is one, also after the empty plan. (S7)"""

    __tablename__ = "trial"
    __table_args__ = strict()

    customer_id: str = Field(foreign_key="customer.id", primary_key=True, sa_type=Text)
    product_id: str = Field(foreign_key="product.id", primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    subscription_id: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=Instant)


class PortalSessionRow(Row, table=True):
    """A single-use portal link and the session it was exchanged for; both secrets are kept as digests.

    What a customer token made ends with it: `token_id` and `token_expires_at` say which and when.
    """

    __tablename__ = "portal_session"
    __table_args__ = strict(UniqueConstraint("link_digest"), UniqueConstraint("session_digest"))

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", index=True, sa_type=Text)
    subscription_id: str = Field(default="", sa_type=Text)
    flow: str = Field(sa_type=Text)
    return_url: str | None = Field(default=None, sa_type=Text)
    locale: str | None = Field(default=None, sa_type=Text)
    link_digest: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_type=Instant)
    spent_at: datetime | None = Field(default=None, sa_type=Instant)
    session_digest: str | None = Field(default=None, sa_type=Text)
    session_expires_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    token_id: str | None = Field(default=None, sa_type=Text)
    token_expires_at: datetime | None = Field(default=None, sa_type=Instant)
