"""Fixtures of the scenarios: a world on each kind of database, and SQLite worlds for laws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.session import Database
from tests.accounts import the_books_agree
from tests.scenarios.story import Story
from tests.scenarios.templates import PostgresWorlds, SqliteWorlds, copied
from tests.told import every_event_fits
from tests.width import WIDE, repeated

HERE = Path(__file__).parent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.databases import Files, Server


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Walk one case of each table on PostgreSQL too; all of them where tests are wide."""
    if WIDE:
        return
    left_out = repeated([each for each in items if each.path.is_relative_to(HERE)])
    config.hook.pytest_deselected(items=sorted(left_out, key=lambda each: each.nodeid))
    items[:] = [each for each in items if each not in left_out]


@pytest.fixture(scope="session")
def sqlite_worlds(sqlite_files: Files, tmp_path_factory: pytest.TempPathFactory) -> SqliteWorlds:
    """Where SQLite worlds come from."""
    return SqliteWorlds(sqlite_files, tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="session")
def postgresql_worlds(postgresql_server: Server) -> Iterator[PostgresWorlds]:
    """Where PostgreSQL worlds come from."""
    worlds = PostgresWorlds(postgresql_server)
    yield worlds
    worlds.close()


@pytest.fixture
async def story(request: pytest.FixtureRequest, database_kind: str) -> AsyncIterator[Story]:
    """A story in a fresh world on each kind of database; its clock stands at the first instant of 2024.

    Whatever it told of is what its type of event may tell, and its journal says what its documents do.
    """
    if database_kind == "sqlite":
        files: SqliteWorlds = request.getfixturevalue("sqlite_worlds")
        database = Database(files.fresh("story"))
        yield await Story.begin(copied(database, files.places))
        await _told_and_closed(database)
        return
    servers: PostgresWorlds = request.getfixturevalue("postgresql_worlds")
    url = servers.fresh()
    database = Database(url)
    yield await Story.begin(copied(database, servers.places))
    await _told_and_closed(database)
    servers.drop(url)


async def _told_and_closed(database: Database) -> None:
    try:
        await every_event_fits(database)
        await the_books_agree(database)
    finally:
        await database.close()
