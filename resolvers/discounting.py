"""How a discount comes to its end: by time, by the one invoice that it was for, or with its subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.work import Happening

if TYPE_CHECKING:
    from billing.entitlements.sources import Json
    from models.coupon_views import DiscountView
    from models.work import Work

EXPIRED = "EXPIRED"


async def end_due(work: Work, customer_id: str) -> None:
    """End the customer's discounts whose time is over at the work's instant."""
    for discount in await work.discounts.due(customer_id, work.at):
        await end(work, discount, EXPIRED)


async def end(work: Work, discount: DiscountView, why: str, *, used_by: str = "") -> None:
    """End a discount that nobody removed, and tell why; the lines that have it keep it."""
    await work.discounts.end(discount.id, work.at, used_by=used_by)
    ended: dict[str, Json] = {**told(discount), "why": why}
    await work.record(discount.customer_id, Happening("discount.ended", discount.id, {}, ended))


def told(discount: DiscountView) -> dict[str, Json]:
    """What events tell of a discount."""
    return {"couponId": discount.coupon_id, "subscriptionId": discount.subscription_id or None}
