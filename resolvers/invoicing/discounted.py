"""What is taken off time and usage that is billed for the first time, and which invoice used a discount up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from billing.amounts import MAX_AMOUNT
from billing.dataclass import dataclass
from billing.discounts import CouponDuration, Discountable, rebates
from billing.invoicing.differences import takes_the_place
from billing.invoicing.values import LineKind
from billing.money import rounded
from resolvers.discounting import USED, end
from resolvers.invoicing.lines import earlier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from billing.discounts import Discount
    from billing.invoicing.ruler import Ruler
    from billing.invoicing.values import Billed, Due, Rebate, Terms
    from models.invoice_views import LineView
    from models.reader import Reader
    from models.work import Work

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Speaking:
    """The discounts that speak for a subscription's time from an instant on, and its lines that wait and have one."""

    discounts: tuple[Discount, ...] = ()
    waiting: tuple[LineView, ...] = ()


NONE = Speaking()


async def speaking(read: Reader, customer_id: str, subscription_id: str, since: datetime) -> Speaking:
    """Gather what speaks for a subscription's time."""
    discounts = await read.discounts.that_speak(customer_id, subscription_id, since)
    if not any(each.coupon.amounts or _once(each) for each in discounts):
        return Speaking(tuple(discounts))
    waiting = [line for line in await read.invoices.waiting(customer_id) if line.discount_id]
    mine = tuple(line for line in waiting if line.subscription_id == subscription_id)
    others = [line for line in waiting if line.subscription_id != subscription_id]
    return Speaking(_not_promised(discounts, others), mine)


async def rebates_of_time(
    read: Reader, off: Speaking, dues: Iterable[Due], billed: Sequence[Billed], ruler: Ruler
) -> dict[tuple[str, Terms], Rebate]:
    """Say by slot what is taken off licensed time that is new; an amount is taken off once a period.

    What a line has billed already, or what comes in its place, takes no part: it keeps what that line has.
    """
    if not off.discounts:
        return {}
    new = [due for due in dues if not any(_stands(line, due) for line in billed)]
    products = await _products(read, [due.slot.plan_id for due in new])
    lines = [
        Discountable(
            products[due.slot.plan_id],
            due.slot.terms.currency,
            rounded(due.slot.terms.full(due.quantity) * ruler.share(due.period, due.natural, due.slot.terms.interval)),
            due.period.start,
        )
        for due in new
    ]
    found = rebates(off.discounts, lines, _taken(off, billed, new))
    return {due.slot.key: rebate for due, rebate in zip(new, found, strict=True) if rebate is not None}


async def with_usage_discounted(work: Work, lines: Sequence[LineView], invoice_id: str) -> list[LineView]:
    """Take off an invoice's usage what its period's last instant says; of amounts, what the other lines left.

    An amount was for the invoice of its period: of what was told later it takes nothing off.
    """
    here = {line.id for line in lines}
    found: dict[str, LineView] = {}
    for subscription_id in dict.fromkeys(line.subscription_id for line in lines if line.kind is LineKind.USAGE):
        mine = [line for line in lines if line.subscription_id == subscription_id]
        found |= await _usage_discounted(work, mine, here, invoice_id)
    return [found.get(line.id, line) for line in lines]


async def _usage_discounted(
    work: Work, mine: Sequence[LineView], here: Collection[str], invoice_id: str
) -> dict[str, LineView]:
    """Take off the usage of one subscription among its lines on an invoice; `here` are all that are on it."""
    usage = [line for line in mine if line.kind is LineKind.USAGE]
    customer_id, since = usage[0].customer_id, min(map(_last_instant, usage))
    discounts = tuple(await work.discounts.that_speak(customer_id, usage[0].subscription_id, since))
    if any(map(_once, discounts)):
        waiting = await work.invoices.waiting(customer_id)
        discounts = _not_promised(discounts, [line for line in waiting if line.id not in here])
    products = await _products(work, [line.plan_id for line in usage] if discounts else [])
    taken = _sums((line.discount_id, line.discount) for line in mine if line.kind is LineKind.PERIOD)
    spent = {each.discount_id: MAX_AMOUNT for each in discounts if each.coupon.amounts}
    late = {line.id for line in usage if spent and await earlier(work, line)}
    found: dict[str, LineView] = {}
    for told_late, gone in ((False, taken), (True, spent)):
        those = [line for line in usage if (line.id in late) is told_late]
        asked = [
            Discountable(products.get(line.plan_id, ""), line.currency, line.gross, _last_instant(line))
            for line in those
        ]
        for line, rebate in zip(those, rebates(discounts, asked, gone, invoice_id), strict=True):
            found[line.id] = less(line, rebate)
    return found


async def use_up(work: Work, invoice_id: str, lines: Iterable[LineView]) -> None:
    """End the discounts for once that the lines of an invoice have: it is the invoice that they were for."""
    given = sorted({line.discount_id for line in lines if line.discount} - {""})
    if not given:
        return
    for discount in (await work.discounts.by_ids(given)).values():
        if discount.coupon.terms.duration is CouponDuration.ONCE and discount.ended_at is None:
            await end(work, discount, USED, used_by=invoice_id)


def less(line: LineView, rebate: Rebate | None) -> LineView:
    """Take a rebate off a line's gross amount, and nothing else."""
    off = min(line.gross, rounded(rebate.of(line.gross, Fraction(1)))) if rebate else 0
    return replace(
        line,
        discount=off,
        net=line.gross - off,
        discount_id=rebate.discount_id if rebate else "",
        discount_ppm=rebate.ppm if rebate else None,
        discount_amount=rebate.amount if rebate else None,
    )


def _stands(line: Billed, due: Due) -> bool:
    covers = line.period.start <= due.period.start and due.period.end <= line.period.end
    return covers and takes_the_place(due.slot, line.slot)


def _taken(off: Speaking, billed: Iterable[Billed], new: Iterable[Due]) -> Mapping[str, int]:
    """What lines have of amounts already, by discount: those of the same interval; of one for once, all that wait."""
    naturals = {due.natural for due in new}
    here = {line.line_id: line.rebate for line in billed if line.natural in naturals and line.rebate is not None}
    once = {each.discount_id for each in off.discounts if _once(each)}
    pairs = [(rebate.discount_id, rebate.amount or 0) for rebate in here.values()]
    pairs += [
        (line.discount_id, line.discount) for line in off.waiting if line.id not in here and line.discount_id in once
    ]
    return _sums(pairs)


def _once(discount: Discount) -> bool:
    return discount.coupon.duration is CouponDuration.ONCE


def _not_promised(discounts: Iterable[Discount], elsewhere: Iterable[LineView]) -> tuple[Discount, ...]:
    """Leave out a discount for once that is off a line which waits for another invoice: that is the one it is for."""
    promised = {line.discount_id for line in elsewhere if line.discount}
    return tuple(each for each in discounts if not (_once(each) and each.discount_id in promised))


def _sums(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    sums: dict[str, int] = {}
    for discount_id, amount in pairs:
        sums[discount_id] = sums.get(discount_id, 0) + amount
    return sums


def _last_instant(line: LineView) -> datetime:
    if line.period is None:
        raise LookupError(line.id)
    return line.period.end - _INSTANT


async def _products(read: Reader, plan_ids: Collection[str]) -> dict[str, str]:
    """The product of each plan, by id."""
    found = await read.catalog.plans_by_id(sorted(set(plan_ids))) if plan_ids else {}
    return {key: plan.product_id for key, plan in found.items()}
