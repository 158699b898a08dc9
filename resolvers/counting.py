"""Reading what counters hold, with what was carried into their windows; of many at once in a few statements."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from billing.entitlements.rollover import carried, ended_counter, rolled_over
from billing.entitlements.sources import Aggregation, Usage
from models.stores.counters import Counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from billing.entitlements.sources import Allowance, Counter
    from models.reader import Reader
    from models.stores.counters import Beside
    from models.stores.giving import Holding
    from models.views import FeatureView

TICK = timedelta(microseconds=1)


class Metered(NamedTuple):
    """A counter of a customer and feature; None where nothing is counted."""

    customer: Holding
    feature: FeatureView
    counter: Counter | None


async def usage_of(
    read: Reader, customer: Holding, feature: FeatureView, counter: Counter | None, at: datetime
) -> Usage:
    """Read a counter as of an instant."""
    return (await usages_of(read, [Metered(customer, feature, counter)], at))[0]


async def usages_of(read: Reader, asked: Sequence[Metered], at: datetime, beside: Beside | None = None) -> list[Usage]:
    """Read many counters as of an instant, in the order in which they are asked for."""
    counted = {place: of for place, each in enumerate(asked) if (of := _counted(each)) is not None}
    usages = await read.usage.usages([*counted.values()], at, beside) if counted else []
    found = dict(zip(counted, usages, strict=True))
    rolled = await _rolled_into(read, {of: asked[place] for place, of in counted.items()}, at)
    for place, of in counted.items():
        if of in rolled:
            found[place] = found[place]._replace(rolled=rolled[of])
    return [found.get(place) or Usage() for place in range(len(asked))]


async def rolled_into(
    read: Reader, customer: Holding, feature: FeatureView, counter: Counter, at: datetime
) -> Allowance | None:
    """What the window that ended left, as the sources stood in its last instant and the ledger says."""
    of = Counted(customer.id, feature.id, counter, feature.aggregation)
    return (await _rolled_into(read, {of: Metered(customer, feature, counter)}, at)).get(of)


async def _rolled_into(read: Reader, asked: Mapping[Counted, Metered], at: datetime) -> dict[Counted, Allowance | None]:
    carrying = [of for of, each in asked.items() if each.feature.rolls_over and of.aggregation is Aggregation.SUM]
    last = {of: of.counter.start - TICK for of in carrying if of.counter.start}
    if not last:
        return {}
    moments = {(of.customer_id, at): (asked[of].customer, at) for of, at in last.items()}
    features = {of.feature_id: asked[of].feature for of in last}
    standing = await read.entitlements.standing_of([*moments.values()], [*features.values()])
    before = {of: standing[of.customer_id, at].about(of.feature_id) for of, at in last.items()}
    ended = {of: ended_counter(before[of], at, of.counter) for of, at in last.items()}
    windows = {of: of._replace(counter=window) for of, window in ended.items() if window}
    spent = await read.usage.limit_used_of([*windows.values()])
    burned = await read.usage.rolled_used_of([*last], at)
    amounts = {of: rolled_over(before[of], last[of], of.counter, spent[window]) for of, window in windows.items()}
    return {of: carried(amounts.get(of, 0), burned[of], of.counter) for of in last}


def _counted(of: Metered) -> Counted | None:
    if of.counter is None:
        return None
    return Counted(of.customer.id, of.feature.id, of.counter, of.feature.aggregation)
