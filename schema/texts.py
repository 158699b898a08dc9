"""What texts, numbers and lists of an input must be before anything is done with them; else `InvalidInput`.

Every `to_command()` passes its values through here, so that nothing reaches a store that it cannot keep.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar, cast

from strawberry import UNSET

from billing.entitlements.sources import Json
from billing.refusals import InvalidInput
from resolvers import checks
from schema.scalars import unfit

T = TypeVar("T")

LONGEST_ID: Final = 64
LARGEST_WHOLE: Final = 2**31 - 1


def given(value: T | None) -> T | None:
    """Treat what was left out like null."""
    return None if value is UNSET else value


def text(value: str, field: str, most: int = checks.SHORT) -> str:
    """Take a text of 1 to `most` characters that every database keeps."""
    return checks.text(value, field, most)


def optional_text(value: str | None, field: str, most: int = checks.SHORT) -> str | None:
    """Take such a text, or none."""
    return None if value is None or value is UNSET else checks.text(value, field, most)


def single(value: str, most: int = checks.SHORT) -> str | None:
    """Take what a question names one object by; None is what nothing can be found by, which is answered null."""
    return None if unfit(value) or not 0 < len(value) <= most else value


def identifier(value: str, field: str) -> str:
    """Take the id of one of our objects."""
    return text(value, field, LONGEST_ID)


def optional_identifier(value: str | None, field: str) -> str | None:
    """Take such an id, or none."""
    return optional_text(value, field, LONGEST_ID)


def comment(value: str | None, field: str) -> str | None:
    """Take free text of people, or none; an empty one is none."""
    return checks.optional_text(given(value) or None, field, checks.COMMENT)


def actor(value: str | None) -> str:
    """Take the name of the human on the merchant's side; '' where none is named."""
    return optional_text(value, "actor") or ""


def idempotency_key(value: str | None) -> str | None:
    """Take the key under which an act is done once."""
    return optional_text(value, "idempotencyKey")


def url(value: str | None, field: str) -> str | None:
    """Take an address; whether it is an allowed one is decided where the list is."""
    return optional_text(value, field, checks.ADDRESS)


def whole(value: int, field: str, least: int = 1, most: int = LARGEST_WHOLE) -> int:
    """Take a whole number within its bounds."""
    if not least <= value <= most:
        raise InvalidInput(f"`{field}` is a whole number from {least} to {most}.", field=field)
    return value


def optional_whole(value: int | None, field: str, least: int = 1, most: int = LARGEST_WHOLE) -> int | None:
    """Take such a number, or none."""
    return None if value is None or value is UNSET else whole(value, field, least, most)


def each(
    values: Sequence[str] | None, field: str, check: Callable[[str, str], str], most: int
) -> tuple[str, ...] | None:
    """Take at most so many texts, each of which passes the check; or no list."""
    if values is None or values is UNSET:
        return None
    short_enough(values, field, most)
    return tuple(check(value, field) for value in values)


def texts(values: Sequence[str] | None, field: str, most: int) -> tuple[str, ...] | None:
    """Take at most so many texts, or no list; ordinary ones are looked at together, for each of many objects."""
    if values is None or values is UNSET:
        return None
    together = "".join(values)
    ordinary = together.isascii() and together.isprintable() and len(values) <= most
    if ordinary and all(values) and len(max(values, key=len, default="")) <= checks.SHORT:
        return tuple(values)
    return each(values, field, text, most)


def short_enough(values: Sequence[object], field: str, most: int) -> None:
    """Refuse a list that is too long."""
    if len(values) > most:
        raise InvalidInput(f"This list is too long: at most {most}.", field=field)


def some(values: Sequence[T], field: str, most: int) -> Sequence[T]:
    """Take a list of at least one and at most so many."""
    if not values:
        raise InvalidInput("Give at least one.", field=field)
    short_enough(values, field, most)
    return values


def currency(value: str) -> str:
    """Take a currency by its three letters."""
    return checks.currency(value) or ""


def metadata(value: Mapping[str, str] | None) -> dict[str, str] | None:
    """Take metadata of at most 50 keys, or none."""
    return checks.metadata(given(value))


def json_of(value: object) -> Json:
    """Take a JSON value, which its scalar checked, or none."""
    return cast("Json", given(value))
