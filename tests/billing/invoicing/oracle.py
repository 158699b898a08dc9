"""Dates and shares worked out plainly, with nothing of the engine: what the case table expects.

Boundaries are found by counting from the anchor, the gap of a clock by walking through it, shares as fractions.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

Piece = tuple[datetime, datetime]
Line = tuple[datetime, datetime, int]

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}
MINUTE = timedelta(minutes=1)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the zone's clock shows the local time, or has jumped over it."""
    at = local.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    at -= timedelta(hours=3)
    while at.astimezone(zone).replace(tzinfo=None) < local:
        at += MINUTE
    return at


def later(local: datetime, interval: str, times: int) -> datetime:
    """The local time so many intervals on: a month has its own last day, a year its own February."""
    if interval in DAYS:
        return local + timedelta(days=DAYS[interval] * times)
    month = local.month - 1 + MONTHS[interval] * times
    year, month = local.year + month // 12, month % 12 + 1
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))


def intervals(anchor: datetime, interval: str, zone: ZoneInfo) -> Iterator[Piece]:
    """The intervals from the anchor on."""
    for number in count():
        yield (
            instant(later(anchor, interval, number), zone),
            instant(later(anchor, interval, number + 1), zone),
        )


def around(at: datetime, anchor: datetime, interval: str, zone: ZoneInfo) -> Piece:
    """The interval that contains an instant."""
    return next(each for each in intervals(anchor, interval, zone) if each[0] <= at < each[1])


def seconds(piece: Piece) -> Fraction:
    """How long a piece lasts."""
    return Fraction((piece[1] - piece[0]) // timedelta(seconds=1))


def measure(piece: Piece, unit: str, interval: str, anchor: datetime, zone: ZoneInfo) -> Fraction:
    """How long a piece is in the unit."""
    if unit == "DAY":
        return Fraction((piece[1].astimezone(zone).date() - piece[0].astimezone(zone).date()).days)
    if unit == "MONTH" and interval in MONTHS:
        first, last = (months(at, anchor, zone) for at in piece)
        return last - first
    return seconds(piece)


def months(at: datetime, anchor: datetime, zone: ZoneInfo) -> Fraction:
    """How many months after the anchor: whole ones, and the part of the broken one."""
    for number, month in enumerate(intervals(anchor, "month", zone)):
        if month[0] <= at < month[1]:
            return number + seconds((month[0], at)) / seconds(month)
    raise AssertionError


def share(piece: Piece, whole: Piece, unit: str, interval: str, anchor: datetime, zone: ZoneInfo) -> Fraction:
    """Which part of the whole a piece is."""
    return measure(piece, unit, interval, anchor, zone) / measure(whole, unit, interval, anchor, zone)


def half_away(value: Fraction) -> int:
    """The nearest whole number of a positive fraction; a half goes up."""
    return int(value + Fraction(1, 2))


def ahead(
    begin: datetime, end: datetime, price: int, unit: str, interval: str, anchor: datetime, zone: str
) -> list[Line]:
    """The lines where the end is known before its interval begins."""
    place, lines = ZoneInfo(zone), list[Line]()
    for whole in intervals(anchor, interval, place):
        piece = max(whole[0], begin), min(whole[1], end)
        if piece[0] < piece[1]:
            lines.append((*piece, half_away(price * share(piece, whole, unit, interval, anchor, place))))
        if whole[1] >= end:
            return lines
    raise AssertionError


def late(
    begin: datetime, end: datetime, price: int, unit: str, interval: str, anchor: datetime, zone: str
) -> list[Line]:
    """The lines where the last interval was billed to its own end, and is cut at the end: its line is credited."""
    place = ZoneInfo(zone)
    whole = around(end, anchor, interval, place)
    lines = ahead(begin, whole[1], price, unit, interval, anchor, zone)
    first, last, amount = lines[-1]
    back = half_away(amount * share((end, last), (first, last), unit, interval, anchor, place))
    return [*lines, (end, last, -back)] if back else lines  # what gives nothing back is no line
