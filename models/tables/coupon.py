"""What takes something off: coupons, the codes that give them, and the discounts that were given."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.discounts import CouponDuration
from models.tables.base import Row, partial, strict
from models.types import Choice, Flag, Instant, Int64, Json, Text, checked


class CouponRow(Row, table=True):
    """A coupon; `amounts` are minor units by currency, `products` ids (none: all); `redeemed` is at most `maximum`."""

    __tablename__ = "coupon"
    __table_args__ = strict(
        checked("duration", CouponDuration),
        UniqueConstraint("environment_id", "key"),
        Index("ix_coupon_created", "environment_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    key: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    duration: CouponDuration = Field(sa_type=Choice(CouponDuration))
    months: int | None = Field(default=None, sa_type=Int64)
    ppm: int | None = Field(default=None, sa_type=Int64)
    amounts: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    products: list[str] = Field(default_factory=list, sa_type=Json)
    redeem_by: datetime | None = Field(default=None, sa_type=Instant)
    maximum: int | None = Field(default=None, sa_type=Int64)
    redeemed: int = Field(default=0, sa_type=Int64)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


class PromotionCodeRow(Row, table=True):
    """A word that gives a coupon, kept in capitals; `customer_id` is '' where everybody may use it."""

    __tablename__ = "promotion_code"
    __table_args__ = strict(
        UniqueConstraint("environment_id", "code"),
        Index("ix_promotion_code_coupon", "coupon_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    coupon_id: str = Field(foreign_key="coupon.id", sa_type=Text)
    code: str = Field(sa_type=Text)
    customer_id: str = Field(default="", sa_type=Text)
    first_purchase_only: bool = Field(default=False, sa_type=Flag)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    maximum: int | None = Field(default=None, sa_type=Int64)
    redeemed: int = Field(default=0, sa_type=Int64)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


class DiscountRow(Row, table=True):
    """A coupon on a subscription, or ('') on all that a customer has; one at a time.

    `used_by` is the invoice that a discount for once was given to.
    """

    __tablename__ = "discount"
    __table_args__ = strict(
        Index("ix_discount_customer", "customer_id", "subscription_id", "created_at", "id"),
        partial("ix_discount_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
        partial("uq_discount_running", "customer_id", "subscription_id", unique=True, where="ended_at IS NULL"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    subscription_id: str = Field(default="", sa_type=Text)
    coupon_id: str = Field(foreign_key="coupon.id", sa_type=Text)
    promotion_code_id: str = Field(default="", sa_type=Text)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    used_by: str = Field(default="", sa_type=Text)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
