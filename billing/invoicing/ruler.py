"""How long a piece of time is, for sharing a price: exact, and additive over pieces."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.calendar import Interval, IntervalUnit, Period, period_at
from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

_MICROSECOND = timedelta(microseconds=1)
_MONTH = Interval(IntervalUnit.MONTH)
_MONTHS = frozenset({IntervalUnit.MONTH, IntervalUnit.YEAR})


class ProrationUnit(StrEnum):
    """In what a piece of a period is measured. (C17)"""

    SECOND = "SECOND"
    DAY = "DAY"
    MONTH = "MONTH"


PRORATION_UNIT_MEANINGS: Mapping[ProrationUnit, str] = MappingProxyType(
    {
        ProrationUnit.SECOND: "Elapsed time over the elapsed time of the interval.",
        ProrationUnit.DAY: "Whole days of the billing zone; the day of a change is what comes after. Hours as SECOND.",
        ProrationUnit.MONTH: "Whole billing months and the elapsed part of a broken one; days and weeks as SECOND.",
    },
)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures pieces of the periods of one subscription; its anchor and zone say where days and months begin.

    What is measured has an interval of its own: that of a line stays when the subscription's becomes another.
    """

    unit: ProrationUnit
    anchor: datetime
    zone: ZoneInfo

    def share(self, piece: Period, whole: Period, interval: Interval) -> Fraction:
        """Which part of `whole`, of such an interval, the piece is; 1 where the unit cannot tell it from nothing."""
        if piece == whole:
            return Fraction(1)
        length = self._between(whole, interval)
        if not length:  # an interval shorter than the unit: elapsed time is all there is
            return Fraction(_elapsed(piece), _elapsed(whole) or 1)
        return self._between(piece, interval) / length

    def _between(self, piece: Period, interval: Interval) -> Fraction:
        if self.unit is ProrationUnit.DAY and interval.unit is not IntervalUnit.HOUR:
            start, end = (at.astimezone(self.zone).toordinal() for at in (piece.start, piece.end))
            return Fraction(end - start)
        if self.unit is ProrationUnit.MONTH and interval.unit in _MONTHS:
            return self._months(piece.end) - self._months(piece.start)
        return Fraction(_elapsed(piece))

    def _months(self, at: datetime) -> Fraction:
        """How many billing months lie before an instant; only differences mean anything."""
        month = period_at(self.anchor, _MONTH, at, self.zone)
        local = month.start.astimezone(self.zone)
        return local.year * 12 + local.month + Fraction(_elapsed(Period(month.start, at)), _elapsed(month))


def _elapsed(piece: Period) -> int:
    return piece.length // _MICROSECOND
