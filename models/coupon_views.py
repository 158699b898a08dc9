"""The values of coupons, promotion codes and discounts that leave the stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from billing.discounts import Coupon, PromotionCode


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon, what it is called, and how often it was redeemed."""

    id: str
    key: str
    name: str
    terms: Coupon
    redeemed: int
    archived_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PromotionCodeView:
    """A promotion code, what it gives, and how often it was redeemed."""

    id: str
    coupon_id: str
    terms: PromotionCode
    redeemed: int
    archived_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DiscountView:
    """A coupon on a subscription, or, where `subscription_id` is '', on all that a customer has."""

    id: str
    customer_id: str
    subscription_id: str
    coupon: CouponView
    promotion_code_id: str
    starts_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    used_by: str
    created_at: datetime
