"""What was measured, as lines: in arrears, tiers from zero in each billing period, never a fraction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.entitlements.sources import Aggregation, Counter
from billing.invoicing.values import LineKind
from billing.money import rounded
from models.stores.counters import Counted
from resolvers.invoicing.lines import earlier, line_of, told_at_once
from resolvers.invoicing.own_time import own_time
from resolvers.invoicing.reckoning import metered, terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from billing.invoicing.policy import TaxRule
    from billing.subscriptions import Facts, Item
    from models.invoice_views import LineView
    from models.reader import Reader
    from models.views import PriceView, SubscriptionView
    from models.work import Work


async def measured(
    work: Work,
    customer_id: str,
    before: Facts,
    items: Iterable[Item],
    since: Mapping[str, datetime],
    until: datetime,
    tax: TaxRule | None,
) -> list[LineView]:
    """Make the lines of the usage of metered items, from their cursors on; without a cursor nothing is open."""
    prices = await work.catalog.prices_by_id(sorted({item.price_id for item in items} - {""}))
    resource = await work.subscriptions.resource(before.id)
    made: list[LineView] = []
    for item in metered(items, prices):
        start = since.get(item.price_id)
        if start is None or start >= until:
            continue
        price = prices[item.price_id]
        line = usage_line(work, customer_id, before.id, item, price, Period(start, until), tax)
        made.append(await counted(work, line, price, resource))
    return made


def usage_line(
    work: Work, customer_id: str, subscription_id: str, item: Item, price: PriceView, piece: Period, tax: TaxRule | None
) -> LineView:
    """Begin the line of an item's usage in a piece of time; it is not counted yet."""
    return replace(
        line_of(work, LineKind.USAGE, customer_id, subscription_id, price.currency, tax),
        plan_id=item.plan_id,
        price_id=item.price_id,
        add_on=item.add_on,
        feature_id=price.feature_id,
        period=piece,
        natural=piece,
    )


async def counted_again(work: Work, lines: Sequence[LineView]) -> list[LineView]:
    """Count the usage among lines anew, each of its own subscription's resource: more may have been reported since."""
    usage = [line for line in lines if line.kind is LineKind.USAGE]
    if not usage:
        return list(lines)
    prices = await work.catalog.prices_by_id(sorted({line.price_id for line in usage}))
    now: dict[str, LineView] = {}
    there: dict[str, list[SubscriptionView]] = {}
    for line in usage:
        resource = await work.subscriptions.resource(line.subscription_id)
        if not told_at_once(line) and resource not in there:
            there[resource] = await work.subscriptions.at_resource(line.customer_id, resource)
        own = await own_time(work, line, [] if told_at_once(line) else there[resource])
        now[line.id] = await counted(work, line, prices[line.price_id], resource, await earlier(work, line), own)
    return [now.get(line.id, line) for line in lines]


async def counted(
    read: Reader,
    line: LineView,
    price: PriceView,
    resource: str,
    before: Sequence[LineView] = (),
    within: Sequence[Period] | None = None,
) -> LineView:
    """Count a usage line's piece of time, and price it whole; less than nothing counts as nothing.

    A level is from nothing in each piece. Of a piece that lines `before` it billed it is what is more by now: in
    number, and in what the whole of it costs. Where parts of the piece are given, only what was used `within` counts.
    """
    if line.period is None:
        raise LookupError(line.id)
    known, asked = sum(each.quantity for each in before), sum(each.gross for each in before)
    feature = (await read.catalog.features_by_id([line.feature_id]))[line.feature_id]
    windows = [Counter(resource, part.start, part.end) for part in ([line.period] if within is None else within)]
    totals = [
        await read.usage.total(Counted(line.customer_id, feature.id, each, feature.aggregation)) for each in windows
    ]
    total = max(known, _together(totals, feature.aggregation))
    gross = max(0, rounded(terms_of(price).full(total, feature.scale)) - asked)
    counted_ = replace(line, quantity=total - known, gross=gross, net=gross - line.discount)
    return replace(counted_, name=feature.name, unit=feature.unit)


def _together(totals: Sequence[int], aggregation: Aggregation) -> int:
    """What the parts of a piece come to; the latest value is that of the last part which has one."""
    if aggregation is Aggregation.SUM:
        return sum(totals)
    if aggregation is Aggregation.MAX:
        return max(totals, default=0)
    return next((each for each in reversed(totals) if each), 0)
