"""Keys and texts: their pattern, their length and the characters that every store can hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from billing.catalog.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from billing.catalog.problem import Path
    from billing.catalog.values import Metadata

KEY = re.compile(r"[a-z][a-z0-9_.-]{0,62}", re.ASCII)

RESERVED_KEYS = frozenset({"all", "any", "default", "false", "none", "null", "true", "unlimited"})
"""Words that mean something else where a key is expected."""

MOST_NAME = 200
MOST_DESCRIPTION = 2_000
MOST_UNIT = 40
MOST_METADATA = 50
MOST_METADATA_KEY = 40
MOST_METADATA_VALUE = 500

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def key_problems(path: Path, key: str) -> Iterator[Problem]:
    """A key is lower case, begins with a letter and is no reserved word."""
    if not KEY.fullmatch(key):
        yield Problem(path, f'"{key[:80]}" is no key: begin with a-z, then up to 62 of a-z, 0-9, "_", "." and "-".')
    elif key in RESERVED_KEYS:
        yield Problem(path, f'"{key}" is a reserved word: choose another key.')


def repeated(paths: Iterable[tuple[Path, str]], what: str) -> Iterator[Problem]:
    """A key names one thing."""
    seen: set[str] = set()
    for path, key in paths:
        if key in seen:
            yield Problem(path, f'There is another {what} "{key}": give this one its own key.')
        seen.add(key)


def name_problems(path: Path, name: str) -> Iterator[Problem]:
    """A name is what people read, so it may not be empty."""
    if not name.strip():
        yield Problem((*path, "name"), "Give it a name that people can read.")
    yield from text_problems((*path, "name"), name, MOST_NAME)


def text_problems(path: Path, text: str, most: int) -> Iterator[Problem]:
    """A text has at most so many characters, and none that a database refuses."""
    if len(text) > most:
        yield Problem(path, f"This text has {len(text)} characters: {most} are the most.")
    if _UNSTORABLE.search(text):
        yield Problem(path, "This text has a control character or half a surrogate pair: take it out.")


def metadata_problems(path: Path, metadata: Metadata) -> Iterator[Problem]:
    """At most 50 keys of at most 40 characters, with values of at most 500."""
    if len(metadata) > MOST_METADATA:
        yield Problem(path, f"There are {len(metadata)} metadata keys: {MOST_METADATA} are the most.")
    yield from repeated((((*path, key), key) for key, _ in metadata), "metadata entry")
    for key, value in metadata:
        if not 1 <= len(key) <= MOST_METADATA_KEY:
            yield Problem(
                (*path, key), f"A metadata key has 1 to {MOST_METADATA_KEY} characters; this one has {len(key)}."
            )
        yield from text_problems((*path, key), value, MOST_METADATA_VALUE)
        if _UNSTORABLE.search(key):
            yield Problem(path, "A metadata key has a control character or half a surrogate pair: take it out.")
