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
    "CREATE TABLE outbox (id {text} NOT NULL, environment_id {text} NOT NULL, kind {kind} NOT NULL,"
    " subject_id {text} NOT NULL,"
    " due_at {big} NOT NULL, attempts {big} {null}, {check}{key}CONSTRAINT pk_outbox PRIMARY KEY (id)) {strict}"
)
KEY = "CONSTRAINT fk_outbox_environment_id FOREIGN KEY(environment_id) REFERENCES environment (id), "
USUAL = {
    "null": "NOT NULL",
    "check": "",
    "key": KEY,
    "strict": "STRICT",
    "big": "INTEGER",
    "text": "TEXT",
    "kind": "TEXT",
}
BY_CODE_POINT = 'TEXT COLLATE "C"'
USUAL_THERE = USUAL | {"strict": "", "big": "BIGINT", "text": BY_CODE_POINT, "kind": BY_CODE_POINT}
DIFFERENT = {
    "nothing": {},
    "whether NULL may be": {"null": ""},
    "a CHECK": {"check": "CONSTRAINT ck_outbox_kind CHECK (kind <> ''), "},
    "a foreign key": {"key": ""},
    "a type": {"big": "TEXT"},
    "STRICT": {"strict": ""},
    "a collation": {"kind": "TEXT"},
}


@pytest.mark.parametrize("part", DIFFERENT)
async def test_the_comparison_sees_a_table_that_differs_in(part: str, database_url: str) -> None:
    here = database_url.startswith("sqlite")
    if part == ("a collation" if here else "STRICT"):
        return
    written = (USUAL if here else USUAL_THERE) | DIFFERENT[part]
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
