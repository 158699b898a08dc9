"""Who may have a coupon: what it, or the promotion code that gives it, still allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.refusals import (
    CouponArchived,
    CouponCurrencyMismatch,
    CouponExhausted,
    CouponExpired,
    CouponNotForCustomer,
    CouponNotForProduct,
    FirstPurchaseOnly,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from billing.discounts import Coupon, PromotionCode


def demand_redeemable(coupon: Coupon, redeemed: int, archived_at: datetime | None, at: datetime) -> None:
    """Refuse a coupon that gives no more discounts; which prices it fits is another matter."""
    if archived_at is not None:
        raise CouponArchived("The coupon is archived and gives no more discounts.", archived_at=archived_at)
    if coupon.redeem_by is not None and at >= coupon.redeem_by:
        raise CouponExpired("The coupon could be redeemed until then.", expired_at=coupon.redeem_by)
    if coupon.maximum is not None and redeemed >= coupon.maximum:
        raise exhausted(coupon.maximum)


def demand_code_redeemable(code: PromotionCode, redeemed: int, archived_at: datetime | None, at: datetime) -> None:
    """Refuse a promotion code that gives no more discounts, whoever asks."""
    if archived_at is not None:
        raise CouponArchived("The promotion code is archived.", field="promotionCode", archived_at=archived_at)
    if code.expires_at is not None and at >= code.expires_at:
        raise CouponExpired("The code could be used until then.", field="promotionCode", expired_at=code.expires_at)
    if code.maximum is not None and redeemed >= code.maximum:
        raise exhausted(code.maximum, "promotionCode")


def demand_buyer(code: PromotionCode, customer_id: str, *, bought: bool) -> None:
    """Refuse a promotion code to whom it is not meant for; `bought` says whether they were ever asked for money."""
    if code.customer_id not in ("", customer_id):
        raise CouponNotForCustomer("The promotion code is another customer's.", field="promotionCode")
    if code.first_purchase_only and bought:
        raise FirstPurchaseOnly("The promotion code is for a first purchase.", field="promotionCode")


def demand_fit(coupon: Coupon, products: Collection[str], currency: str) -> None:
    """Refuse a coupon that takes nothing off the prices of these products in this currency; '' is still open."""
    if coupon.ppm is None and currency and coupon.amount(currency) is None:
        currencies = tuple(sorted(each for each, _ in coupon.amounts))
        raise CouponCurrencyMismatch(f"The coupon has no amount in {currency}.", currencies=currencies)
    if coupon.products and not set(coupon.products) & set(products):
        raise CouponNotForProduct("The coupon is for other products.", product_ids=coupon.products)


def exhausted(maximum: int, field: str | None = None) -> CouponExhausted:
    """Say that it was redeemed as often as it can be."""
    return CouponExhausted("It was redeemed as often as it can be.", field=field, maximum=maximum)
