"""The scene, made once for a run on each kind of database, copied for every module and restored for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.databases import Files, Server, apart, sqlite
from tests.resolvers.copies import FileScene, ServerScene, opened, served
from tests.resolvers.scene import Scene, Template, make

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def source(sqlite_files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the finished scene."""
    file = tmp_path_factory.mktemp("scene") / "scene.db"
    sqlite_files.fresh(file)
    return file


@pytest.fixture(scope="session")
def template(source: Path) -> Template:
    """The finished scene."""
    return apart(make(sqlite(source)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(template: Template, source: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FileScene]:
    """One copy of the scene for a module's tests, which share a loop."""
    copied = opened(template, source, tmp_path_factory.mktemp("stage") / "scene.db")
    yield copied
    await copied.close()


@pytest.fixture
def scene(stage: FileScene) -> FileScene:
    """The copy as it was made."""
    stage.restore()
    return stage


@pytest.fixture(scope="session")
def server_template(postgresql_server: Server) -> Iterator[tuple[Template, str]]:
    """The finished scene on PostgreSQL, and its database."""
    url = postgresql_server.fresh()
    yield apart(make(url)), url
    postgresql_server.drop(url)


@pytest_asyncio.fixture(loop_scope="module")
async def server_scene(server_template: tuple[Template, str], postgresql_server: Server) -> AsyncIterator[ServerScene]:
    """A copy of the scene on PostgreSQL for one test."""
    copied = served(*server_template, postgresql_server)
    yield copied
    await copied.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server_stage(server_template: tuple[Template, str], postgresql_server: Server) -> AsyncIterator[ServerScene]:
    """One copy of the scene on PostgreSQL for a module's tests, which leave it as it is."""
    copied = served(*server_template, postgresql_server)
    yield copied
    await copied.close()


@pytest.fixture
def either(request: pytest.FixtureRequest, database_kind: str) -> Scene:
    """A copy of the scene on each kind of database."""
    copied: Scene = request.getfixturevalue("scene" if database_kind == "sqlite" else "server_scene")
    return copied


@pytest.fixture
def standing(request: pytest.FixtureRequest, database_kind: str) -> Scene:
    """A copy of the scene on each kind of database, for tests that leave it as it is."""
    copied: Scene = request.getfixturevalue("scene" if database_kind == "sqlite" else "server_stage")
    return copied
