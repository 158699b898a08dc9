"""What the scalars take, what they refuse, and that nothing is lost on the way."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from billing.amounts import MAX_AMOUNT, format_amount, parse_amount
from schema.build import schema
from schema.scalars import (
    DEEPEST_JSON,
    LARGEST_JSON,
    parse_instant,
    parse_json,
    parse_metadata,
    write_amount,
    write_instant,
)
from schema.scalars import (
    parse_amount as amount,
)
from tests.schema.test_printed import CORE

GRANT = '{customer: {id: "x"} feature: "f"'
INSTANTS = {
    "2026-01-31T00:00:00Z": datetime(2026, 1, 31, tzinfo=UTC),
    "2026-01-31t00:00:00z": datetime(2026, 1, 31, tzinfo=UTC),
    "2026-01-31T00:00:00.5Z": datetime(2026, 1, 31, 0, 0, 0, 500_000, tzinfo=UTC),
    "2026-01-31T00:00:00.000001+01:00": datetime(2026, 1, 30, 23, 0, 0, 1, tzinfo=UTC),
    "2024-02-29T23:59:59-12:00": datetime(2024, 3, 1, 11, 59, 59, tzinfo=UTC),
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59.999999Z": datetime.max.replace(tzinfo=UTC),
}
NO_INSTANTS: tuple[Any, ...] = (
    "2026-01-31",
    "2026-01-31T00:00:00",
    "2026-01-31 00:00:00Z",
    "2026-01-31T00:00Z",
    "20260131T000000Z",
    "2026-W05-6T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T23:59:60Z",
    "2026-01-31T00:00:00+24:00",
    "2026-01-31T00:00:00.1234567Z",
    "2026-01-31T00:00:00,5Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "12026-01-31T00:00:00Z",
    "٢٠٢٦-01-31T00:00:00Z",
    "2026-01-31T00:00:00Z\n",
    "",
    1_769_817_600,
    1.5,
    True,
    None,
    [],
    {},
)
AMOUNTS = ("0", "12", "0.5", "-3", "007", "1." + "0" * 40, "9" * 40)
NO_TEXTS = ("", ".5", "5.", "+1", "1e3", "1,5", " 1", "1 ", "NaN", "٣", "9" * 41, "1\n")
NO_AMOUNTS: tuple[Any, ...] = (*NO_TEXTS, 1, 1.5, True, None)
NO_JSON: tuple[Any, ...] = (
    2**63,
    -(2**63) - 1,
    float("nan"),
    float("inf"),
    "\x00",
    "\ud800",
    {"\x00": 1},
    {"a": ["\udfff"]},
    "x" * 10_001,
    [0] * LARGEST_JSON,
    object(),
)
NO_METADATA: tuple[Any, ...] = (None, 1, "a", [], {"a": 1}, {"a": None}, {"a": {}})


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(("text", "instant"), INSTANTS.items())
def test_an_instant_is_taken_with_its_offset_and_kept_in_utc(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize("text", NO_INSTANTS)
def test_what_is_no_instant_is_refused_in_words(text: object) -> None:
    with pytest.raises(GraphQLError, match="Instant"):
        parse_instant(text)


def test_an_instant_is_written_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert write_instant(datetime(2026, 1, 31, tzinfo=berlin)) == "2026-01-30T23:00:00Z"
    assert write_instant(datetime(1, 1, 1, 0, 0, 0, 5, tzinfo=UTC)) == "0001-01-01T00:00:00.000005Z"
    with pytest.raises(GraphQLError):
        write_instant(datetime(2026, 1, 31))


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_comes_back_as_it_was(instant: datetime) -> None:
    assert parse_instant(write_instant(instant)) == instant


@pytest.mark.parametrize("text", AMOUNTS)
def test_an_amount_is_taken_as_it_stands(text: str) -> None:
    assert write_amount(amount(text)) == text


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_is_no_amount_is_refused_in_words(text: object) -> None:
    with pytest.raises(GraphQLError, match="Amount"):
        amount(text)


@given(st.integers(-MAX_AMOUNT, MAX_AMOUNT), st.integers(0, 9))
def test_an_amount_comes_back_as_it_was(value: int, scale: int) -> None:
    assert parse_amount(amount(format_amount(value, scale)), scale) == value


@pytest.mark.parametrize("value", NO_JSON, ids=range(len(NO_JSON)))
def test_json_that_cannot_be_kept_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        parse_json(value)


def test_json_is_bounded_in_depth() -> None:
    assert parse_json(nested(DEEPEST_JSON)) == nested(DEEPEST_JSON)
    with pytest.raises(GraphQLError):
        parse_json(nested(DEEPEST_JSON + 1))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=4),
        max_leaves=20,
    )
)
def test_json_comes_back_as_it_was(value: Any) -> None:
    assert json.loads(json.dumps(parse_json(value))) == value


def test_metadata_is_an_object_of_strings() -> None:
    assert parse_metadata({"team": "north", "": ""}) == {"team": "north", "": ""}
    for value in NO_METADATA:
        with pytest.raises(GraphQLError, match="Metadata"):
            parse_metadata(value)


def test_the_scalars_are_these() -> None:
    ours = {name for name, kind in CORE.type_map.items() if type(kind).__name__ == "GraphQLScalarType"}

    assert ours == {"Boolean", "ID", "Int", "String", "Instant", "Amount", "JSON", "Metadata"}


BAD_ARGUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Instant": ('query ($at: Instant) { entitlements(customer: {id: "x"}, at: $at) { at } }', {"at": "2026-01-01"}),
    "An Instant": ('{ entitlements(customer: {id: "x"}, at: 5) { at } }', {}),
    "Amount": (
        "mutation ($x: UsageReportInput!) { usageReport(input: $x) { __typename } }",
        {"x": {"customer": {"id": "x"}, "feature": "f", "idempotencyKey": "k", "value": 1.5}},
    ),
    "64 bits": (f"mutation {{ grantCreate(input: {GRANT} value: {2**70}}}) {{ __typename }} }}", {}),
    "finite": (f"mutation {{ grantCreate(input: {GRANT} value: [{{a: 1e999}}]}}) {{ __typename }} }}", {}),
    "as a variable": (f"mutation ($v: JSON) {{ grantCreate(input: {GRANT} value: {{a: $v}}}}) {{ __typename }} }}", {}),
    "32-bit": ("query ($n: Int!) { customers(first: $n) { __typename } }", {"n": 2**40}),
    "exactly one key": ("query ($x: CustomerRef!) { customer(ref: $x) { id } }", {"x": {}}),
}


@pytest.mark.parametrize(("words", "asked"), BAD_ARGUMENTS.items(), ids=BAD_ARGUMENTS.keys())
def test_what_does_not_fit_is_refused_before_anything_is_asked(words: str, asked: tuple[str, dict[str, Any]]) -> None:
    result = schema.execute_sync(asked[0], variable_values=asked[1])

    assert result.data is None
    assert [words in error.message for error in result.errors or []] == [True]
