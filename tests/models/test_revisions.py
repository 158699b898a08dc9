"""Between every two neighbouring revisions, down and up again, rows keep what both of them have."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import orjson
from sqlalchemy import inspect

from billing.lifecycle import Channel
from models.choices import JobKind
from models.migrations import HEAD, schema_version
from models.migrations.migration import migrate
from models.migrations.version import revisions
from models.session import Database
from models.tables import JobRow, PersonalTextRow, metadata
from tests.models.inside import described_at, inside, rows_at
from tests.models.world import ENV, START, environment, everything, settle

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.models.inside import Rows

Kept: TypeAlias = "dict[str, dict[tuple[Any, ...], dict[str, Any]]]"
"""By table and primary key: what a row has in the columns that no revision on the way was without."""

CHAIN = sorted(revisions())


def _keys(connection: Connection) -> dict[str, list[str]]:
    found = inspect(connection)
    return {name: found.get_pk_constraint(name)["constrained_columns"] for name in found.get_table_names()}


async def keys_at(url: str) -> dict[str, list[str]]:
    """The primary key of every table."""
    async with inside(url) as connection:
        return await connection.run_sync(_keys)


async def kept_at(url: str) -> Kept:
    """Everything that is in a database."""
    keys, rows = await keys_at(url), await rows_at(url)
    return {name: {tuple(row[key] for key in keys[name]): row for row in found} for name, found in rows.items()}


async def demand_kept(url: str, kept: Kept) -> Kept:
    """See that every row is there with what it had, and narrow what is expected to the tables and columns there are."""
    there = await kept_at(url)
    narrowed: Kept = {}
    for name in kept.keys() & there.keys():
        assert kept[name].keys() <= there[name].keys(), f"{name} lost rows"
        narrowed[name] = {
            key: {column: row[column] for column in row.keys() & there[name][key].keys()}
            for key, row in kept[name].items()
        }
        for key, row in narrowed[name].items():
            assert {column: there[name][key][column] for column in row} == row, f"{name} {key} is another"
    return narrowed


async def test_every_step_of_the_chain_keeps_the_rows_down_and_up(database_url: str) -> None:
    database = Database(database_url)
    await settle(database, *everything())
    await database.close()
    kept, made = await kept_at(database_url), {HEAD: await described_at(database_url)}
    assert {name for name, rows in kept.items() if rows} == set(metadata.tables)

    for older, newer in reversed([*pairwise(CHAIN)]):
        await migrate(database_url, older)
        kept = await demand_kept(database_url, kept)
        made[older] = await described_at(database_url)
        await migrate(database_url, newer)
        kept = await demand_kept(database_url, kept)
        assert await described_at(database_url) == made[newer], f"{older} and up again does not make {newer}"
        await migrate(database_url, older)
        kept = await demand_kept(database_url, kept)
        assert await described_at(database_url) == made[older], f"{newer} and down again does not make {older}"
    first = {name for name, rows in kept.items() if rows}
    await migrate(database_url)
    kept = await demand_kept(database_url, kept)

    assert await described_at(database_url) == made[HEAD]
    assert {name for name, rows in kept.items() if rows} == first
    await migrate(database_url, "base")
    assert (await rows_at(database_url), await schema_version(database_url)) == ({}, None)


async def test_a_jobs_plain_comment_becomes_words_that_can_be_erased_and_back(database_url: str) -> None:
    words = PersonalTextRow(id="txt_1", environment_id=ENV, text="They moved.", salt="s", channel=Channel.CLI)
    asked = {"ids": ["sub"], "comment_id": "txt_1"}
    job = JobRow(
        id="job_1", environment_id=ENV, kind=JobKind.CANCELLATION, input=asked, channel=Channel.CLI, created_at=START
    )
    database = Database(database_url)
    await settle(database, *environment(), words, job)
    await database.close()

    await migrate(database_url, "0020")
    before = await rows_at(database_url)
    await migrate(database_url)
    after = await rows_at(database_url)

    assert (before["personal_text"], _input(before)) == ([], {"ids": ["sub"], "comment": "They moved."})
    (found,) = after["personal_text"]
    assert (found["id"], found["text"], found["customer_id"], found["channel"]) == ("txt_1", "They moved.", None, "CLI")
    assert _input(after) == asked


def _input(found: Rows) -> dict[str, Any]:
    (job,) = found["job"]
    kept = job["input"]
    return cast("dict[str, Any]", orjson.loads(kept) if isinstance(kept, (str, bytes)) else kept)
