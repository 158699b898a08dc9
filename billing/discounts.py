"""Coupons and discounts: for which lines one speaks, what it takes off them, and when it is over.

A line has one discount at most: of several that fit, the subscription's own goes before the customer's, and they never
add up. A discount belongs to the lines that it was given to: what comes or goes later changes none of them.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.calendar import Interval, IntervalUnit, boundary
from billing.dataclass import dataclass
from billing.invoicing.totals import by_weight
from billing.invoicing.values import Rebate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

ALL_OF_IT = 1_000_000
"""A hundred percent, in millionths."""


class CouponDuration(StrEnum):
    """How long a discount lasts."""

    ONCE = "ONCE"
    MONTHS = "MONTHS"
    FOREVER = "FOREVER"


COUPON_DURATION_MEANINGS: Mapping[CouponDuration, str] = MappingProxyType(
    {
        CouponDuration.ONCE: "For the first invoice that it takes something off.",
        CouponDuration.MONTHS: "For a number of calendar months of the billing zone.",
        CouponDuration.FOREVER: "Until it is removed, or its subscription ends.",
    },
)


@dataclass(frozen=True, slots=True)
class Coupon:
    """What a discount takes off: a share in millionths, or an amount in the currencies that it names.

    No `products`: every product. `maximum` is how often it can be redeemed in all, `redeem_by` the instant after which
    it cannot; what was redeemed goes on.
    """

    coupon_id: str
    duration: CouponDuration
    months: int | None = None
    ppm: int | None = None
    amounts: tuple[tuple[str, int], ...] = ()
    products: tuple[str, ...] = ()
    redeem_by: datetime | None = None
    maximum: int | None = None

    def amount(self, currency: str) -> int | None:
        """How many minor units it takes off in a currency; None for a share, and where it names no amount."""
        return dict(self.amounts).get(currency)

    def fits(self, product_id: str, currency: str) -> bool:
        """Whether it can take something off a price of the product in the currency; '' is a currency still open."""
        takes = self.ppm is not None or not currency or self.amount(currency) is not None
        return takes and (not self.products or product_id in self.products)

    def ends(self, starts_at: datetime, zone: ZoneInfo) -> datetime | None:
        """When a discount that starts then is over; None where time alone does not end it."""
        if self.months is None:
            return None
        return boundary(starts_at, Interval(IntervalUnit.MONTH, self.months), 1, zone)


@dataclass(frozen=True, slots=True)
class PromotionCode:
    """A word that gives a coupon: with its own maximum and expiry, for one customer or a first purchase only."""

    code: str
    maximum: int | None = None
    expires_at: datetime | None = None
    customer_id: str = ""
    first_purchase_only: bool = False


@dataclass(frozen=True, slots=True)
class Discount:
    """A coupon on a subscription, or, where `subscription_id` is '', on everything that a customer has.

    `until` is when it ended or will end; `used_by` the invoice that a discount for once was given to.
    """

    discount_id: str
    coupon: Coupon
    subscription_id: str
    starts_at: datetime
    until: datetime | None = None
    used_by: str = ""


@dataclass(frozen=True, slots=True)
class Discountable:
    """A line for time or usage, billed for the first time; `at` is when, of usage the last instant of its period."""

    product_id: str
    currency: str
    gross: int
    at: datetime


def speaking(discounts: Iterable[Discount], line: Discountable, invoice_id: str = "") -> Discount | None:
    """Find the one discount that speaks for a line of an invoice: the subscription's own before the customer's."""
    fitting = [each for each in discounts if _speaks(each, line, invoice_id)]
    return min(fitting, key=lambda each: not each.subscription_id, default=None)


def rebates(
    discounts: Sequence[Discount],
    lines: Sequence[Discountable],
    taken: Mapping[str, int] = MappingProxyType({}),
    invoice_id: str = "",
) -> tuple[Rebate | None, ...]:
    """Say what is taken off each of the lines that are billed together.

    An amount is spread over the lines that it speaks for, less what it has `taken` off others in their place.
    """
    spoken = [speaking(discounts, line, invoice_id) for line in lines]
    found = [_share(discount) if discount is not None else None for discount in spoken]
    for discount in dict.fromkeys(each for each in spoken if each is not None and each.coupon.ppm is None):
        mine = [index for index, each in enumerate(spoken) if each == discount]
        left = _left(discount, [lines[index] for index in mine], taken)
        for index, part in zip(mine, by_weight(left, [max(0, lines[index].gross) for index in mine]), strict=True):
            found[index] = Rebate(discount.discount_id, amount=part) if part else None
    return tuple(found)


def _speaks(discount: Discount, line: Discountable, invoice_id: str) -> bool:
    runs = discount.starts_at <= line.at and (discount.until is None or line.at < discount.until)
    free = discount.used_by in ("", invoice_id)
    return runs and free and line.gross > 0 and discount.coupon.fits(line.product_id, line.currency)


def _share(discount: Discount) -> Rebate | None:
    return Rebate(discount.discount_id, ppm=discount.coupon.ppm) if discount.coupon.ppm is not None else None


def _left(discount: Discount, lines: Sequence[Discountable], taken: Mapping[str, int]) -> int:
    """How much of an amount there still is for these lines of one currency."""
    whole = next((discount.coupon.amount(line.currency) or 0 for line in lines), 0)
    return max(0, whole - taken.get(discount.discount_id, 0))
