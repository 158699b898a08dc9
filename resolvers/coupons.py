"""Reading coupons, promotion codes and discounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers import checks
from resolvers.access import demand, may, not_found

if TYPE_CHECKING:
    from models.coupon_views import CouponView, DiscountView, PromotionCodeView
    from models.paging import Page
    from models.reader import Reader
    from resolvers.context import Context
    from resolvers.inputs import PageOf


async def coupon(ctx: Context, ref: str) -> CouponView | None:
    """Find a coupon by id or key."""
    demand(ctx, "coupon")
    async with ctx.read() as read:
        return await read.coupons.coupon(ref)


async def coupons(ctx: Context, page: PageOf, *, archived: bool | None) -> Page[CouponView]:
    """List the coupons, newest first; `archived` None means both."""
    demand(ctx, "coupons")
    async with ctx.read() as read:
        return await read.coupons.page(checks.page(page.first), page.after, archived=archived)


async def codes(ctx: Context, coupon_id: str, page: PageOf) -> Page[PromotionCodeView]:
    """List the promotion codes of a coupon, newest first."""
    demand(ctx, "coupons")
    async with ctx.read() as read:
        return await read.coupons.codes_page(coupon_id, checks.page(page.first), page.after)


async def coupon_behind(ctx: Context, coupon_id: str) -> CouponView | None:
    """Follow another object to its coupon, for whom coupons are open to."""
    return await ctx.loaders.coupon.load(coupon_id) if may(ctx, "coupons") else None


async def coupon_of_code(ctx: Context, code: PromotionCodeView) -> CouponView | None:
    """Follow a promotion code to what it gives."""
    demand(ctx, "coupon")
    return await ctx.loaders.coupon.load(code.coupon_id)


async def code_behind(ctx: Context, code_id: str) -> PromotionCodeView | None:
    """Follow a discount to the promotion code that gave it, for whom coupons are open to."""
    return await ctx.loaders.promotion_code.load(code_id) if code_id and may(ctx, "coupons") else None


async def discount_of_customer(ctx: Context, customer_id: str) -> DiscountView | None:
    """Find what runs on all that a customer has."""
    demand(ctx, "subscriptions")
    return await ctx.loaders.discount_of_customer.load(customer_id)


async def discount_of_subscription(ctx: Context, subscription_id: str) -> DiscountView | None:
    """Find what runs on a subscription itself."""
    demand(ctx, "subscriptions")
    return await ctx.loaders.discount_of_subscription.load(subscription_id)


async def found_coupon(read: Reader, ref: str) -> CouponView:
    """Find a coupon by id or key, or refuse."""
    view = await read.coupons.coupon(ref)
    if view is None:
        raise not_found("Coupon", "couponId")
    return view


async def found_code(read: Reader, ref: str, field: str) -> PromotionCodeView:
    """Find a promotion code by id or by the word itself, or refuse."""
    view = await read.coupons.code(ref) or await read.coupons.code(ref.strip().upper())
    if view is None:
        raise not_found("PromotionCode", field)
    return view


async def read_coupon(ctx: Context, coupon_id: str) -> CouponView:
    """Read the coupon of an outcome as it is now."""
    async with ctx.read() as read:
        return (await read.coupons.by_ids([coupon_id]))[coupon_id]


async def read_code(ctx: Context, code_id: str) -> PromotionCodeView:
    """Read the promotion code of an outcome as it is now."""
    async with ctx.read() as read:
        return (await read.coupons.codes_by_ids([code_id]))[code_id]


async def read_discount(ctx: Context, discount_id: str) -> DiscountView:
    """Read the discount of an outcome as it is now."""
    async with ctx.read() as read:
        view = await read.discounts.by_id(discount_id)
    if view is None:
        raise LookupError(discount_id)
    return view
