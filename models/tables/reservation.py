"""What is held for long jobs."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from billing.entitlements.reservations import ReservationState
from models.tables.base import Row, partial, strict
from models.types import Choice, Instant, Int64, Text, checked


class ReservationRow(Row, table=True):
    """An amount held for a long job until it is settled, released or expires.

    `limit_amount` is what it holds of the counter of `scope`, in whichever window is the present one; `place` is how
    many of its holds on grants burn before that. `due_at` is its expiry while nobody has noted that.
    """

    __tablename__ = "reservation"
    __table_args__ = strict(
        checked("state", ReservationState),
        Index("ix_reservation_customer", "customer_id", "feature_id"),
        partial("ix_reservation_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    feature_id: str = Field(foreign_key="feature.id", sa_type=Text)
    resource: str = Field(default="", sa_type=Text)
    amount: int = Field(sa_type=Int64)
    state: ReservationState = Field(sa_type=Choice(ReservationState))
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    scope: str = Field(default="", sa_type=Text)
    limit_amount: int = Field(default=0, sa_type=Int64)
    place: int = Field(default=0, sa_type=Int64)
    settled_amount: int | None = Field(default=None, sa_type=Int64)
    usage_id: str | None = Field(default=None, foreign_key="usage.id", sa_type=Text)
    due_at: datetime | None = Field(default=None, sa_type=Instant)


class ReservationHoldRow(Row, table=True):
    """What one reservation holds of one grant; `position` is its turn in the burning order."""

    __tablename__ = "reservation_hold"
    __table_args__ = strict(Index("ix_reservation_hold_grant", "grant_id"))

    reservation_id: str = Field(foreign_key="reservation.id", primary_key=True, sa_type=Text)
    grant_id: str = Field(foreign_key="grant.id", primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    amount: int = Field(sa_type=Int64)
    position: int = Field(sa_type=Int64)
