"""Fixtures of the models' tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.models.world import settle, sold

if TYPE_CHECKING:
    from models.session import Database


@pytest.fixture
async def shop(database: Database) -> Database:
    """A database with something to sell and a customer who has bought nothing yet."""
    await settle(database, *sold())
    return database
