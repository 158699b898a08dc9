"""Take a discount away; the lines that have it keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.work import Happening
from resolvers.access import not_found
from resolvers.acts import act
from resolvers.coupons import read_discount
from resolvers.discounting import told

if TYPE_CHECKING:
    from typing import Any

    from models.coupon_views import DiscountView
    from models.reader import Reader
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class DiscountRemove:
    """The discount to end."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class DiscountRemoved:
    """The discount as it is now."""

    discount: DiscountView
    replayed: bool


async def remove_discount(ctx: Context, command: DiscountRemove) -> DiscountRemoved:
    """End a discount now; a second time, or after its end, changes nothing."""

    async def owner(work: Work) -> str:
        return (await _found(work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        discount = await _found(work, command.id)
        if discount.ended_at is None:
            await work.discounts.end(discount.id, work.at)
            await work.record(discount.customer_id, Happening("discount.removed", discount.id, {}, told(discount)))
        return {"discount_id": discount.id}

    outcome, replayed = await act(ctx, "discountRemove", command, owner, body)
    return DiscountRemoved(await read_discount(ctx, outcome["discount_id"]), replayed)


async def _found(read: Reader, discount_id: str) -> DiscountView:
    discount = await read.discounts.by_id(discount_id)
    if discount is None:
        raise not_found("Discount", "id")
    return discount
