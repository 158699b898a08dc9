"""Three workers settle what is due, one of them is killed half-way, and each due row is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.estate.due import proved
from tests.estate.running import estate

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.databases import Files, Server

SEEDS = (11, 12, 13, 14, 15)
"""A death that comes after the work proves nothing, and when it comes is the machine's affair: then the next one."""


async def test_each_due_row_is_done_once_though_a_worker_is_killed(
    database_kind: str, sqlite_files: Files, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for seed in SEEDS:
        if database_kind == "sqlite":
            url = sqlite_files.fresh(tmp_path / f"{seed}.db")
        else:
            started: Server = request.getfixturevalue("postgresql_server")
            url = started.fresh()
        with estate(url.replace("+asyncpg", ""), tmp_path) as opened:
            done = await proved(opened, url, sqlite_files.fresh(tmp_path / f"twin-{seed}.db"), seed)
        assert done.events >= 100
        if done.half_way:
            return
    raise AssertionError("no worker was killed half-way")
