"""What was granted beside the plan, and what was used."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.entitlements.sources import AllowanceKind
from models.choices import UsageKind
from models.tables.base import Row, partial, strict
from models.types import Choice, Flag, Instant, Int64, Json, Text, checked


class GrantRow(Row, table=True):
    """An allowance on top of the limit, or a granted boolean or value. `used` is what burned of it."""

    __tablename__ = "grant"
    __table_args__ = strict(
        checked("kind", AllowanceKind),
        Index("ix_grant_customer", "customer_id", "feature_id"),
        partial("ix_grant_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    feature_id: str = Field(foreign_key="feature.id", sa_type=Text)
    resource: str = Field(default="", sa_type=Text)
    kind: AllowanceKind = Field(sa_type=Choice(AllowanceKind))
    amount: int = Field(default=0, sa_type=Int64)
    used: int = Field(default=0, sa_type=Int64)
    value: Any = Field(default=None, sa_type=Json, nullable=True)
    priority: int = Field(default=100, sa_type=Int64)
    starts_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class OverrideRow(Row, table=True):
    """What stands in place of every other source while it runs; one at a time per customer, feature and resource.

    `cleared_at` may be ahead: then the next one begins.
    """

    __tablename__ = "override"
    __table_args__ = strict(
        Index("ix_override_customer", "customer_id", "feature_id"),
        partial("ix_override_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
        partial("uq_override_set", "customer_id", "feature_id", "resource", unique=True, where="cleared_at IS NULL"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    feature_id: str = Field(foreign_key="feature.id", sa_type=Text)
    resource: str = Field(default="", sa_type=Text)
    revoked: bool = Field(default=False, sa_type=Flag)
    limit: int | None = Field(default=None, sa_type=Int64)
    hard: bool = Field(default=True, sa_type=Flag)
    value: Any = Field(default=None, sa_type=Json, nullable=True)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class UsageRow(Row, table=True):
    """One row of the usage ledger, never edited.

    `limit_amount` is the part that the counter of `scope` holds, `rolled_amount` what burned of the amount that was
    rolled over into its window, `over_amount` how far the row went above the limit that stood when it was written.
    """

    __tablename__ = "usage"
    __table_args__ = strict(
        checked("kind", UsageKind),
        UniqueConstraint("customer_id", "seq"),
        Index("ix_usage_counter", "customer_id", "feature_id", "scope", "occurred_at"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    feature_id: str = Field(foreign_key="feature.id", sa_type=Text)
    resource: str = Field(default="", sa_type=Text)
    scope: str = Field(default="", sa_type=Text)
    seq: int = Field(sa_type=Int64)
    kind: UsageKind = Field(sa_type=Choice(UsageKind))
    amount: int = Field(sa_type=Int64)
    limit_amount: int = Field(sa_type=Int64)
    occurred_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    reason: str = Field(default="", sa_type=Text)
    rolled_amount: int = Field(default=0, sa_type=Int64)
    over_amount: int = Field(default=0, sa_type=Int64)


class UsageBurnRow(Row, table=True):
    """What one ledger row took from one grant; below zero it was given back."""

    __tablename__ = "usage_burn"
    __table_args__ = strict(Index("ix_usage_burn_grant", "grant_id", "occurred_at"))

    usage_id: str = Field(foreign_key="usage.id", primary_key=True, sa_type=Text)
    grant_id: str = Field(foreign_key="grant.id", primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    amount: int = Field(sa_type=Int64)
    occurred_at: datetime = Field(sa_type=Instant)


class BalanceRow(Row, table=True):
    """The head of one counter: what the ledger sums to in one window. It saves reading, and never decides alone.

    A window without a start or end begins or ends never.
    """

    __tablename__ = "balance"
    __table_args__ = strict()

    customer_id: str = Field(foreign_key="customer.id", primary_key=True, sa_type=Text)
    feature_id: str = Field(foreign_key="feature.id", primary_key=True, sa_type=Text)
    scope: str = Field(default="", primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    window_start: datetime | None = Field(default=None, sa_type=Instant)
    window_end: datetime | None = Field(default=None, sa_type=Instant)
    used: int = Field(default=0, sa_type=Int64)
    latest_at: datetime = Field(sa_type=Instant)


class ThresholdMarkRow(Row, table=True):
    """A threshold that was told of in one window of one counter; `window_start` 0 is a window that never began.

    `limit` is that of which it was told last; 0 where that was not kept.
    """

    __tablename__ = "threshold_mark"
    __table_args__ = strict()

    customer_id: str = Field(foreign_key="customer.id", primary_key=True, sa_type=Text)
    feature_id: str = Field(foreign_key="feature.id", primary_key=True, sa_type=Text)
    scope: str = Field(default="", primary_key=True, sa_type=Text)
    window_start: datetime = Field(primary_key=True, sa_type=Instant)
    threshold: int = Field(primary_key=True, sa_type=Int64)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    limit: int = Field(sa_type=Int64)
