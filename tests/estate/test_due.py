"""Three workers settle what is due, one of them is killed half-way, and each due row is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.estate.due import proved
from tests.estate.running import estate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Files

SEED = 11


async def test_each_due_row_is_done_once_though_a_worker_is_killed(
    database_url: str, sqlite_files: Files, tmp_path: Path
) -> None:
    twin = sqlite_files.fresh(tmp_path / "twin.db")
    with estate(database_url.replace("+asyncpg", ""), tmp_path) as opened:
        done = await proved(opened, database_url, twin, SEED)

    assert done.events >= 60
    assert done.at_death < done.events, "it was not killed half-way"
