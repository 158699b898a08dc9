"""What is remembered of statements: how they are written, and not what was asked with them."""

from __future__ import annotations

import gc

from sqlalchemy import select
from sqlalchemy.dialects.sqlite.aiosqlite import dialect as sqlite

from models.prepared import Preparing
from models.tables.base import table
from models.tables.customer import CustomerRow

C = table(CustomerRow)


def held(preparing: Preparing, part: str) -> list[str]:
    """The values with this part that are still there, of statements that were asked."""
    kept = preparing._kept.values()  # pyright: ignore[reportPrivateUsage]
    return [value for _, _, written in kept for value in written.values() if part in str(value)]


def test_values_of_a_statement_are_forgotten_with_it_and_one_that_is_kept_is_found_again() -> None:
    preparing = Preparing(sqlite())
    ours = select(C.c.name).where(C.c.external_id == "ours of prepared")
    first = preparing(ours, None)

    for number in range(200):
        _, sql, given = preparing(select(C.c.id).where(C.c.external_id == f"{number} of prepared"), None)
        assert (sql.count("?"), given) == (1, [f"{number} of prepared"])
    gc.collect()

    assert len(held(preparing, "of prepared")) <= len(["ours", "the one that was compiled for all of its shape"])
    assert preparing(ours, None) == first
    assert first[0] is preparing(ours, None)[0]
