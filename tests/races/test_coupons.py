"""A coupon is redeemed as often as it can be and no more, whoever asks at once, through one program or two."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from billing.discounts import CouponDuration
from billing.refusals import CouponExhausted
from models.tables.coupon import CouponRow, DiscountRow, PromotionCodeRow
from models.tables.journal import EventRow
from resolvers.coupon_create import CouponCreate, create_coupon
from resolvers.discount_apply import DiscountApply, apply_discount
from resolvers.inputs import CustomerRef
from resolvers.promotion_code_create import PromotionCodeCreate, create_code

if TYPE_CHECKING:
    from tests.races.arena import Arena

CUSTOMERS, MOST = 18, 5


@pytest.mark.parametrize("limited", ["coupon", "code"])
async def test_a_maximum_is_never_exceeded_and_nothing_is_given_beyond_it(two: Arena, limited: str) -> None:
    context = await two.world.context()
    maximum = {"coupon": MOST if limited == "coupon" else None, "code": MOST if limited == "code" else None}
    asked = CouponCreate("scarce", "Scarce", CouponDuration.FOREVER, percent_off="10", maximum=maximum["coupon"])
    await create_coupon(context, asked)
    await create_code(context, PromotionCodeCreate("SCARCE", "scarce", maximum=maximum["code"]))
    for number in range(CUSTOMERS):
        await two.world.subscribed(f"customer {number}", "free")

    async def redeem(number: int) -> str:
        door = await two.doors[number % 2].context()
        command = DiscountApply(promotion_code="SCARCE", customer=CustomerRef(external_id=f"customer {number}"))
        try:
            await apply_discount(door, command)
        except CouponExhausted as refusal:
            return f"EXHAUSTED after {refusal.maximum}"
        return "GIVEN"

    ends = Counter(await asyncio.gather(*(redeem(number) for number in range(CUSTOMERS))))

    assert ends == {"GIVEN": MOST, f"EXHAUSTED after {MOST}": CUSTOMERS - MOST}
    assert [each["redeemed"] for each in await two.of(CouponRow)] == [MOST]
    assert [each["redeemed"] for each in await two.of(PromotionCodeRow)] == [MOST]
    assert len({each["customer_id"] for each in await two.of(DiscountRow)}) == MOST
    assert len(await two.of(EventRow, type="discount.applied")) == MOST
