"""Numbers and dates are written as the customer writes them, and lose nothing on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from widgets_config.formats import (
    format_amount,
    format_bill,
    format_country,
    format_date,
    format_instant,
    format_interval,
    format_money,
    format_percent,
)

MIDNIGHT = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "zone", "expected"),
    [
        ("en-GB", "UTC", "1 February 2026, 00:00 UTC"),
        ("de", "Europe/Berlin", "1. Februar 2026, 01:00 GMT+01:00"),
        ("fr-CA", "America/New_York", "31 janvier 2026, 19 h 00 UTC-05:00"),
        ("nonsense", "UTC", "February 1, 2026, 12:00\u202fAM UTC"),
    ],
)
def test_an_instant_is_shown_with_its_minute_and_offset(locale: str, zone: str, expected: str) -> None:
    assert (
        format_instant(MIDNIGHT, locale, ZoneInfo(zone)).replace("\N{MINUS SIGN}", "-").replace("\xa0", " ") == expected
    )


def test_a_day_is_the_day_of_the_customers_zone() -> None:
    assert format_date(MIDNIGHT, "en-GB", ZoneInfo("America/New_York")) == "31 January 2026"


@pytest.mark.parametrize(
    ("value", "scale", "locale", "expected"),
    [
        (812_000, 0, "en", "812,000"),
        (812_000, 0, "de", "812.000"),
        (1_500, 3, "de", "1,5"),
        (-1, 9, "en", "-0.000000001"),
        (2**62, 0, "en", "4,611,686,018,427,387,904"),
        (2**62, 9, "en", "4,611,686,018.427387904"),
        (10, 1, "en", "1"),
    ],
)
def test_an_amount_keeps_every_digit_that_counts(value: int, scale: int, locale: str, expected: str) -> None:
    assert format_amount(value, scale, locale) == expected


@pytest.mark.parametrize(
    ("value", "scale", "currency", "locale", "expected"),
    [
        (4_900, 2, "USD", "en", "$49.00"),
        (4_900, 2, "EUR", "de", "49,00\xa0€"),
        (500, 0, "JPY", "en", "¥500"),
        (5, 4, "EUR", "en", "€0.0005"),
        (500_000, 4, "EUR", "en", "€50.00"),
    ],
)
def test_money_is_shown_in_its_currency(value: int, scale: int, currency: str, locale: str, expected: str) -> None:
    assert format_money(value, scale, currency, locale) == expected


def test_a_length_of_time_is_exact_and_in_words() -> None:
    assert [format_interval(n, "month", "en") for n in (1, 3, 18)] == ["1 month", "3 months", "18 months"]
    assert [format_interval(n, "week", "de") for n in (1, 4, 52)] == ["1 Woche", "4 Wochen", "52 Wochen"]
    assert [format_interval(n, "year", "ar") for n in (2, 3)] == ["سنتان", "3 سنوات"]


@pytest.mark.parametrize(
    ("minor", "decimals", "currency", "locale", "expected"),
    [
        (1_250, 2, "AFN", "en", "AFN12.50"),
        (12, 0, "JPY", "de", "12\xa0¥"),
        (-1_234, 3, "KWD", "en", "-KWD1.234"),
        (123_456_789, 2, "EUR", "fr", "1\u202f234\u202f567,89\xa0€"),
    ],
)
def test_a_bill_shows_every_decimal_of_the_minor_unit(
    minor: int, decimals: int, currency: str, locale: str, expected: str
) -> None:
    assert format_bill(minor, decimals, currency, locale) == expected


@pytest.mark.parametrize(
    ("ppm", "locale", "expected"),
    [(190_000, "en", "19%"), (190_000, "de", "19\xa0%"), (88_750, "de", "8,875\xa0%"), (0, "en", "0%")],
)
def test_a_rate_shows_every_digit_that_counts(ppm: int, locale: str, expected: str) -> None:
    assert format_percent(ppm, locale) == expected


def test_a_country_is_called_as_the_customer_calls_it() -> None:
    assert [format_country("DE", locale) for locale in ("en", "de", "fr")] == ["Germany", "Deutschland", "Allemagne"]
    assert format_country("QQ", "en") == "QQ"
