"""Recurring time and pieces of it."""

from datetime import datetime

from billing import calendar
from billing.calendar import IntervalUnit
from schema.promise import about, object_type


@object_type
class Interval:
    """So many units of recurring time: a quarter is 3 months."""

    unit: IntervalUnit = about("The unit.")
    count: int = about("How many of it.")

    @classmethod
    def of(cls, interval: calendar.Interval) -> "Interval":
        """Show an interval."""
        return cls(unit=interval.unit, count=interval.count)


@object_type
class Period:
    """A half-open piece of time: `start` belongs to it, `end` does not."""

    start: datetime = about("The first instant of it.")
    end: datetime = about("The first instant after it.")

    @classmethod
    def of(cls, period: calendar.Period) -> "Period":
        """Show a period."""
        return cls(start=period.start, end=period.end)
