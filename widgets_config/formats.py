"""Dates, amounts and money as the customer writes them; which numbers to show is decided elsewhere."""

from __future__ import annotations

from datetime import timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from babel.dates import format_date as babel_date
from babel.dates import format_interval as babel_interval
from babel.dates import format_time, format_timedelta, get_timezone_gmt
from babel.numbers import NumberPattern, format_currency, format_decimal, parse_pattern

from widgets_config.locales import formatting_locale

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

IntervalName: TypeAlias = Literal["day", "week", "month", "year"]

_EXACT = Context(prec=40)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_DAYS: Mapping[IntervalName, int] = {"day": 1, "week": 7, "month": 30, "year": 365}  # what babel takes each to be
_NEVER = 10**9


def format_date(instant: datetime, locale: str, zone: ZoneInfo) -> str:
    """The day of an instant in the customer's zone."""
    return babel_date(instant.astimezone(zone).date(), "long", locale=formatting_locale(locale))


def format_instant(instant: datetime, locale: str, zone: ZoneInfo) -> str:
    """Day, minute and zone of an instant, for what must not be misread: ends, deadlines, receipts."""
    spoken, local = formatting_locale(locale), instant.astimezone(zone)
    time = format_time(local, "short", tzinfo=zone, locale=spoken)
    name = get_timezone_gmt(local, "long", locale=spoken) if local.utcoffset() else "UTC"
    return f"{format_date(instant, locale, zone)}, {time} {name}"


def exact(value: int, scale: int) -> Decimal:
    """The number that `value` units of 10^-scale are."""
    return Decimal(value).scaleb(-scale, context=_EXACT)


def format_amount(value: int, scale: int, locale: str) -> str:
    """An amount of 10^-scale units with every digit that counts, and no trailing zeros."""
    return format_decimal(exact(value, scale), format="#,##0." + "#" * max(scale, 1), locale=formatting_locale(locale))


def format_money(value: int, scale: int, currency: str, locale: str) -> str:
    """Money of 10^-scale units; digits beyond the currency's own are kept where they say something."""
    amount, spoken = exact(value, scale), formatting_locale(locale)
    plain = format_currency(amount, currency, locale=spoken)
    if amount == round(amount, 2) or scale <= 2:  # noqa: PLR2004  (the usual two decimals; unit prices may have more)
        return plain
    return format_currency(amount, currency, locale=spoken, decimal_quantization=False)


def format_interval(count: int, unit: IntervalName, locale: str) -> str:
    """A length of time in words: three months."""
    length = timedelta(days=_DAYS[unit] * count)
    return format_timedelta(length, granularity=unit, threshold=_NEVER, locale=formatting_locale(locale))


def format_bill(minor: int, decimals: int, currency: str, locale: str) -> str:
    """Money of a bill, always with all decimals of its minor unit: a locale may think that a currency has fewer."""
    spoken = formatting_locale(locale)
    pattern = _with_decimals(spoken.currency_formats["standard"], decimals, decimals)
    written: str = pattern.apply(exact(minor, decimals), spoken, currency=currency, currency_digits=False)
    return written


def format_percent(ppm: int, locale: str) -> str:
    """A rate of so many millionths as a percentage with every digit that counts."""
    spoken = formatting_locale(locale)
    written: str = _with_decimals(spoken.percent_formats[None], 0, 4).apply(exact(ppm, 6), spoken)
    return written


def format_span(start: datetime, end: datetime, locale: str, zone: ZoneInfo) -> str:
    """From which day to which."""
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return babel_interval(first, last, "yMMMd", locale=formatting_locale(locale))


def format_days(start: datetime, end: datetime, locale: str, zone: ZoneInfo) -> str:
    """How many days of the calendar a piece of time has: a day is a day, also where a clock is set."""
    length = end.astimezone(zone).replace(tzinfo=None) - start.astimezone(zone).replace(tzinfo=None)
    days = Decimal(length // _MICROSECOND) / Decimal(_DAY // _MICROSECOND)
    return format_decimal(days, format="#,##0.##", locale=formatting_locale(locale))


def format_country(code: str, locale: str) -> str:
    """The name of a country; its letters where the locale has none."""
    return str(formatting_locale(locale).territories.get(code, code))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (babel says no more)


def _with_decimals(known: NumberPattern, least: int, most: int) -> NumberPattern:
    pattern = parse_pattern(known.pattern)
    pattern.frac_prec = (least, most)
    return pattern
