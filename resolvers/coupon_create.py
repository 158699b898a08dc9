"""Make a coupon: a share or an amount that discounts take off, how long, how often and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import format_amount, parse_positive_amount
from billing.dataclass import dataclass
from billing.discounts import ALL_OF_IT, CouponDuration
from billing.invoicing.settings import PERCENT_DECIMALS
from billing.money import Money, exponent
from billing.refusals import AlreadyExists, AmountOutOfRange, InvalidInput
from models.tables.coupon import CouponRow
from models.work import Happening
from resolvers import checks
from resolvers.access import not_found
from resolvers.acts import act, owner_environment
from resolvers.coupons import read_coupon

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from billing.entitlements.sources import Json
    from models.coupon_views import CouponView
    from models.work import Work
    from resolvers.context import Context

MOST_MONTHS = 120
MOST_REDEMPTIONS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class AmountOff:
    """An amount of one currency, as it was written."""

    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class CouponCreate:
    """The coupon to make: `percent_off` or `amounts_off`; no `products` means every product."""

    key: str
    name: str
    duration: CouponDuration
    months: int | None = None
    percent_off: str | None = None
    amounts_off: tuple[AmountOff, ...] = ()
    products: tuple[str, ...] = ()
    redeem_by: datetime | None = None
    maximum: int | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CouponCreated:
    """The coupon as it is now."""

    coupon: CouponView
    replayed: bool


async def create_coupon(ctx: Context, command: CouponCreate) -> CouponCreated:
    """Write a coupon; what it takes off never changes, another price is another coupon."""

    async def body(work: Work) -> dict[str, Any]:
        coupon = await _row(work, command)
        known = await work.coupons.coupon(coupon.key)
        if known is not None:
            raise AlreadyExists("A coupon with this key exists.", field="key", id=known.id)
        await work.coupons.add(coupon)
        await work.record(work.environment_id, Happening("coupon.created", coupon.id, {}, _told(coupon)))
        return {"coupon_id": coupon.id}

    outcome, replayed = await act(ctx, "couponCreate", command, owner_environment(ctx), body)
    return CouponCreated(await read_coupon(ctx, outcome["coupon_id"]), replayed)


async def _row(work: Work, command: CouponCreate) -> CouponRow:
    if (command.percent_off is None) == (not command.amounts_off):
        raise InvalidInput("Give percentOff or amountsOff, one of them.", field="percentOff")
    if (command.months is not None) != (command.duration is CouponDuration.MONTHS):
        raise InvalidInput("`months` goes with the duration MONTHS, and with no other.", field="months")
    if command.redeem_by is not None:
        checks.ahead(command.redeem_by, work.at, "redeemBy")
    return CouponRow(
        id=work.ids.new("cou"),
        environment_id=work.environment_id,
        key=checks.key(command.key),
        name=checks.text(command.name, "name"),
        duration=command.duration,
        months=command.months,
        ppm=None if command.percent_off is None else _ppm(command.percent_off),
        amounts=_amounts(command.amounts_off),
        products=await _products(work, command.products),
        redeem_by=command.redeem_by,
        maximum=command.maximum,
        created_at=work.at,
    )


def _ppm(percent: str) -> int:
    ppm = parse_positive_amount(percent, PERCENT_DECIMALS, field="percentOff")
    if ppm > ALL_OF_IT:
        raise AmountOutOfRange("A share is at most 100 percent.", field="percentOff", scale=PERCENT_DECIMALS)
    return ppm


def _amounts(given: Sequence[AmountOff]) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for each in given:
        currency = checks.currency(each.currency) or ""
        if currency in amounts:
            raise InvalidInput(f"{currency} is there twice.", field="amountsOff")
        amounts[currency] = parse_positive_amount(each.amount, exponent(currency), field="amountsOff")
    return amounts


async def _products(work: Work, refs: Sequence[str]) -> list[str]:
    found: list[str] = []
    for ref in refs:
        product = await work.catalog.product(ref)
        if product is None:
            raise not_found("Product", "productIds")
        found.append(product.id)
    return sorted(set(found))


def _told(coupon: CouponRow) -> dict[str, Json]:
    amounts: dict[str, Json] = {currency: Money(minor, currency).format() for currency, minor in coupon.amounts.items()}
    percent = None if coupon.ppm is None else format_amount(coupon.ppm, PERCENT_DECIMALS)
    return {"key": coupon.key, "duration": coupon.duration.value, "percentOff": percent, "amountsOff": amounts}
