"""The words that come with Plangate: one file per language in `words/`, each with every key."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from widgets_config.text_keys import TextKey

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
SHIPPED_LOCALES = ("en", "de", "fr", "es", "nl")


@cache
def shipped_words(locale: str) -> Mapping[TextKey, str]:
    """Every text of one shipped language; empty for any other."""
    if locale not in SHIPPED_LOCALES:
        return MappingProxyType({})
    raw = cast(
        "dict[str, str]",
        json.loads(files("widgets_config").joinpath("words", f"{locale}.json").read_text(encoding="utf-8")),
    )
    return MappingProxyType({TextKey(key): words for key, words in raw.items()})


def placeholders(words: str) -> frozenset[str]:
    """The names in braces that a text leaves open."""
    return frozenset(PLACEHOLDER.findall(words))


def wrong_words(key: TextKey, words: str) -> str | None:
    """What is wrong with a text as a wording of `key`, or nothing."""
    if "{" in PLACEHOLDER.sub("", words) or "}" in PLACEHOLDER.sub("", words):
        return "a brace is only for a {placeholder}"
    if not words.strip() or any(ord(c) < ord(" ") for c in words):
        return "a text is not empty and has no control characters"
    expected = placeholders(shipped_words("en")[key])
    if placeholders(words) != expected:
        return f"the placeholders must be {', '.join(f'{{{name}}}' for name in sorted(expected)) or 'none'}"
    return None
