"""People who read the database see names and timestamps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from models.tables import UsageRow
from models.tables.base import table
from tests.models.inside import asked, inside
from tests.models.world import day, everything, settle

if TYPE_CHECKING:
    from models.session import Database

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
ODD = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.fixture
async def url(database: Database) -> str:
    """A database with a row in every table."""
    await settle(database, *everything())
    return database.url


def written(instant: datetime) -> str:
    """An instant as the views of SQLite write it."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


async def read(url: str, query: str) -> list[tuple[Any, ...]]:
    """Answer a query, with timestamps as text."""

    def text(value: object) -> object:
        return written(value) if isinstance(value, datetime) else value

    return [tuple(map(text, row)) for row in await asked(url, query)]


async def test_a_subscription_is_read_with_names_and_timestamps(url: str) -> None:
    assert await read(url, "SELECT environment, customer, product, plan, plan_version FROM subscription_readable") == [
        ("test", "acme", "app", "team", 1)
    ]
    assert await read(url, "SELECT status, period_end, cancel_at, ended_at FROM subscription_readable") == [
        ("ACTIVE", "2026-02-01T00:00:00.000000Z", "2026-02-01T00:00:00.000000Z", None)
    ]


async def test_usage_events_changes_and_customers_are_read_so_too(url: str) -> None:
    assert await read(url, "SELECT customer, feature, unit, amount, scale, occurred_at FROM usage_readable") == [
        ("acme", "calls", "call", 30, 0, "2026-01-03T00:00:00.000000Z")
    ]
    assert await read(url, "SELECT customer, type, recorded_at FROM event_readable") == [
        ("acme", "usage.recorded", "2026-01-03T00:00:00.000000Z")
    ]
    assert await read(url, "SELECT customer, kind, applies_at, settled_at FROM scheduled_change_readable") == [
        ("acme", "CANCEL", "2026-02-01T00:00:00.000000Z", None)
    ]
    assert await read(url, "SELECT environment, external_id, created_at, archived_at FROM customer_readable") == [
        ("test", "acme", "2026-01-01T00:00:00.000000Z", None)
    ]


@pytest.mark.parametrize("instant", [FIRST, ODD, day(0.123456789), LAST])
async def test_a_timestamp_is_exact(instant: datetime, url: str) -> None:
    async with inside(url) as connection:
        await connection.execute(update(table(UsageRow)).values(occurred_at=instant))

    assert await read(url, "SELECT occurred_at FROM usage_readable") == [(written(instant),)]


async def test_an_event_of_the_catalog_has_no_customer(url: str) -> None:
    async with inside(url) as connection:
        await connection.exec_driver_sql("UPDATE event SET owner_id = 'env'")

    assert await read(url, "SELECT owner_id, customer FROM event_readable") == [("env", None)]
