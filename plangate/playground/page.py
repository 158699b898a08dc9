"""One self-contained page: no file beside it, no request but to `/graphql`, nothing kept."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson
from graphql import FieldNode, OperationDefinitionNode, parse

from plangate.http.pages import Page
from plangate.playground.manual import manual_of, needs
from plangate.playground.operations import KINDS, OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphql import GraphQLSchema

    from plangate.playground.saved import SavedOperation

_PARTS: Final = Path(__file__).parent / "page"
_SCRIPTS: Final = ("elements", "shading", "asking", "acting", "operations", "answers", "copying", "manual", "start")


def playground(
    schema: GraphQLSchema,
    operations: Iterable[SavedOperation] = OPERATIONS,
    *,
    fill: Mapping[str, str] | None = None,
    path: str = "/graphql",
) -> Page:
    """Build the page once for this schema; `fill` gives the demo's values for `{{names}}`, `path` is asked."""
    saved = [_as_sent(operation) for operation in operations]
    style = _part("style.css")
    script = _script()
    content = _part("page.html")
    facts = orjson.dumps({"path": path, "operations": saved, "kinds": dict(KINDS), "fill": dict(fill or {})}).decode()
    manual = orjson.dumps(manual_of(schema)).decode().replace("<", "\\u003c")
    parts = {
        "style": style,
        "menu": _menu(saved),
        "facts": escape(facts),
        "manual": manual,
        "script": script,
    }
    for name, text in parts.items():
        content = content.replace(f"<!--{name}-->", text)
    return Page(content.encode(), _headers(style, script))


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _script() -> str:
    """Join the scripts, in their order, into one that leaves nothing behind in the window."""
    return "\n".join(['"use strict";', "(() => {", *(_part(f"{name}.js") for name in _SCRIPTS), "})();"])


def _as_sent(operation: SavedOperation) -> dict[str, str]:
    variables = orjson.dumps(operation.variables, option=orjson.OPT_INDENT_2).decode() if operation.variables else ""
    return {
        "task": operation.task,
        "title": operation.title,
        "sentence": operation.sentence,
        "needs": needs(*_roots(operation.document)),
        "document": operation.document,
        "variables": variables,
    }


def _roots(document: str) -> list[str]:
    """Name the root fields of a document's operations."""
    operations = [each for each in parse(document).definitions if isinstance(each, OperationDefinitionNode)]
    return [
        each.name.value
        for operation in operations
        for each in operation.selection_set.selections
        if isinstance(each, FieldNode)
    ]


def _menu(saved: Iterable[Mapping[str, str]]) -> str:
    parts: list[str] = []
    for task, members in groupby(enumerate(saved), key=lambda pair: pair[1]["task"]):
        buttons = "".join(
            f'<li><button type="button" data-operation="{i}">{escape(each["title"])}</button></li>'
            for i, each in members
        )
        parts.append(f"<h2>{escape(task)}</h2><ul>{buttons}</ul>")
    return "".join(parts)


def _headers(style: str, script: str) -> dict[str, str]:
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
