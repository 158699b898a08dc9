"""Fixtures of the portal's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plangate.portal.visiting import MONTHLY, Portal

if TYPE_CHECKING:
    from models.session import Database


@pytest.fixture
async def portal(sqlite_database: Database) -> Portal:
    """A portal over a fresh SQLite file."""
    return await Portal.begin(sqlite_database)


@pytest.fixture
async def held(portal: Portal) -> str:
    """The subscription of the customer `acme`."""
    subscription: str = await portal.world.subscribed("acme", "team", **MONTHLY)
    return subscription
