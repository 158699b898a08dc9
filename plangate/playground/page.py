"""One self-contained page: no file beside it, no request but to `/graphql`, nothing kept."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from plangate.http.pages import Page
from plangate.playground.operations import OPERATIONS, SavedOperation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HERE: Final = Path(__file__).parent


def playground(
    operations: Iterable[SavedOperation] = OPERATIONS, *, fill: Mapping[str, str] | None = None, path: str = "/graphql"
) -> Page:
    """Build the page once; `fill` gives the demo's values for the `{{names}}` in variables, `path` is asked."""
    saved = [_as_sent(operation, fill or {}) for operation in operations]
    style = _part("page.css")
    script = _part("page.js")
    content = _part("page.html")
    facts = escape(orjson.dumps({"path": path, "operations": saved}).decode(), quote=True)
    for name, text in (("style", style), ("menu", _menu(saved)), ("facts", facts), ("script", script)):
        content = content.replace(f"<!--{name}-->", text)
    return Page(content.encode(), _headers(style, script))


def _part(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _as_sent(operation: SavedOperation, fill: Mapping[str, str]) -> dict[str, str]:
    variables = orjson.dumps(operation.variables, option=orjson.OPT_INDENT_2).decode() if operation.variables else ""
    for name, value in fill.items():
        variables = variables.replace(f"{{{{{name}}}}}", orjson.dumps(value).decode()[1:-1])
    return {
        "task": operation.task,
        "title": operation.title,
        "sentence": operation.sentence,
        "document": operation.document,
        "variables": variables,
    }


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
