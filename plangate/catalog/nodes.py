"""A YAML file as a tree of its source texts, each with its line; no value is guessed or rounded.

Scalars keep their text, so 19.00 stays 19.00. What they mean follows YAML 1.2's core schema: `NO` is a text, `on` too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, Union

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from billing.entitlements.sources import Json

_WHOLE = re.compile(r"[-+]?[0-9]+", re.ASCII)
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_LONGEST_NUMBER = 40
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it is written; `plain` means without quotes."""

    text: str
    plain: bool
    line: int

    @property
    def null(self) -> bool:
        """Whether nothing is written."""
        return self.plain and self.text in _NULLS

    @property
    def flag(self) -> bool | None:
        """What a truth value says, else None."""
        if self.plain and self.text in _TRUE | _FALSE:
            return self.text in _TRUE
        return None

    @property
    def number(self) -> bool:
        """Whether it reads as a number."""
        return self.plain and bool(_NUMBER.fullmatch(self.text))

    @property
    def whole(self) -> int | None:
        """The whole number that it says, else None."""
        if self.plain and len(self.text) <= _LONGEST_NUMBER and _WHOLE.fullmatch(self.text):
            return int(self.text)
        return None

    @property
    def word(self) -> str | None:
        """The text that it is, else None: a number, truth value or nothing is none unless quoted."""
        return None if self.null or self.number or self.flag is not None else self.text


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in their order; a repeated key was reported and its first value counts."""

    entries: tuple[tuple[Scalar, Node], ...]
    line: int


Node: TypeAlias = Union[Scalar, Sequence, Mapping]  # noqa: UP007  (the names are defined around it)


def what(node: Node) -> str:
    """What a node is, in words."""
    if isinstance(node, Scalar):
        if node.null:
            return "nothing"
        if node.flag is not None:
            return "true or false"
        return "a number" if node.number else "a text"
    return "a list" if isinstance(node, Sequence) else "a map"


def to_json(node: Node) -> Json:
    """The node as JSON would hold it."""
    if isinstance(node, Mapping):
        return {key.text: to_json(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [to_json(item) for item in node.items]
    if node.null:
        return None
    if node.flag is not None:
        return node.flag
    if node.number and len(node.text) <= _LONGEST_NUMBER:
        return node.whole if node.whole is not None else float(node.text)
    return node.text
