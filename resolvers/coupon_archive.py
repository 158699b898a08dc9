"""Let a coupon or a promotion code give no more discounts; those that run go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.work import Happening
from resolvers.acts import act, owner_environment
from resolvers.coupons import found_code, found_coupon, read_code, read_coupon

if TYPE_CHECKING:
    from typing import Any

    from models.coupon_views import CouponView, PromotionCodeView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class CouponArchive:
    """The coupon, by id or key."""

    coupon: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PromotionCodeArchive:
    """The promotion code, by id or by the word itself."""

    code: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CouponArchiveDone:
    """The coupon as it is now."""

    coupon: CouponView
    replayed: bool


@dataclass(frozen=True, slots=True)
class PromotionCodeArchiveDone:
    """The promotion code as it is now."""

    code: PromotionCodeView
    replayed: bool


async def archive_coupon(ctx: Context, command: CouponArchive) -> CouponArchiveDone:
    """Archive a coupon, and with it what its codes give; a second time changes nothing."""

    async def body(work: Work) -> dict[str, Any]:
        coupon = await found_coupon(work, command.coupon)
        if coupon.archived_at is None:
            await work.coupons.archive(coupon.id, work.at)
            await work.record(work.environment_id, Happening("coupon.archived", coupon.id, {}, {"key": coupon.key}))
        return {"coupon_id": coupon.id}

    outcome, replayed = await act(ctx, "couponArchive", command, owner_environment(ctx), body)
    return CouponArchiveDone(await read_coupon(ctx, outcome["coupon_id"]), replayed)


async def archive_code(ctx: Context, command: PromotionCodeArchive) -> PromotionCodeArchiveDone:
    """Archive a promotion code; a second time changes nothing."""

    async def body(work: Work) -> dict[str, Any]:
        code = await found_code(work, command.code, "promotionCodeId")
        if code.archived_at is None:
            await work.coupons.archive_code(code.id, work.at)
            gone = Happening("promotion_code.archived", code.id, {}, {"code": code.terms.code})
            await work.record(work.environment_id, gone)
        return {"code_id": code.id}

    outcome, replayed = await act(ctx, "promotionCodeArchive", command, owner_environment(ctx), body)
    return PromotionCodeArchiveDone(await read_code(ctx, outcome["code_id"]), replayed)
