"""How the values of scalars and enums are written as JSON."""

from __future__ import annotations

from enum import Enum
from json import encoder
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import orjson
from graphql import GraphQLBoolean, GraphQLEnumType

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLLeafType

    Write: TypeAlias = Callable[[Any], str]

_OPTIONS: Final = orjson.OPT_UTC_Z
_TEXTS: Final = frozenset({"String", "ID", "Amount"})


class Unforeseen(Exception):  # noqa: N818  (no fault: graphql-core says what is wrong, or that nothing is)
    """A value that the compiled function does not write."""


def missing(_: object) -> str:
    """Refuse null where the schema promises that there is none."""
    raise Unforeseen


def _by_orjson(value: object) -> str:
    return orjson.dumps(value, option=_OPTIONS).decode()


text: Final[Write] = cast("Any", encoder).c_encode_basestring or _by_orjson
"""Write a text just as orjson does, at half the price. Halves of surrogate pairs fail when the answer is encoded."""


def is_text(leaf: GraphQLLeafType) -> bool:
    """Whether a `str` of this leaf is written as it stands."""
    return leaf.name in _TEXTS


def writer(leaf: GraphQLLeafType) -> Write:
    """Make the writer of a leaf's values; it takes everything that graphql-core takes, and refuses null."""

    def write(value: object) -> str:
        if value is None:
            raise Unforeseen
        made = leaf.serialize(value)
        if made is None:
            raise Unforeseen
        return _by_orjson(made)

    if leaf is GraphQLBoolean:
        return _of_boolean(write)
    return _of_enum(leaf, write) if isinstance(leaf, GraphQLEnumType) else write


def _of_boolean(write: Write) -> Write:
    """Know both by heart."""

    def write_boolean(value: object) -> str:
        if value is True:
            return "true"
        return "false" if value is False else write(value)

    return write_boolean


def _of_enum(leaf: GraphQLEnumType, write: Write) -> Write:
    """Know the members' names by heart; a value of another class goes the long way."""
    members: Any = getattr(leaf, "wrapped_cls", None)
    if not (isinstance(members, type) and issubclass(members, Enum)):
        return write
    promised = [each.value for each in leaf.values.values()]
    known: dict[object, str] = {member: write(member) for member in members if member.value in promised}

    def write_member(value: object) -> str:
        if value.__class__ is members:
            return known.get(value) or write(value)
        return write(value)

    return write_member
