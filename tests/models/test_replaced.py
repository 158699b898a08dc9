"""A SQLite file that is taken away under a running program: nothing is answered as done that nobody will find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from billing.refusals import TemporarilyUnavailable
from models.files import REPLACED
from models.session import Database
from tests.models.world import environment, settle
from tests.plangate.opening import opened

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Files

RENAME = text("UPDATE environment SET name = 'Other'")


async def said(database: Database) -> list[str]:
    """What reading, writing and the probe are told."""
    told: list[str] = []
    for way in (read, write, Database.probe):
        with pytest.raises(TemporarilyUnavailable) as refusal:
            await way(database)
        told.append(refusal.value.message)
    return told


async def read(database: Database) -> None:
    """Read something."""
    async with database.reading() as connection:
        await connection.execute(text("SELECT name FROM environment"))


async def write(database: Database) -> None:
    """Write something."""
    async with database.working() as connection:
        await connection.execute(RENAME)


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_was_deleted_or_replaced_is_not_written(
    sqlite_files: Files, tmp_path: Path, replaced: bool
) -> None:
    file = tmp_path / "plangate.db"
    database = Database(sqlite_files.fresh(file))
    await settle(database, *environment())
    await write(database)
    file.rename(tmp_path / "away.db")
    if replaced:
        sqlite_files.fresh(file)

    assert await said(database) == [REPLACED, REPLACED, REPLACED]

    (tmp_path / "away.db").replace(file)
    await write(database)
    await database.close()


async def test_a_file_that_is_taken_away_before_the_commit_is_not_answered_as_done(
    sqlite_files: Files, tmp_path: Path
) -> None:
    file = tmp_path / "plangate.db"
    database = Database(sqlite_files.fresh(file))
    await settle(database, *environment())

    with pytest.raises(TemporarilyUnavailable, match="moved, deleted or replaced"):  # noqa: PT012  (in the middle of a unit)
        async with database.working() as connection:
            await connection.execute(RENAME)
            file.unlink()
    await database.close()


async def test_a_gateway_without_its_file_is_not_ready_and_says_why(sqlite_files: Files, tmp_path: Path) -> None:
    file = tmp_path / "plangate.db"
    async with opened(sqlite_files.fresh(file)) as client:
        before = await client.get("/readyz")
        file.unlink()
        after = await client.get("/readyz")

    assert (before.status_code, before.json()) == (200, {"status": "ok"})
    assert (after.status_code, after.json()) == (
        503,
        {"status": "unavailable", "code": "NOT_READY", "reason": "DATABASE_FILE_REPLACED"},
    )
