"""Making a promotion code."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.promotion_code_create import PromotionCodeCreate, create_code
from resolvers.promotion_code_create import PromotionCodeCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef, customer_of, identifier_or_key
from schema.objects.coupon import PromotionCode
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AlreadyExists, AnyAct, DateOutOfRange
from schema.texts import actor, given, idempotency_key, optional_whole, text


@input_type
class PromotionCodeCreateInput:
    """A word that gives a coupon, and its own limits beside the coupon's."""

    code: str = about("The word: 2 to 64 letters, digits, `_` and `-`; kept in capitals, and given in any.")
    coupon_id: ID = about("The coupon that it gives, by id or key.")
    maximum: int | None = about("How often it can be used in all; without end unless said.", default=UNSET)
    expires_at: datetime | None = about("Until when it can be used; without end unless said.", default=UNSET)
    customer: CustomerRef | None = about("The one customer who can use it; everybody unless said.", default=UNSET)
    first_purchase_only: bool = about("Only for those who were never asked for money.", default=False)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> PromotionCodeCreate:
        """Check every value."""
        return PromotionCodeCreate(
            code=text(self.code, "code"),
            coupon=identifier_or_key(self.coupon_id, "couponId"),
            maximum=optional_whole(self.maximum, "maximum"),
            expires_at=given(self.expires_at),
            customer=customer_of(self.customer),
            first_purchase_only=self.first_purchase_only,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PromotionCodeCreated:
    """The promotion code is there."""

    promotion_code: PromotionCode = about("The promotion code.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "PromotionCodeCreated":
        """Show what was done."""
        return cls(promotion_code=PromotionCode.of(outcome.code), replayed=outcome.replayed)


PromotionCodeCreateAnswer: TypeAlias = Annotated[
    PromotionCodeCreated | AnyAct | AlreadyExists | DateOutOfRange,
    strawberry.union(
        "PromotionCodeCreateAnswer",
        description="What `promotionCodeCreate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class PromotionCodeCreateMutation:
    """The act as a root field."""

    @mutation
    async def promotion_code_create(
        self, info: Info, input: Annotated[PromotionCodeCreateInput, INPUT]
    ) -> PromotionCodeCreateAnswer:
        """Make a word that gives a coupon."""
        return await answer(
            PromotionCodeCreateAnswer, PromotionCodeCreated.of, perform(create_code, info.context, input)
        )
