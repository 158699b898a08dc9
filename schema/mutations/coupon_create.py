"""Making a coupon."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.discounts import CouponDuration
from resolvers.coupon_create import MOST_MONTHS, AmountOff, CouponCreate, create_coupon
from resolvers.coupon_create import CouponCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import MoneyInput, identifier_or_key
from schema.objects.coupon import Coupon
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AlreadyExists, AmountOutOfRange, AnyAct, DateOutOfRange
from schema.scalars import Amount
from schema.texts import actor, each, given, idempotency_key, optional_whole, short_enough, text

MOST_CURRENCIES = 50
MOST_PRODUCTS = 100


@input_type
class CouponCreateInput:
    """What a coupon takes off: a share, or an amount in each currency that it is good for."""

    key: str = about("The merchant's own name of it, unique in the environment, like `welcome`.")
    name: str = about("What customers read.")
    percent_off: Amount | None = about("The share in percent, above 0, at most 100, to four decimals.", default=UNSET)
    amounts_off: list[MoneyInput] | None = about("The amounts, one a currency; at most 50.", default=UNSET)
    duration: CouponDuration = about("How long a discount lasts.", default=CouponDuration.ONCE)
    months: int | None = about("How many months, 1 to 120, where the duration is MONTHS.", default=UNSET)
    product_ids: list[ID] | None = about(
        "The products that it is for, by id or key; every one unless said.", default=UNSET
    )
    redeem_by: datetime | None = about("Until when it can be redeemed; without end unless said.", default=UNSET)
    maximum: int | None = about("How often it can be redeemed in all; without end unless said.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CouponCreate:
        """Check every value."""
        amounts = given(self.amounts_off) or []
        short_enough(amounts, "amountsOff", MOST_CURRENCIES)
        return CouponCreate(
            key=text(self.key, "key"),
            name=text(self.name, "name"),
            duration=self.duration,
            months=optional_whole(self.months, "months", 1, MOST_MONTHS),
            percent_off=given(self.percent_off),
            amounts_off=tuple(AmountOff(one.amount, text(one.currency, "amountsOff.currency")) for one in amounts),
            products=each(self.product_ids, "productIds", identifier_or_key, MOST_PRODUCTS) or (),
            redeem_by=given(self.redeem_by),
            maximum=optional_whole(self.maximum, "maximum"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CouponCreated:
    """The coupon is there."""

    coupon: Coupon = about("The coupon.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CouponCreated":
        """Show what was done."""
        return cls(coupon=Coupon.of(outcome.coupon), replayed=outcome.replayed)


CouponCreateAnswer: TypeAlias = Annotated[
    CouponCreated | AnyAct | AlreadyExists | AmountOutOfRange | DateOutOfRange,
    strawberry.union(
        "CouponCreateAnswer", description="What `couponCreate` answers: what was done, or how it was refused."
    ),
]


@part_type
class CouponCreateMutation:
    """The act as a root field."""

    @mutation
    async def coupon_create(self, info: Info, input: Annotated[CouponCreateInput, INPUT]) -> CouponCreateAnswer:
        """Make a coupon: a share or an amount off, once, for months or for good."""
        return await answer(CouponCreateAnswer, CouponCreated.of, perform(create_coupon, info.context, input))
