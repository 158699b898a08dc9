"""The scene, made once for a run, copied for every module and restored for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.databases import Files, apart
from tests.resolvers.scene import Scene, Template, make, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(scope="session")
def template(sqlite_files: Files, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The finished scene."""
    file = tmp_path_factory.mktemp("scene") / "scene.db"
    sqlite_files.fresh(file)
    return apart(make(file))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """One copy of the scene for a module's tests, which share a loop."""
    copied = opened(template, tmp_path_factory.mktemp("stage") / "scene.db")
    yield copied
    await copied.close()


@pytest.fixture
def scene(stage: Scene) -> Scene:
    """The copy as it was made."""
    stage.restore()
    return stage
