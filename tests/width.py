"""How wide the tests are: `make test` takes a part of what says nearly the same, `make wide` takes all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest import Item  # noqa: PT013  (for its annotation only)

T = TypeVar("T")
WIDE = bool(os.environ.get("PLANGATE_TEST_WIDE"))


def some(values: Sequence[T], *, each: int, first: int = 0) -> Sequence[T]:
    """Take every so manieth value, beginning with another one at each `first`; all of them where tests are wide."""
    return values if WIDE else values[first % each :: each]


def repeated(items: Sequence[Item]) -> set[Item]:
    """Name the cases of a table that are walked on PostgreSQL though one of the same table was: SQLite walks all."""
    met: set[tuple[str, str]] = set()
    found: set[Item] = set()
    for item in items:
        given: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
        if given.get("database_kind") != "postgresql" or len(given) == 1:
            continue
        table = (str(item.path), str(getattr(item, "originalname", item.name)))
        if table in met:
            found.add(item)
        met.add(table)
    return found
