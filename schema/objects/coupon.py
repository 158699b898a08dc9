"""What takes something off, and the words that give it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID, UNSET

from billing import discounts
from billing.amounts import format_amount
from billing.discounts import CouponDuration
from billing.invoicing.settings import PERCENT_DECIMALS
from models.coupon_views import CouponView, PromotionCodeView
from resolvers import coupons as resolved
from resolvers import nodes
from schema.info import Info
from schema.objects.money import Money
from schema.objects.product import Product
from schema.promise import about, field, object_type
from schema.relay import FIRST, After, Connection, First, Node, connection, page_of, show, shows, sure
from schema.scalars import Amount

if TYPE_CHECKING:
    from schema.objects.customer import Customer


@object_type
class CouponTerms:
    """What a coupon takes off, and how long a discount of it lasts."""

    coupon: strawberry.Private[discounts.Coupon]
    percent_off: Amount | None = about("The share in percent, like `20`; null where it is an amount.")
    duration: CouponDuration = about("How long a discount lasts.")
    months: int | None = about("How many months, where it is months.")

    @classmethod
    def of(cls, coupon: discounts.Coupon) -> "CouponTerms":
        """Show what a coupon is worth."""
        percent = None if coupon.ppm is None else Amount(format_amount(coupon.ppm, PERCENT_DECIMALS))
        return cls(coupon=coupon, percent_off=percent, duration=coupon.duration, months=coupon.months)

    @field
    def amounts_off(self) -> list[Money]:
        """The amounts, one a currency, by currency; empty where it is a share."""
        return [Money.of(minor, currency) for currency, minor in self.coupon.amounts]

    @field
    async def products(self, info: Info) -> list[Product]:
        """The products that it is for; empty: every product."""
        found = await info.context.loaders.product.load_many(self.coupon.products)
        return [Product.of(sure(each)) for each in found]


@shows(PromotionCodeView)
@object_type
class PromotionCode(Node):
    """A word that gives a coupon, with limits of its own."""

    view: strawberry.Private[PromotionCodeView]
    code: str = about("The word, in capitals; it can be given in any.")
    first_purchase_only: bool = about("Whether only those can use it who were never asked for money.")
    expires_at: datetime | None = about("Until when it can be used.")
    maximum: int | None = about("How often it can be used in all; null is without end.")
    redeemed: int = about("How often it was used.")
    archived_at: datetime | None = about("Since when it gives no more discounts.")
    created_at: datetime = about("When it was made.")

    @classmethod
    def of(cls, view: PromotionCodeView) -> "PromotionCode":
        """Show a promotion code."""
        return cls(
            view=view,
            id=ID(view.id),
            code=view.terms.code,
            first_purchase_only=view.terms.first_purchase_only,
            expires_at=view.terms.expires_at,
            maximum=view.terms.maximum,
            redeemed=view.redeemed,
            archived_at=view.archived_at,
            created_at=view.created_at,
        )

    @field
    async def coupon(self, info: Info) -> Annotated["Coupon", strawberry.lazy("schema.objects.coupon")]:
        """What it gives."""
        return Coupon.of(sure(await resolved.coupon_of_code(info.context, self.view)))

    @field
    async def customer(self, info: Info) -> Annotated["Customer", strawberry.lazy("schema.objects.customer")] | None:
        """The one customer who can use it; null: everybody."""
        wanted = self.view.terms.customer_id
        view = await nodes.customer_behind(info.context, wanted) if wanted else None
        return show(view) if view else None


@shows(CouponView)
@object_type
class Coupon(Node):
    """What discounts take off prices. Its terms never change: another offer is another coupon."""

    view: strawberry.Private[CouponView]
    key: str = about("The merchant's own name of it, unique in the environment.")
    name: str = about("What customers read.")
    terms: CouponTerms = about("What it takes off, and for how long.")
    redeem_by: datetime | None = about("Until when it can be redeemed; discounts that run go on.")
    maximum: int | None = about("How often it can be redeemed in all; null is without end.")
    redeemed: int = about("How often it was redeemed.")
    archived_at: datetime | None = about("Since when it gives no more discounts.")
    created_at: datetime = about("When it was made.")

    @classmethod
    def of(cls, view: CouponView) -> "Coupon":
        """Show a coupon."""
        return cls(
            view=view,
            id=ID(view.id),
            key=view.key,
            name=view.name,
            terms=CouponTerms.of(view.terms),
            redeem_by=view.terms.redeem_by,
            maximum=view.terms.maximum,
            redeemed=view.redeemed,
            archived_at=view.archived_at,
            created_at=view.created_at,
        )

    @field
    async def promotion_codes(
        self, info: Info, first: First = FIRST, after: After = UNSET
    ) -> Connection[PromotionCode]:
        """The codes that give it, newest first."""
        page = await resolved.codes(info.context, self.view.id, page_of(first, after))
        return connection(page, PromotionCode.of)
