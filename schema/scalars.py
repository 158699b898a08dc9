"""The scalars: instants, exact decimals, JSON and metadata. What does not fit is refused by name, never by accident."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NewType, cast

import strawberry
from strawberry.exceptions import StrawberryGraphQLError
from strawberry.types.scalar import ScalarDefinition

Amount = NewType("Amount", str)
JSON = NewType("JSON", object)
Metadata = NewType("Metadata", dict[str, str])

MOST_DIGITS: Final = 40
DEEPEST_JSON: Final = 16
LARGEST_JSON: Final = 1_000
LONGEST_JSON_TEXT: Final = 10_000

_INSTANT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_FINER: Final = re.compile(r".*\.[0-9]{7,}.*", re.DOTALL)
_AMOUNT: Final = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}(\.[0-9]{{1,{MOST_DIGITS}}})?", re.ASCII)
_UNFIT: Final = re.compile("[\x00\ud800-\udfff]")


def unfit(text: str) -> bool:
    """Whether a text holds what no database keeps: the NUL character, or half of a surrogate pair."""
    return _UNFIT.search(text) is not None


def parse_instant(value: object) -> datetime:
    """Read RFC 3339 with its offset, to the microsecond; answer UTC."""
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        if isinstance(value, str) and _FINER.fullmatch(value):
            raise StrawberryGraphQLError(
                "An Instant is exact to the microsecond: write at most six decimals of a second."
            )
        raise StrawberryGraphQLError(
            "An Instant is a date and time with its offset, like 2027-01-31T00:00:00Z or …T09:30:00+01:00."
        )
    date, time, offset = found.groups()
    try:
        return datetime.fromisoformat(f"{date}T{time}{'+00:00' if offset in 'Zz' else offset}").astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise StrawberryGraphQLError(
            "There is no such Instant: a day, an hour or the offset is out of range."
        ) from problem


def write_instant(value: object) -> str:
    """Write UTC with `Z`; decimals of a second only where there are some."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise StrawberryGraphQLError("An Instant was answered without its zone.")
    return value.astimezone(UTC).isoformat()[:-6] + "Z"


def parse_amount(value: object) -> Amount:
    """Take a plain decimal as it stands; whether its feature can hold it is decided where the feature is known."""
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        return Amount(value)
    raise StrawberryGraphQLError(
        'An Amount is a string with a plain decimal, like "12" or "0.5": no exponent, plus or separator.'
    )


def write_amount(value: object) -> str:
    """Write the decimal string that it is."""
    if isinstance(value, str):
        return value
    raise StrawberryGraphQLError("An Amount was answered that is no decimal string.")


def optional_amount(value: str | None) -> Amount | None:
    """Show an amount that a resolver wrote, or none."""
    return None if value is None else Amount(value)


def parse_json(value: object) -> JSON:
    """Take a JSON value that can be kept: not too deep or large, no NUL, no number beyond 64 bits."""
    left = LARGEST_JSON
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > DEEPEST_JSON:
            raise StrawberryGraphQLError(
                f"A JSON value holds at most {LARGEST_JSON} values, at most {DEEPEST_JSON} deep."
            )
        if isinstance(one, Mapping):
            for key, held in cast("Mapping[object, object]", one).items():
                _check_json_leaf(key)
                waiting.append((held, depth + 1))
        elif isinstance(one, list | tuple):
            waiting.extend((held, depth + 1) for held in cast("Sequence[object]", one))
        else:
            _check_json_leaf(one)
    return JSON(value)


def _check_json_leaf(value: object) -> None:
    if isinstance(value, str):
        if len(value) > LONGEST_JSON_TEXT or unfit(value):
            raise StrawberryGraphQLError(
                f"A text in JSON has at most {LONGEST_JSON_TEXT} characters, none of them NUL or half a pair."
            )
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise StrawberryGraphQLError("A whole number in JSON must fit in 64 bits; write larger ones as strings.")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise StrawberryGraphQLError("A number in JSON must be finite.")
    elif value is not None:
        raise StrawberryGraphQLError(
            "This is no JSON value; instead of a variable inside one, pass the whole as a variable."
        )


def parse_metadata(value: object) -> Metadata:
    """Take an object of strings; how many and how long is checked with the input."""
    pairs = cast("Mapping[object, object]", value).items() if isinstance(value, Mapping) else [(None, None)]
    kept = {key: held for key, held in pairs if isinstance(key, str) and isinstance(held, str)}
    if len(kept) != len(pairs):
        raise StrawberryGraphQLError('Metadata is an object whose values are all strings, like {"team": "north"}.')
    return Metadata(kept)


def as_it_is(value: Any) -> Any:  # noqa: ANN401  (JSON is anything)
    """Write what is JSON already."""
    return value


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    datetime: strawberry.scalar(
        name="Instant",
        description=(
            "An instant as RFC 3339 says it, with four-digit year and offset, to the microsecond; always answered in "
            "UTC with `Z`. A bare date is refused: midnight is another instant in every zone."
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_instant,
        parse_value=parse_instant,
    ),
    Amount: strawberry.scalar(
        name="Amount",
        description='An exact decimal number as a string, like "12" or "-0.5": amounts of features and of money.',
        serialize=write_amount,
        parse_value=parse_amount,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description=(
            f"Any JSON value. Sent ones hold at most {LARGEST_JSON} values, {DEEPEST_JSON} deep, numbers of 64 bits."
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=as_it_is,
        parse_value=parse_json,
    ),
    Metadata: strawberry.scalar(
        name="Metadata",
        description="The merchant's own notes: an object of strings, at most 50 keys of 40 characters, values of 500.",
        serialize=as_it_is,
        parse_value=parse_metadata,
    ),
}
"""Which Python type is which scalar."""
