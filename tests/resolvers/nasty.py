"""Values that nobody should send, by the type of the place they are sent to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS: tuple[object, ...] = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\u202e\ufffe\U0010ffff",
    "x" * 300,
    "x" * 70_000,
    "' OR 1=1 --",
    "%_\\",
    "\n\r\t",
    "sub_",
    "cus_" + "z" * 26,
    "gra_" + "🗝" * 26,
    "ovr_" + "0" * 25 + "\x00",
    "٣",
    "../../etc/passwd",
    "Europe",
    "NaN",
    10**40,
    ["a", "b"],
    None,
)
AMOUNTS: tuple[object, ...] = (
    *("", "1e5", "NaN", "Infinity", "٣", "+1", "1.", ".5", "1_000", "1,5", " 1", "1\n", "0x10", "--1", "-", "1.5.2"),
    *("0", "-0", "-1", "0.1", "0.0001", "0.0000000001", "9" * 19, "-" + "9" * 19, "9" * 40, "9" * 41, "0" * 40 + "1"),
    *(str(2**62), str(2**62 + 1), str(-(2**62)), str(2**62 // 1000), str(2**63), "x" * 70_000),
    None,
)
WHOLES: tuple[object, ...] = (
    *(-1, 0, 1, 101, 1_001, 2**31 - 1, 2**31, -(2**31), 2**63, 2**64, 10**30, -(10**30)),
    *(1e300, "1", None),
)
INSTANTS: tuple[object, ...] = (
    *("1900-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2024-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59.999999Z", "9999-12-31T00:00:00Z", "2033-12-31T00:00:00Z", "2024-02-29T12:00:00+05:45"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-01-01", "2024-01-01T00:00:00"),
    *("2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z"),
    *("2024-01-01T00:00:00+25:00", "2024-01-01T00:00:00.1234567Z", "٢٠٢٤-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"),
    *("10000-01-01T00:00:00Z", "now", "", "\x00", "x" * 70_000, None),
)
JSONS: tuple[object, ...] = (
    *("\x00", "x" * 20_000, "", 2**63, 2**64, -(2**63), 10**40, 1e308, 0, -1, 1.5, True, None),
    *([], {}, {"a\x00": 1}, {"a": "\x00"}, [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]], list(range(1_001)), [None]),
)
METADATA: tuple[object, ...] = (
    *({"": "x"}, {"k" * 41: "v"}, {"k": "v" * 501}, {"\x00": "v"}, {"k": "\x00"}, {"k": 1}, {"k": None}, {"k": {}}),
    *({str(number): "v" for number in range(51)}, {}, {"k": ""}, [], "x", 1, None),
)
FLAGS: tuple[object, ...] = ("true", 1, None)
CHOICES: tuple[object, ...] = ("NOPE", "", "\x00", "immediate", None)
LISTS: tuple[object, ...] = ([], [None], None)
OBJECTS: tuple[object, ...] = ({}, {"unknown": 1}, {"id": None}, {"id": "a", "externalId": "b"}, None)
WRONG: tuple[object, ...] = (5, "x", [], True, {}, 1.5, ["x"], {"x": 1})
"""Of every place's values two are these in turn: nearly everywhere of the wrong kind."""

SCALARS = {
    "String": TEXTS,
    "ID": TEXTS,
    "Amount": AMOUNTS,
    "Int": WHOLES,
    "Instant": INSTANTS,
    "JSON": JSONS,
    "Metadata": METADATA,
    "Boolean": FLAGS,
}

Path = tuple[str | int, ...]


def inner(of: Any) -> Any:
    """The type inside a list or of what is never null."""
    return of.of_type


def places(of: Any, depth: int = 0) -> Iterator[tuple[Path, tuple[object, ...]]]:
    """Every place inside a value of a type, with what nobody should put there."""
    if isinstance(of, GraphQLNonNull):
        yield from places(inner(of), depth)
    elif isinstance(of, GraphQLList):
        yield (), LISTS
        for path, values in places(inner(of), depth):
            yield (0, *path), values
            yield (), tuple([value] * 200 for value in values[:1])
    elif isinstance(of, GraphQLInputObjectType):
        yield (), OBJECTS
        for name, field in of.fields.items() if depth < 4 else ():
            for path, values in places(field.type, depth + 1):
                yield (name, *path), values
    elif isinstance(of, GraphQLEnumType):
        yield (), CHOICES
    else:
        assert isinstance(of, GraphQLScalarType)
        yield (), SCALARS[of.name]


def is_list(value: object) -> bool:
    """Whether a value is a list."""
    return isinstance(value, list)


def placed(value: Any, path: Path, nasty: object) -> Any:
    """A copy of a value with something else at one place; what is missing on the way is made."""
    if not path:
        return nasty
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        held: list[Any] = value if is_list(value) and value else [None]
        return [placed(held[0], rest, nasty), *held[1:]]
    known = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    one_of = step in {"id", "externalId"} and len(known) == 1 and not {"id", "externalId"}.isdisjoint(known)
    return {**({} if one_of else known), step: placed(known.get(step), rest, nasty)}
