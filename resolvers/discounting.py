"""How a discount begins, and how it ends: by time, by the one invoice that it was for, or with its subscription."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from billing.dataclass import dataclass
from billing.redeeming import demand_buyer, demand_code_redeemable, demand_fit, demand_redeemable, exhausted
from billing.refusals import AlreadyDiscounted
from models.tables.coupon import DiscountRow
from models.work import Happening
from resolvers.coupons import found_code, found_coupon

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from billing.entitlements.sources import Json
    from billing.subscriptions import Facts, Scheduled
    from models.coupon_views import CouponView, DiscountView, PromotionCodeView
    from models.invoice_views import InvoiceView
    from models.reader import Reader
    from models.work import Work

EXPIRED, USED, SUBSCRIPTION_ENDED = "EXPIRED", "USED", "SUBSCRIPTION_ENDED"
REPLACED = "REPLACED"

Promised: TypeAlias = tuple[str, str]
"""A coupon by id, and the promotion code that gives it; '' where none does."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a discount is asked for with: a coupon, by id or key, or a promotion code."""

    coupon: str | None = None
    promotion_code: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a discount is put on: a subscription (its facts), or (None) all that a customer has."""

    customer_id: str
    currency: str
    zone: ZoneInfo
    facts: Facts | None = None

    @property
    def subscription_id(self) -> str:
        """The subscription's id; '' where it is the customer's as a whole."""
        return self.facts.id if self.facts else ""

    @property
    def field(self) -> str:
        """Which argument names it."""
        return "subscriptionId" if self.facts else "customer"

    def billed_from(self, at: datetime) -> datetime:
        """From when months count: of a subscription that waits or is tried, from its first billed period on."""
        return max(at, self.facts.starts_at, self.facts.trial_end or at) if self.facts else at


async def give(work: Work, given: Given, target: Target) -> str:
    """Put a coupon on its target, where that has none yet; answers the discount's id.

    The customer's sequence is taken. How often a coupon was redeemed is counted at the end, where it is decided.
    """
    coupon, code = await _named(work, given)
    await _demand_given(work, coupon, code, target, work.at)
    await _demand_fit(work, coupon, target)
    await _demand_none(work, target)
    await _redeem(work, coupon, code)
    return await begin(work, coupon, code, target, coupon.terms.ends(target.billed_from(work.at), target.zone))


async def promise(read: Reader, given: Given, target: Target, at: datetime, held: Collection[Promised]) -> Promised:
    """Check that a coupon can be given to a phase that is still to come; it is counted by `recount`.

    `held` are those that the schedule has counted for phases to come already.
    """
    coupon, code = await _named(read, given)
    wanted = coupon.id, code.id if code else ""
    if wanted not in held:
        await _demand_given(read, coupon, code, target, at)
    await _demand_fit(read, coupon, target)
    return wanted


def promised(changes: Iterable[Scheduled]) -> list[Promised]:
    """The coupons of phases that are still to come, each as often as it is counted, with their promotion codes."""
    phases = (change.phase for change in changes if change.phase is not None and change.phase.coupon_id)
    return [(phase.coupon_id, phase.promotion_code_id) for phase in phases]


async def recount(work: Work, gone: Iterable[Scheduled], coming: Iterable[Scheduled]) -> None:
    """Count coupons for the phases that come, whoever redeems them meanwhile; give back those of phases that do not."""
    before, after = Counter(promised(gone)), Counter(promised(coming))
    for (coupon_id, code_id), number in (before - after).items():
        await work.coupons.give_back(coupon_id, number)
        await work.coupons.give_code_back(code_id, number)
    for coupon_id, code_id in (after - before).elements():
        code = (await work.coupons.codes_by_ids([code_id])).get(code_id)
        await _redeem(work, await found_coupon(work, coupon_id), code)


async def begin(
    work: Work, coupon: CouponView, code: PromotionCodeView | None, target: Target, ends_at: datetime | None
) -> str:
    """Write a discount that begins now, and tell it; answers its id."""
    discount = DiscountRow(
        id=work.ids.new("dis"),
        environment_id=work.environment_id,
        customer_id=target.customer_id,
        subscription_id=target.subscription_id,
        coupon_id=coupon.id,
        promotion_code_id=code.id if code else "",
        starts_at=work.at,
        ends_at=ends_at,
        due_at=ends_at,
        created_at=work.at,
    )
    await work.discounts.add(discount)
    asked: dict[str, Json] = {
        "couponId": coupon.id,
        "subscriptionId": target.subscription_id or None,
        "promotionCode": code.terms.code if code else None,
        "endsAt": ends_at.isoformat() if ends_at else None,
    }
    await work.record(target.customer_id, Happening("discount.applied", discount.id, {}, asked))
    return discount.id


async def end_due(work: Work, customer_id: str) -> None:
    """End the customer's discounts whose time is over at the work's instant."""
    for discount in await work.discounts.due(customer_id, work.at):
        await end(work, discount, EXPIRED)


async def end_with(work: Work, subscription_id: str) -> None:
    """End what runs on a subscription that ends."""
    for discount in (await work.discounts.of_subscriptions([subscription_id])).values():
        await end(work, discount, SUBSCRIPTION_ENDED)


async def end(work: Work, discount: DiscountView, why: str, *, used_by: str = "") -> None:
    """End a discount that nobody removed, and tell why; the lines that have it keep it."""
    await work.discounts.end(discount.id, work.at, used_by=used_by)
    ended: dict[str, Json] = {**told(discount), "why": why}
    await work.record(discount.customer_id, Happening("discount.ended", discount.id, {}, ended))


async def come_back(work: Work, voided: InvoiceView) -> None:
    """Let the discounts for once that a voided invoice had used up take something off the next one.

    One stays used up where another invoice or line carries it too, its subscription has ended, or another runs there.
    """
    used = await work.discounts.used_by(voided)
    carried = await work.discounts.carried({each.id for each in used}, voided) if used else set[str]()
    for discount in used:
        if discount.id not in carried and await _has_room(work, discount):
            await work.discounts.begin_again(discount.id)
            await work.record(discount.customer_id, Happening("discount.came_back", discount.id, {}, told(discount)))


async def _has_room(work: Work, discount: DiscountView) -> bool:
    if not discount.subscription_id:
        return discount.customer_id not in await work.discounts.of_customers([discount.customer_id])
    view = await work.subscriptions.by_id(discount.subscription_id)
    running = await work.discounts.of_subscriptions([discount.subscription_id])
    return view is not None and view.facts.live and not running


def told(discount: DiscountView) -> dict[str, Json]:
    """What events tell of a discount."""
    return {"couponId": discount.coupon.id, "subscriptionId": discount.subscription_id or None}


async def _named(read: Reader, given: Given) -> tuple[CouponView, PromotionCodeView | None]:
    if given.promotion_code is None:
        return await found_coupon(read, given.coupon or ""), None
    code = await found_code(read, given.promotion_code, "promotionCode")
    return await found_coupon(read, code.coupon_id), code


async def _demand_given(
    read: Reader, coupon: CouponView, code: PromotionCodeView | None, target: Target, at: datetime
) -> None:
    """Refuse what cannot be redeemed any more, and a code that is not meant for this customer."""
    if code is not None:
        demand_code_redeemable(code.terms, code.redeemed, code.archived_at, at)
    demand_redeemable(coupon.terms, coupon.redeemed, coupon.archived_at, at)
    if code is not None:
        bought = code.terms.first_purchase_only and await read.coupons.bought(target.customer_id)
        demand_buyer(code.terms, target.customer_id, bought=bought)


async def _demand_fit(read: Reader, coupon: CouponView, target: Target) -> None:
    """Refuse what takes nothing off this subscription; on a customer as a whole it may wait for what fits."""
    products: Collection[str] = coupon.terms.products
    if target.facts is not None:
        plans = await read.catalog.plans_by_id(sorted({item.plan_id for item in target.facts.items}))
        products = {plan.product_id for plan in plans.values()}
    demand_fit(coupon.terms, products, target.currency)


async def _demand_none(work: Work, target: Target) -> None:
    if target.facts is None:
        running = (await work.discounts.of_customers([target.customer_id])).get(target.customer_id)
    else:
        running = (await work.discounts.of_subscriptions([target.facts.id])).get(target.facts.id)
    if running is not None:
        raise AlreadyDiscounted("There is a discount: remove it first.", field=target.field, discount_id=running.id)


async def _redeem(work: Work, coupon: CouponView, code: PromotionCodeView | None) -> None:
    """Count it; of those who ask at once, whoever comes after the last one is refused."""
    if not await work.coupons.redeem(coupon.id):
        raise exhausted(coupon.terms.maximum or 0)
    if code is not None and not await work.coupons.redeem_code(code.id):
        raise exhausted(code.terms.maximum or 0, "promotionCode")
