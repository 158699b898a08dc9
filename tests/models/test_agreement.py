"""The migrations and the tables say the same, about everything that a database keeps."""

from __future__ import annotations

import pytest

from models.tables import metadata
from tests.models.inside import change, described_at, inside


async def test_a_migrated_database_is_what_the_tables_say(database_url: str, empty_url: str) -> None:
    async with inside(empty_url) as connection:
        await connection.run_sync(metadata.create_all)
    migrated = await described_at(database_url)

    assert migrated["columns"].keys() == set(metadata.tables)
    assert migrated == await described_at(empty_url)


OUTBOX = (
    "CREATE TABLE outbox (id TEXT NOT NULL, environment_id TEXT NOT NULL, kind TEXT NOT NULL, subject_id TEXT NOT NULL,"
    " due_at {big} NOT NULL, attempts {big} {null}, {check}{key}CONSTRAINT pk_outbox PRIMARY KEY (id)) {strict}"
)
KEY = "CONSTRAINT fk_outbox_environment_id FOREIGN KEY(environment_id) REFERENCES environment (id), "
USUAL = {"null": "NOT NULL", "check": "", "key": KEY, "strict": "STRICT", "big": "INTEGER"}
DIFFERENT = {
    "nothing": {},
    "whether NULL may be": {"null": ""},
    "a CHECK": {"check": "CONSTRAINT ck_outbox_kind CHECK (kind <> ''), "},
    "a foreign key": {"key": ""},
    "a type": {"big": "TEXT"},
    "STRICT": {"strict": ""},
}


@pytest.mark.parametrize("part", DIFFERENT)
async def test_the_comparison_sees_a_table_that_differs_in(part: str, database_url: str) -> None:
    if part == "STRICT" and not database_url.startswith("sqlite"):
        return
    written = USUAL | ({} if database_url.startswith("sqlite") else {"strict": "", "big": "BIGINT"}) | DIFFERENT[part]
    indexes = (
        "CREATE INDEX ix_outbox_due ON outbox (due_at, id)",
        "CREATE INDEX ix_outbox_lane ON outbox (kind, subject_id, id)",
    )
    before = await described_at(database_url)

    await change(database_url, "DROP TABLE outbox", OUTBOX.format(**written), *indexes)

    assert (await described_at(database_url) == before) == (part == "nothing")


@pytest.mark.parametrize(
    "index",
    [
        "CREATE UNIQUE INDEX uq_event_position ON event (environment_id, position) WHERE position IS NOT NULL",
        "CREATE UNIQUE INDEX uq_event_position ON event (environment_id, position) WHERE position > 0",
        "CREATE UNIQUE INDEX uq_event_position ON event (environment_id, position)",
        "CREATE INDEX uq_event_position ON event (environment_id, position) WHERE position IS NOT NULL",
        "CREATE UNIQUE INDEX uq_event_position ON event (position) WHERE position IS NOT NULL",
    ],
)
async def test_the_comparison_sees_an_index_that_differs(index: str, database_url: str) -> None:
    same = index.endswith("(environment_id, position) WHERE position IS NOT NULL") and "UNIQUE" in index
    before = await described_at(database_url)

    await change(database_url, "DROP INDEX uq_event_position", index)

    assert (await described_at(database_url) == before) == same
