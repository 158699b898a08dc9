"""Amounts are read exactly or refused, and written in one way."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.amounts import MAX_AMOUNT, checked_amount, format_amount, parse_amount, parse_positive_amount
from billing.refusals import AmountOutOfRange

CALMLY = settings(deadline=None)


@CALMLY
@given(st.integers(-MAX_AMOUNT, MAX_AMOUNT), st.integers(0, 9))
def test_what_is_written_is_read_back(value: int, scale: int) -> None:
    assert parse_amount(format_amount(value, scale), scale) == value


@CALMLY
@given(st.text(max_size=12) | st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{0,4})?", fullmatch=True))
def test_any_text_is_read_exactly_or_refused_by_name(text: str) -> None:
    with suppress(AmountOutOfRange):
        assert parse_amount(text, 3) == Decimal(text) * 1000


@pytest.mark.parametrize(
    ("text", "scale", "value"),
    [
        ("0", 0, 0),
        ("-0", 2, 0),
        ("12", 0, 12),
        ("12", 2, 1200),
        ("0.1", 1, 1),
        ("1.50", 2, 150),
        ("-3.25", 2, -325),
        ("4611686018427387904", 0, 2**62),
        ("-4611686018.427387904", 9, -(2**62)),
    ],
)
def test_plain_decimals_are_exact(text: str, scale: int, value: int) -> None:
    assert parse_amount(text, scale) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " 1", "1 ", "+1", "1e3", "1E3", "NaN", "Infinity", "0x10", "1_000", "1,000", ".5", "5.", "007", "--1"),
        *("-", "\u0661", "\uff11", "1\n", "1.2.3", "\u22121", "9" * 5000, "1." + "0" * 5000),
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(AmountOutOfRange, match="plain decimal"):
        parse_amount(text, 2)


def test_more_decimals_than_the_scale_are_refused_even_if_zero() -> None:
    with pytest.raises(AmountOutOfRange, match="at most 1 decimals") as refused:
        parse_amount("1.50", 1, field="amount")

    assert (refused.value.code, refused.value.field, refused.value.facts()) == (
        "AMOUNT_OUT_OF_RANGE",
        "amount",
        {"scale": 1},
    )


@pytest.mark.parametrize("text", ["4611686018427387905", "-4611686018427387905", "9999999999999999999"])
def test_beyond_two_to_the_62_is_refused(text: str) -> None:
    with pytest.raises(AmountOutOfRange, match="at most 4611686018427387904"):
        parse_amount(text, 0)
    with pytest.raises(AmountOutOfRange, match="at most 4611686018427387904"):
        checked_amount(int(text), 0)


@pytest.mark.parametrize("text", ["0", "-1", "-0", "0.00"])
def test_where_something_must_be_taken_zero_and_less_are_refused(text: str) -> None:
    with pytest.raises(AmountOutOfRange, match="above zero"):
        parse_positive_amount(text, 2)


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [(0, 0, "0"), (0, 9, "0"), (1200, 2, "12"), (150, 2, "1.5"), (-5, 2, "-0.05"), (1, 9, "0.000000001"), (7, 0, "7")],
)
def test_amounts_are_written_in_one_way(value: int, scale: int, text: str) -> None:
    assert format_amount(value, scale) == text
