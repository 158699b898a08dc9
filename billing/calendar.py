"""Time as contracts mean it: instants are UTC, periods half-open, calendar arithmetic happens on the local clock.

A local time that a jump of the clock skips is the first instant after the jump; one that comes twice is the first of
the two. Hours are elapsed time. What falls outside the years 1 to 9999 is refused as `DateOutOfRange`.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import DateOutOfRange, InvalidInput

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)

_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_MONTHS_A_YEAR = 12
_FIRST_OF_CALENDAR = datetime(2001, 1, 1)  # noqa: DTZ001  (local by meaning; a Monday, so weeks begin on Mondays)


class IntervalUnit(StrEnum):
    """A unit of recurring time."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class Interval:
    """`count` units, at least one: a quarter is 3 months."""

    unit: IntervalUnit
    count: int = 1

    def __post_init__(self) -> None:
        """Refuse what does not move time forward."""
        if self.count < 1:
            raise InvalidInput(message="An interval has at least one unit.", field="count")


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open piece of time: `start` belongs to it, `end` does not."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.end < self.start:
            raise InvalidInput(message="A period ends after it starts.", field="end")

    @property
    def length(self) -> timedelta:
        """Elapsed time from start to end."""
        return self.end - self.start

    def contains(self, at: datetime) -> bool:
        """Whether the instant lies inside."""
        return self.start <= at < self.end

    def remaining(self, at: datetime) -> Fraction:
        """The exact part of the elapsed time that is still to come at `at`: 1 up to the start, 0 from the end on."""
        if at >= self.end:
            return Fraction(0)
        left = self.end - max(at, self.start)
        return Fraction(left // _MICROSECOND, self.length // _MICROSECOND)


def local_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the zone's clock shows the naive `local`; skipped: first after, doubled: first of two."""
    try:
        return _instant(local, zone)
    except (OverflowError, ValueError) as error:
        raise _out_of_range() from error


def boundary(anchor: datetime, interval: Interval, index: int, zone: ZoneInfo) -> datetime:
    """The `index`-th boundary counted from the anchor, which is number 0; negative numbers lie before it.

    Boundaries never go back; two coincide only where a zone skipped a whole local day (Apia, 30 December 2011).
    """
    try:
        return _boundary(anchor, interval, index, zone)
    except (OverflowError, ValueError) as error:
        raise _out_of_range() from error


@lru_cache(maxsize=4096)
def period_at(anchor: datetime, interval: Interval, at: datetime, zone: ZoneInfo) -> Period:
    """The half-open period between two boundaries that contains `at`; it is never empty."""
    try:
        index = _index_near(anchor, interval, at, zone)
        start = _boundary(anchor, interval, index, zone)
        while start > at:
            index -= 1
            start = _boundary(anchor, interval, index, zone)
        end = _boundary(anchor, interval, index + 1, zone)
        while end <= at:
            index += 1
            start, end = end, _boundary(anchor, interval, index + 1, zone)
    except (OverflowError, ValueError) as error:
        raise _out_of_range() from error
    return Period(start, end)


def first_boundary_after(anchor: datetime, interval: Interval, at: datetime, zone: ZoneInfo) -> datetime:
    """The first boundary strictly after `at`."""
    return period_at(anchor, interval, at, zone).end


def midnight_after(at: datetime, zone: ZoneInfo, days: int = 0) -> datetime:
    """The local midnight that ends the day `days` days after that of `at`: 10 Jan 14:00 and 30 give 10 Feb 00:00."""
    try:
        local = at.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0, fold=0)
        return _instant(local + (days + 1) * _DAY, zone)
    except (OverflowError, ValueError) as error:
        raise _out_of_range() from error


def months_after(at: datetime, zone: ZoneInfo, months: int) -> datetime:
    """The same local day and time so many months later, or the last day of a shorter month."""
    try:
        return _instant(_months_later(at.astimezone(zone).replace(tzinfo=None, fold=0), months), zone)
    except (OverflowError, ValueError) as error:
        raise _out_of_range() from error


@lru_cache(maxsize=1024)
def calendar_anchor(zone: ZoneInfo) -> datetime:
    """An instant from which every calendar hour, day, week (from Monday), month and year of the zone can be counted."""
    return _instant(_FIRST_OF_CALENDAR, zone)


def _out_of_range() -> DateOutOfRange:
    return DateOutOfRange(message="The instant is outside the calendar.", earliest=EARLIEST, latest=LATEST)


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    first = local.replace(tzinfo=zone, fold=0)
    before, after = _offset(first), _offset(first.replace(fold=1))
    at = (local - before).replace(tzinfo=UTC, fold=0)
    return at if before >= after else _jump(at - (after - before), at, zone)


def _jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant in (low, high] at which the zone's clock jumps forward; jumps lie on whole seconds."""
    old = _offset(low.astimezone(zone))
    low = low.replace(microsecond=0)
    steps = -((low - high) // _SECOND)
    near, far = 0, steps
    while far - near > 1:
        middle = (near + far) // 2
        if _offset((low + middle * _SECOND).astimezone(zone)) == old:
            near = middle
        else:
            far = middle
    return low + far * _SECOND


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _boundary(anchor: datetime, interval: Interval, index: int, zone: ZoneInfo) -> datetime:
    if index == 0:
        return anchor
    count = index * interval.count
    if interval.unit is IntervalUnit.HOUR:
        return anchor + timedelta(hours=count)
    local = anchor.astimezone(zone).replace(tzinfo=None, fold=0)
    if interval.unit is IntervalUnit.DAY:
        return _instant(local + timedelta(days=count), zone)
    if interval.unit is IntervalUnit.WEEK:
        return _instant(local + timedelta(weeks=count), zone)
    months = count if interval.unit is IntervalUnit.MONTH else count * _MONTHS_A_YEAR
    return _instant(_months_later(local, months), zone)


def _months_later(local: datetime, months: int) -> datetime:
    """The same day of a later month, or the last one where that month is shorter."""
    year, month = divmod(local.year * _MONTHS_A_YEAR + local.month - 1 + months, _MONTHS_A_YEAR)
    if not EARLIEST.year <= year <= LATEST.year:
        raise OverflowError
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))


def _index_near(anchor: datetime, interval: Interval, at: datetime, zone: ZoneInfo) -> int:
    """The number of the period that contains `at`, or one close by."""
    if interval.unit is IntervalUnit.HOUR:
        return (at - anchor) // timedelta(hours=interval.count)
    origin, local = anchor.astimezone(zone), at.astimezone(zone)
    if interval.unit in (IntervalUnit.DAY, IntervalUnit.WEEK):
        days = local.date().toordinal() - origin.date().toordinal()
        return days // (interval.count * (7 if interval.unit is IntervalUnit.WEEK else 1))
    months = (local.year - origin.year) * _MONTHS_A_YEAR + local.month - origin.month
    return months // (interval.count * (_MONTHS_A_YEAR if interval.unit is IntervalUnit.YEAR else 1))
