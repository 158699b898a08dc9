"""Money stays exact: one currency, whole minor units, one rounding."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.money import CURRENCIES, OTHER_EXPONENTS, Money, UnitPrice, exponent, rounded
from billing.refusals import AmountOutOfRange, CurrencyMismatch, InvalidInput

CALMLY = settings(deadline=None)
monies = st.builds(Money, st.integers(-(10**15), 10**15), st.sampled_from(sorted(CURRENCIES)))


@CALMLY
@given(monies)
def test_what_is_written_is_read_back(money: Money) -> None:
    assert Money.parse(money.format(), money.currency) == money


@CALMLY
@given(st.integers(-(10**12), 10**12), st.fractions(0, 1))
def test_a_part_and_its_opposite_cancel_out(minor: int, part: Fraction) -> None:
    money = Money(minor, "EUR")

    assert money.share(part) + (-money).share(part) == Money(0, "EUR")
    assert abs(Fraction(money.share(part).minor) - minor * part) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("value", "whole"),
    [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("-5/2", -3), ("49/100", 0), ("-49/100", 0), ("7", 7), ("251/100", 3)],
)
def test_halves_are_rounded_away_from_zero(value: str, whole: int) -> None:
    assert rounded(Fraction(value)) == whole


@pytest.mark.parametrize(("currency", "decimals"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("HUF", 2)])
def test_the_minor_unit_follows_the_standard(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


def test_every_unusual_currency_is_a_currency() -> None:
    assert set(OTHER_EXPONENTS) <= CURRENCIES
    assert sorted(set(OTHER_EXPONENTS.values())) == [0, 3, 4]
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "XAU", "EURO", "US$"])
def test_unknown_currencies_are_refused(currency: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Money(1, currency)

    assert refused.value.field == "currency"


def test_currencies_are_never_mixed() -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        Money(1, "EUR") + Money(1, "USD")

    assert refused.value.facts() == {"currency": "EUR"}
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") - Money(1, "JPY")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(1230, "USD", "12.30"), (-5, "KWD", "-0.005"), (12, "JPY", "12"), (0, "EUR", "0.00"), (-100, "EUR", "-1.00")],
)
def test_money_is_written_with_its_own_decimals(minor: int, currency: str, text: str) -> None:
    assert Money(minor, currency).format() == text


def test_more_decimals_than_the_currency_has_are_refused() -> None:
    with pytest.raises(AmountOutOfRange):
        Money.parse("1.5", "JPY")
    with pytest.raises(AmountOutOfRange):
        Money(2**62 + 1, "JPY")


@pytest.mark.parametrize(
    ("text", "currency", "written", "quantity", "total"),
    [
        ("0.0025", "USD", "0.0025", 201, 50),
        ("0.0025", "USD", "0.0025", 202, 51),
        ("10", "USD", "10.00", 3, 3000),
        ("0.5", "JPY", "0.5", 3, 2),
        ("0.000000001", "KWD", "0.000000001", 10**6, 1),
        ("7", "JPY", "7", Fraction(1, 2), 4),
    ],
)
def test_unit_prices_are_exact_and_rounded_once(
    text: str, currency: str, written: str, quantity: Fraction | int, total: int
) -> None:
    price = UnitPrice.parse(text, currency)

    assert price.format() == written
    assert price.total(quantity) == Money(total, currency)


def test_unit_prices_refuse_what_they_cannot_hold() -> None:
    with pytest.raises(AmountOutOfRange):
        UnitPrice.parse("0.0000000001", "USD")
    with pytest.raises(InvalidInput):
        UnitPrice(1, "XXX")
