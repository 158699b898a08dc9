"""Arenas on a fresh database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.races.arena import Arena, arena

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def one(database_url: str) -> AsyncIterator[Arena]:
    """One program on a database of each kind."""
    async for opened in arena(database_url, 1):
        yield opened


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[Arena]:
    """Two programs on one database of each kind."""
    async for opened in arena(database_url, 2):
        yield opened
