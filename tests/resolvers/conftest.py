"""The scene, made once for a run and copied for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.databases import Files, apart
from tests.resolvers.scene import Scene, Template, make, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(scope="session")
def template(sqlite_files: Files, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The finished scene."""
    file = tmp_path_factory.mktemp("scene") / "scene.db"
    sqlite_files.fresh(file)
    return apart(make(file))


@pytest.fixture
async def scene(template: Template, tmp_path: Path) -> AsyncIterator[Scene]:
    """A copy of the scene."""
    copied = opened(template, tmp_path / "scene.db")
    yield copied
    await copied.close()
