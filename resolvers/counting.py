"""Reading what a counter holds, with what was carried into its window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.entitlements.rollover import carried, ended_counter, rolled_over

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.sources import Allowance, Counter, Usage
    from models.reader import Reader
    from models.views import CustomerView, FeatureView

TICK = timedelta(microseconds=1)


async def usage_of(
    read: Reader, customer: CustomerView, feature: FeatureView, counter: Counter | None, at: datetime
) -> Usage:
    """Read a counter as of an instant."""
    usage = await read.usage.usage(customer.id, feature.id, counter, at)
    return usage if counter is None else replace(usage, rolled=await rolled_into(read, customer, feature, counter, at))


async def rolled_into(
    read: Reader, customer: CustomerView, feature: FeatureView, counter: Counter, at: datetime
) -> Allowance | None:
    """What the window that ended left, as the sources stood in its last instant and the ledger says."""
    if not feature.rolls_over or counter.start is None:
        return None
    last = counter.start - TICK
    before = (await read.entitlements.sources(customer, [feature], last))[feature.id]
    ended = ended_counter(before, last, counter)
    amount = 0
    if ended is not None:
        used = await read.usage.limit_used(customer.id, feature.id, ended)
        amount = rolled_over(before, last, counter, used)
    return carried(amount, await read.usage.rolled_used(customer.id, feature.id, counter, at), counter)
