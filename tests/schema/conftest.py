"""Fixtures of the schema's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.schema.asking import World, world

if TYPE_CHECKING:
    from models.session import Database


@pytest.fixture
async def asked(sqlite_database: Database) -> World:
    """A small world to ask in."""
    return await world(sqlite_database)
