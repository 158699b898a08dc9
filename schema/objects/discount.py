"""What a customer or a subscription has off."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from models.coupon_views import DiscountView
from resolvers import coupons as resolved
from resolvers import nodes
from schema.info import Info
from schema.objects.coupon import Coupon, CouponTerms, PromotionCode
from schema.promise import about, field, object_type
from schema.relay import Node, show, shows

if TYPE_CHECKING:
    from schema.objects.customer import Customer
    from schema.objects.subscription import Subscription


@shows(DiscountView)
@object_type
class Discount(Node):
    """A coupon on a subscription, or on all that a customer has. A line has one discount, the subscription's first."""

    view: strawberry.Private[DiscountView]
    name: str = about("What the coupon is called.")
    terms: CouponTerms = about("What it takes off, and for how long.")
    starts_at: datetime = about("Since when it counts.")
    ends_at: datetime | None = about("When time alone ends it; null where time does not.")
    ended_at: datetime | None = about("When it ended; the lines that have it keep it.")

    @classmethod
    def of(cls, view: DiscountView) -> "Discount":
        """Show a discount."""
        return cls(
            view=view,
            id=ID(view.id),
            name=view.coupon.name,
            terms=CouponTerms.of(view.coupon.terms),
            starts_at=view.starts_at,
            ends_at=view.ends_at,
            ended_at=view.ended_at,
        )

    @field
    async def customer(self, info: Info) -> Annotated["Customer", strawberry.lazy("schema.objects.customer")] | None:
        """Whose it is."""
        view = await nodes.customer_behind(info.context, self.view.customer_id)
        return show(view) if view else None

    @field
    async def subscription(
        self, info: Info
    ) -> Annotated["Subscription", strawberry.lazy("schema.objects.subscription")] | None:
        """The subscription that it is on; null: all that the customer has."""
        wanted = self.view.subscription_id
        view = await nodes.subscription_behind(info.context, wanted) if wanted else None
        return show(view) if view else None

    @field
    async def coupon(self, info: Info) -> Coupon | None:
        """The coupon itself; null for those who may not read coupons."""
        view = await resolved.coupon_behind(info.context, self.view.coupon.id)
        return Coupon.of(view) if view else None

    @field
    async def promotion_code(self, info: Info) -> PromotionCode | None:
        """The promotion code that gave it; null where none did, and for those who may not read coupons."""
        view = await resolved.code_behind(info.context, self.view.promotion_code_id)
        return PromotionCode.of(view) if view else None
