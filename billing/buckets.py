"""A span of time cut at the boundaries of the local calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import Interval, Period, calendar_anchor, period_at
from billing.refusals import DateOutOfRange, TooManyBuckets

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from billing.calendar import IntervalUnit

MOST_BUCKETS = 1_000


def buckets(since: datetime, until: datetime, unit: IntervalUnit, zone: ZoneInfo) -> tuple[Period, ...]:
    """Cut the half-open span at every local midnight, Monday, first of month or of year, or hour by hour.

    Hours are whole ones counted from a midnight of the calendar, as windows that reset hourly are: where a clock is
    not moved by whole hours (Lord Howe), they are cut at half past for half of the year.

    The first and last piece may be shorter; a local day has 23 to 25 hours where the clock jumps. At most a thousand.
    """
    if until <= since:
        raise DateOutOfRange("The span ends after it begins.", field="until", earliest=since)
    pieces: list[Period] = []
    start = since
    while start < until:
        if len(pieces) == MOST_BUCKETS:
            raise TooManyBuckets(
                f"This span has more than {MOST_BUCKETS} buckets: ask for a shorter span or larger buckets.",
                field="bucket",
                most=MOST_BUCKETS,
            )
        end = min(until, period_at(calendar_anchor(zone), Interval(unit), start, zone).end)
        pieces.append(Period(start, end))
        start = end
    return tuple(pieces)
