"""Make a promotion code: a word that gives a coupon, with limits of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import AlreadyExists, InvalidInput
from models.tables.coupon import PromotionCodeRow
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, found_customer, owner_environment
from resolvers.coupons import found_coupon, read_code

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from models.coupon_views import PromotionCodeView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PromotionCodeCreate:
    """The word, the coupon that it gives (by id or key), and who may use it how often and until when."""

    code: str
    coupon: str
    maximum: int | None = None
    expires_at: datetime | None = None
    customer: CustomerRef | None = None
    first_purchase_only: bool = False
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PromotionCodeCreated:
    """The promotion code as it is now."""

    code: PromotionCodeView
    replayed: bool


async def create_code(ctx: Context, command: PromotionCodeCreate) -> PromotionCodeCreated:
    """Write a promotion code."""

    async def body(work: Work) -> dict[str, Any]:
        coupon = await found_coupon(work, command.coupon)
        customer = await found_customer(ctx, work, command.customer) if command.customer is not None else None
        if command.expires_at is not None:
            checks.ahead(command.expires_at, work.at, "expiresAt")
        word = written(command.code, "code")
        known = await work.coupons.code(word)
        if known is not None:
            raise AlreadyExists("This promotion code exists.", field="code", id=known.id)
        code = PromotionCodeRow(
            id=work.ids.new("prm"),
            environment_id=work.environment_id,
            coupon_id=coupon.id,
            code=word,
            customer_id=customer.id if customer else "",
            first_purchase_only=command.first_purchase_only,
            expires_at=command.expires_at,
            maximum=command.maximum,
            created_at=work.at,
        )
        await work.coupons.add_code(code)
        told = {"code": word, "couponId": coupon.id, "customerId": code.customer_id or None}
        await work.record(work.environment_id, Happening("promotion_code.created", code.id, {}, told))
        return {"code_id": code.id}

    outcome, replayed = await act(ctx, "promotionCodeCreate", command, owner_environment(ctx), body)
    return PromotionCodeCreated(await read_code(ctx, outcome["code_id"]), replayed)


def written(code: str, field: str) -> str:
    """Write a promotion code as it is kept: in capitals, so that nobody has to mind them."""
    word = code.strip().upper()
    if not _CODE.fullmatch(word):
        raise InvalidInput('A code has 2 to 64 of A-Z, 0-9, "_" and "-", and no sign in front.', field=field)
    return word
