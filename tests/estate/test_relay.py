"""A reader by position sees every event once and in order, while workers place them and one of them is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.estate.relay import proved
from tests.estate.running import estate

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = 1_000


async def test_a_reader_by_position_skips_no_event(database_url: str, tmp_path: Path) -> None:
    with estate(database_url.replace("+asyncpg", ""), tmp_path) as opened:
        found = await proved(opened, database_url, EVENTS)

    assert len(set(found.seen)) == EVENTS
