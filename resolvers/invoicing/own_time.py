"""Whose the time after an end is, in which what was paid for goes on: the customer may have bought again meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import Period
from models.stores.corrections import Place
from resolvers.invoicing.reckoning import COUNTING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from billing.subscriptions import Facts
    from models.invoice_views import LineView
    from models.reader import Reader
    from models.views import PriceView, SubscriptionView


async def own_time(read: Reader, line: LineView, views: Sequence[SubscriptionView]) -> list[Period]:
    """List the pieces of a usage line's time that are its subscription's to bill; `views` are its customer's there.

    What is used after an end is another subscription's where that bills the same feature of the same resource, so that
    nobody pays for it twice. Where several have ended it is that of the one that ended last.
    """
    if line.period is None:
        raise LookupError(line.id)
    own = next((each for each in views if each.id == line.subscription_id), None)
    if own is None or own.facts.ended_at is None or line.period.start < own.facts.ended_at:
        return [line.period]
    place = Place(line.customer_id, line.feature_id, own.resource_id)
    others = [each.facts for each in views if each.id != own.id]
    return _without(line.period, await _of_others(read, place, line.period, own.facts, others))


async def _of_others(
    read: Reader, place: Place, piece: Period, own: Facts, others: Sequence[Facts]
) -> list[tuple[datetime, datetime]]:
    """From when to when others bill the same feature: what they billed, and what they count or counted since."""
    if not others:
        return []
    lines = await read.invoices.usage_within(place, piece.start, piece.end)
    found: list[tuple[datetime, datetime]] = []
    for facts in others:
        billed = [each.period for each in lines if each.subscription_id == facts.id and each.period is not None]
        billed = [each for each in billed if facts.ended_at is None or each.start < facts.ended_at]
        found += [(each.start, each.end) for each in billed]
        if facts.ended_at is not None:
            since = max((facts.starts_at, facts.trial_end or facts.starts_at, *(each.end for each in billed)))
            prices = await read.catalog.prices_by_id(sorted({item.price_id for item in facts.items} - {""}))
            if _measures(prices, place.feature_id):
                found.append((since, _until(facts, facts.ended_at, own)))
        elif facts.status in COUNTING:
            cursors = await read.invoices.cursors(facts.id)
            prices = await read.catalog.prices_by_id(sorted(cursors))
            counting = [each for each in cursors if prices[each].feature_id == place.feature_id]
            found += [(cursors[each].billed_until, piece.end) for each in counting]
    return found


def _measures(prices: Mapping[str, PriceView], feature_id: str) -> bool:
    return any(price.feature_id == feature_id for price in prices.values())


def _until(facts: Facts, ended_at: datetime, own: Facts) -> datetime:
    """Until when one that has ended has usage: up to what was paid for, where it ended after the line's own."""
    later = own.ended_at is not None and (ended_at, facts.id) > (own.ended_at, own.id)
    return facts.access_until if later and facts.access_until is not None else ended_at


def _without(piece: Period, gone: Iterable[tuple[datetime, datetime]]) -> list[Period]:
    """What is left of a piece of time."""
    left: list[Period] = []
    start = piece.start
    for since, until in sorted(gone):
        if start < min(since, piece.end):
            left.append(Period(start, min(since, piece.end)))
        start = max(start, until)
    return [*left, Period(start, piece.end)] if start < piece.end else left
