"""Fixtures for every room: databases, fresh, migrated and empty."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest

from models.session import Database
from tests.browser import chromium, chromium_address, node_modules
from tests.compiling import keep_compiled_modules, share_compiled_statements
from tests.databases import Files, Server, ground, server, sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

__all__ = ["chromium", "chromium_address", "node_modules"]

gc.disable()  # until all tests are collected: nearly nothing of that is garbage
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(ground()))
keep_compiled_modules()
share_compiled_statements()

YOUNG = 20_000
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def pytest_collection_finish() -> None:
    """Leave what was collected to itself: walking all of it in search of garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    gc.enable()


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Where SQLite databases come from."""
    return Files(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """The PostgreSQL server, started when the first test wants it."""
    started = server()
    yield started
    started.close()


@pytest.fixture
def sqlite_url(sqlite_files: Files, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    return sqlite_files.fresh(tmp_path / "plangate.db")


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    url = postgresql_server.fresh()
    yield url
    postgresql_server.drop(url)


@pytest.fixture(params=BOTH)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> str:
    """A fresh database of each kind."""
    url: str = request.getfixturevalue(f"{database_kind}_url")
    return url


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A database of each kind that was never migrated."""
    if database_kind == "sqlite":
        yield sqlite(tmp_path / "empty.db")
        return
    started: Server = request.getfixturevalue("postgresql_server")
    url = started.empty()
    yield url
    started.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database of each kind, open."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """A fresh SQLite database, open."""
    opened = Database(sqlite_url)
    yield opened
    await opened.close()
