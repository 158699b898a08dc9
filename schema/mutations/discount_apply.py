"""Giving a discount."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.discount_apply import DiscountApplied as Outcome
from resolvers.discount_apply import DiscountApply, apply_discount
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef, customer_of
from schema.objects.discount import Discount
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AlreadyDiscounted, AnyAct, CustomerArchived, DiscountRefusal, SubscriptionEnded
from schema.texts import actor, idempotency_key, optional_identifier, optional_text


@input_type
class DiscountApplyInput:
    """A coupon or a promotion code, and a customer or a subscription: one of each two."""

    coupon_id: ID | None = about("The coupon, by id or key.", default=UNSET)
    promotion_code: str | None = about("The promotion code, in capitals or not.", default=UNSET)
    customer: CustomerRef | None = about("The customer, for all that they have.", default=UNSET)
    subscription_id: ID | None = about("The one subscription that it is for.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> DiscountApply:
        """Check every value."""
        return DiscountApply(
            coupon=optional_text(self.coupon_id, "couponId"),
            promotion_code=optional_text(self.promotion_code, "promotionCode"),
            customer=customer_of(self.customer),
            subscription_id=optional_identifier(self.subscription_id, "subscriptionId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class DiscountApplied:
    """The discount runs."""

    discount: Discount = about("The discount.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "DiscountApplied":
        """Show what was done."""
        return cls(discount=Discount.of(outcome.discount), replayed=outcome.replayed)


DiscountApplyAnswer: TypeAlias = Annotated[
    DiscountApplied | AnyAct | DiscountRefusal | AlreadyDiscounted | CustomerArchived | SubscriptionEnded,
    strawberry.union(
        "DiscountApplyAnswer", description="What `discountApply` answers: what was done, or how it was refused."
    ),
]


@part_type
class DiscountApplyMutation:
    """The act as a root field."""

    @mutation
    async def discount_apply(self, info: Info, input: Annotated[DiscountApplyInput, INPUT]) -> DiscountApplyAnswer:
        """Put a coupon on a subscription or on all that a customer has; what is billed already stays as it is."""
        return await answer(DiscountApplyAnswer, DiscountApplied.of, perform(apply_discount, info.context, input))
