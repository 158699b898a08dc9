"""The payments overview: how many subscriptions stand where, what they bring in a month, what is not paid yet. (K13)

The database counts; what differs is priced here once each. Subscriptions of which a due change waits for a worker are
read one by one, so that the answer is the same with a worker and without.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from billing.catalog.values import PriceUsage
from billing.dataclass import dataclass
from billing.lifecycle import State
from billing.mrr import Recurring, monthly, recurs, rounded_together
from models.invoice_views import OpenInvoices
from models.stores.overview import HeldItem, OverviewWanted, Shape
from resolvers.access import demand
from resolvers.invoicing.reckoning import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from billing.discounts import Coupon
    from models.reader import Reader
    from models.views import PriceView, SubscriptionView
    from resolvers.context import Context

READ_AT_ONCE = 500
"""How many subscriptions are read at once whose due change nobody made permanent."""


@dataclass(frozen=True, slots=True)
class OverviewFilter:
    """Which subscriptions are counted, by id or key of their plan or product; None asks for any."""

    plan: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Revenue:
    """What the subscriptions in one state bring in a month, in minor units."""

    state: State
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class PaymentsOverview:
    """The overview as of an instant; `totals` are minor units by currency, to which the revenues of its states sum."""

    at: datetime
    counts: Mapping[State, int]
    revenues: tuple[Revenue, ...]
    totals: tuple[tuple[str, int], ...]
    open_invoices: tuple[OpenInvoices, ...]


@dataclass(slots=True)
class _Sums:
    """What is added up on the way."""

    counts: Counter[State]
    shapes: Counter[Shape]
    invoices: Counter[str]
    remaining: Counter[str]

    def owe(self, found: Iterable[OpenInvoices]) -> None:
        """Add open invoices."""
        for each in found:
            self.invoices[each.currency] += each.count
            self.remaining[each.currency] += each.remaining


@dataclass(frozen=True, slots=True)
class _Prices:
    """What shapes name: prices, the products of plans, and the terms of coupons."""

    prices: Mapping[str, PriceView]
    products: Mapping[str, str]
    coupons: Mapping[str, Coupon]


async def payments_overview(ctx: Context, wanted: OverviewFilter) -> PaymentsOverview:
    """Count, price and sum up, in one snapshot; a plan or product that is not there has nothing."""
    demand(ctx, "paymentsOverview")
    async with ctx.read() as read:
        asked = await _wanted(read, wanted)
        sums = _Sums(Counter(), Counter(), Counter(), Counter())
        if asked is not None:
            sums.counts.update(await read.overviews.counts(asked))
            sums.shapes.update(await read.overviews.shapes(asked))
            sums.owe(await read.overviews.open_invoices(asked))
            await _add_unsettled(read, asked, sums)
        named = await _named(read, sums.shapes)
    revenues, totals = _priced(sums.shapes, named)
    left = tuple(OpenInvoices(each, sums.invoices[each], sums.remaining[each]) for each in sorted(sums.invoices))
    return PaymentsOverview(ctx.at, sums.counts, revenues, totals, left)


async def _wanted(read: Reader, wanted: OverviewFilter) -> OverviewWanted | None:
    """Turn references into ids; None where one of them leads nowhere."""
    plan = await read.catalog.plan(wanted.plan) if wanted.plan is not None else None
    product = await read.catalog.product(wanted.product) if wanted.product is not None else None
    if (wanted.plan is not None and plan is None) or (wanted.product is not None and product is None):
        return None
    return OverviewWanted(plan.id if plan else None, product.id if product else None)


async def _add_unsettled(read: Reader, asked: OverviewWanted, sums: _Sums) -> None:
    """Add what the database cannot judge, as the engine sees it."""
    ids = await read.overviews.unsettled("", READ_AT_ONCE)
    while ids:
        views = list((await read.subscriptions.by_ids(ids)).values())
        meant = [view for view in views if _meant(view, asked)]
        sums.counts.update(view.facts.state for view in meant)
        sums.shapes.update(await _shapes_of(read, meant))
        if asked != OverviewWanted():
            sums.owe(await read.overviews.open_invoices(asked, [view.id for view in meant]))
        ids = await read.overviews.unsettled(ids[-1], READ_AT_ONCE)


def _meant(view: SubscriptionView, asked: OverviewWanted) -> bool:
    return asked.plan_id in (None, view.facts.plan_id) and asked.product_id in (None, view.product_id)


async def _shapes_of(read: Reader, views: Sequence[SubscriptionView]) -> list[Shape]:
    billed = [each for each in views if recurs(each.facts)]
    if not billed:
        return []
    own = await read.discounts.of_subscriptions([view.id for view in billed])
    customers = await read.discounts.of_customers([view.customer_id for view in billed])
    return [
        Shape(
            view.facts.state,
            own[view.id].coupon.id if view.id in own else "",
            customers[view.customer_id].coupon.id if view.customer_id in customers else "",
            tuple(HeldItem(item.plan_id, item.price_id, item.quantity) for item in view.facts.items if item.price_id),
        )
        for view in billed
    ]


async def _named(read: Reader, shapes: Iterable[Shape]) -> _Prices:
    items = {item for shape in shapes for item in shape.items}
    coupons = sorted({each for shape in shapes for each in (shape.own, shape.customers) if each})
    plans = await read.catalog.plans_by_id(sorted({item.plan_id for item in items})) if items else {}
    prices = await read.catalog.prices_by_id(sorted({item.price_id for item in items})) if items else {}
    held = await read.coupons.by_ids(coupons) if coupons else {}
    products = {plan.id: plan.product_id for plan in plans.values()}
    return _Prices(prices, products, {each.id: each.terms for each in held.values()})


def _priced(shapes: Mapping[Shape, int], named: _Prices) -> tuple[tuple[Revenue, ...], tuple[tuple[str, int], ...]]:
    """Price each shape once, and round each currency once."""
    exact: dict[str, dict[State, Fraction]] = {}
    for shape, number in shapes.items():
        items = [_recurring(item, named) for item in shape.items if _licensed(item, named)]
        if items:
            brought = monthly(items, named.coupons.get(shape.own), named.coupons.get(shape.customers))
            sums = exact.setdefault(items[0].terms.currency, {})
            sums[shape.state] = sums.get(shape.state, Fraction(0)) + brought * number
    revenues: list[Revenue] = []
    totals: list[tuple[str, int]] = []
    for currency, parts in sorted(exact.items()):
        total, states = rounded_together({state: parts[state] for state in State if state in parts})
        totals.append((currency, total))
        revenues += [Revenue(state, currency, minor) for state, minor in states.items()]
    return tuple(revenues), tuple(totals)


def _recurring(item: HeldItem, named: _Prices) -> Recurring:
    return Recurring(named.products[item.plan_id], terms_of(named.prices[item.price_id]), item.quantity)


def _licensed(item: HeldItem, named: _Prices) -> bool:
    return named.prices[item.price_id].usage is PriceUsage.LICENSED
