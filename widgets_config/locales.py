"""Which languages to try for a customer, and which one a page is finally written in."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError

ENGLISH = "en"


def normal_tag(tag: str) -> str:
    """The locale as it is written on the web: `pt_br` is `pt-BR`; what is no locale is returned as it came."""
    known = known_locale(tag)
    return str(known).replace("_", "-") if known else tag.strip()


@lru_cache(maxsize=512)
def known_locale(tag: str) -> Locale | None:
    """The locale's own data, or nothing where the tag names none."""
    try:
        return Locale.parse(tag.strip().replace("-", "_"), resolve_likely_subtags=False)
    except (UnknownLocaleError, ValueError, TypeError):
        return None


def ancestors(tag: str) -> tuple[str, ...]:
    """The locale and the wider ones it belongs to: `zh-Hant-TW`, `zh-Hant`, `zh`."""
    parts = normal_tag(tag).split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def fallback_chain(tag: str, default: str) -> tuple[str, ...]:
    """Every locale to try, in order: the customer's with its ancestors, the default's, English (S5)."""
    return tuple(dict.fromkeys((*ancestors(tag), *ancestors(default), ENGLISH)))


def formatting_locale(tag: str) -> Locale:
    """The locale that dates and numbers are written in; English where the tag and its ancestors are unknown."""
    for candidate in ancestors(tag):
        if known := known_locale(candidate):
            return known
    return Locale(ENGLISH)


def direction(tag: str) -> Literal["ltr", "rtl"]:
    """Which way the language is written."""
    return "rtl" if formatting_locale(tag).text_direction == "rtl" else "ltr"
