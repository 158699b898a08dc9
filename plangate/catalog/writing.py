"""A catalog as the text of a file: what is read again is the same catalog."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from billing.catalog.written import Decimal, in_short
from plangate.catalog.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.catalog.values import Catalog
    from billing.entitlements.sources import Json

WIDEST = 110
"""Columns of a line; what is longer is broken where it can be."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@(+-][A-Za-z0-9_./@()'+-]*)*", re.ASCII)
_IN_LINE = frozenset({"prices", "tiers", "entitlements"})
"""Where entries stand in one line each, if they fit."""


def catalog_text(catalog: Catalog, *, as_json: bool = False) -> str:
    """The YAML of a catalog, in the order of its things, without what goes without saying; JSON is YAML too."""
    tree = in_short(catalog)
    if as_json:
        return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
    lines: list[str] = []
    for name, value in tree.items():
        lines += ["", *_entry(name, value, 0, in_line=False)] if lines else _entry(name, value, 0, in_line=False)
    return "\n".join(lines) + "\n"


def _entry(name: str, value: Json, depth: int, *, in_line: bool) -> Iterator[str]:
    head = f"{'  ' * depth}{_scalar(name)}:"
    line = flow(value)
    fits = len(head) + 1 + len(line) <= WIDEST
    if (
        not isinstance(value, dict | list)
        or not value
        or (fits and (in_line or isinstance(value, list)) and _low(value))
    ):
        yield f"{head} {line}"
    elif isinstance(value, dict):
        yield head
        for key, held in value.items():
            yield from _entry(key, held, depth + 1, in_line=in_line or name in _IN_LINE)
    else:
        yield head
        for item in value:
            yield from _item(item, depth + 1)


def _item(item: Json, depth: int) -> Iterator[str]:
    indent, line = "  " * depth, flow(item)
    if not isinstance(item, dict) or not item or (len(indent) + 2 + len(line) <= WIDEST and _low(item)):
        yield f"{indent}- {line}"
        return
    mark = "- "
    for key, held in item.items():
        first, *rest = _entry(key, held, depth + 1, in_line=True)
        yield f"{indent}{mark}{first.removeprefix('  ' * (depth + 1))}"
        yield from rest
        mark = "  "


def _low(value: Json) -> bool:
    """Whether a list or map holds at most plain values and lists of them."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not any(
        isinstance(each, dict) or (isinstance(each, list) and each and isinstance(each[0], dict)) for each in held
    )


def flow(value: Json) -> str:
    """A value in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return _scalar(value) if isinstance(value, str) else json.dumps(value)


def _scalar(text: str) -> str:
    """A text: plain where it cannot be read as anything else, in quotes otherwise."""
    if isinstance(text, Decimal) or (_PLAIN.fullmatch(text) and Scalar(text, plain=True, line=1).word == text):
        return str(text)
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  (the planes of Unicode)
