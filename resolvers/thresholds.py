"""Telling that a part of a limit is reached: once a window and limit, in the transaction that reached it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import format_amount
from billing.entitlements.thresholds import reached
from models.work import Happening

if TYPE_CHECKING:
    from billing.entitlements.sources import Counter, Feature
    from models.work import Work


async def tell_thresholds(
    work: Work, customer_id: str, feature: Feature, counter: Counter, limit: int | None, before: int, used: int
) -> None:
    """Tell of every threshold that is reached and was not told of in this window; windows that ended are silent.

    One that was told of is told of again when the limit has been raised since and it is crossed again.
    """
    hit = reached(feature.thresholds, limit, used)
    if limit is None or not hit or (counter.end is not None and counter.end <= work.at):
        return
    marked = await work.thresholds.marked(customer_id, feature.id, counter)
    stood = reached(feature.thresholds, limit, before)
    for threshold in [each for each in hit if each not in marked or (marked[each] < limit and each not in stood)]:
        await work.thresholds.mark(customer_id, feature.id, counter, threshold, limit)
        told = {
            "featureId": feature.id,
            "resource": counter.resource,
            "threshold": threshold,
            "used": format_amount(used, feature.scale),
            "limit": format_amount(limit, feature.scale),
            "resetsAt": counter.end.isoformat() if counter.end else None,
        }
        await work.record(customer_id, Happening("entitlement.threshold_reached", feature.id, {}, told))
