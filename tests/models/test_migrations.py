"""A database moves between revisions whole, with its rows, or not at all."""

from __future__ import annotations

import asyncio
import stat
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, make_url
from sqlalchemy.exc import IntegrityError

from billing.refusals import TemporarilyUnavailable
from models.files import file_of
from models.migrations import (
    HEAD,
    SchemaOutdated,
    UnknownRevision,
    demand_current,
    engine,
    schema_version,
)
from models.migrations.migration import HERE, BrokenReference, migrate
from models.migrations.views import VIEWS
from models.session import Database
from models.tables import metadata
from tests.models.inside import asked, change, described_at, rows_at, views_at
from tests.models.world import everything, settle

if TYPE_CHECKING:
    from pathlib import Path

HEADER = f"""
from alembic import op
from sqlalchemy import Column, text
from models.migrations.columns import TEXT
from models.migrations.operations import altering
revision = "next"
down_revision = "{HEAD}"
branch_labels = None
depends_on = None
"""
ALTERS = """
def upgrade():
    with altering("subscription") as changes:
        changes.add_column(Column("note", TEXT, nullable=False, server_default="none"))
        changes.drop_constraint("ck_subscription_billed_by", type_="check")
        changes.create_check_constraint("ck_subscription_billed_by", "billed_by IN ('BUILT_IN', 'STRIPE', 'OTHER')")

def downgrade():
    with altering("subscription") as changes:
        changes.drop_column("note")
        changes.drop_constraint("ck_subscription_billed_by", type_="check")
        changes.create_check_constraint("ck_subscription_billed_by", "billed_by IN ('BUILT_IN', 'STRIPE')")
"""
KEPT = ("strict", "indexes", "others")
FAILS = """
def upgrade():
    op.create_table("draft", Column("id", TEXT))
    with altering("subscription") as changes:
        changes.add_column(Column("note", TEXT))
    op.execute("UPDATE customer SET name = 'nobody'")
    op.execute("SELECT * FROM nowhere")
"""
ORPHANS = """
def upgrade():
    op.execute("DELETE FROM customer")
"""


def further(folder: Path, text: str) -> Path:
    """A folder with one more revision."""
    (folder / "more").mkdir()
    (folder / "more" / "next.py").write_text(dedent(HEADER + text))
    return folder / "more"


def modes(folder: Path) -> dict[str, int]:
    """The files of a folder and who may read them."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.fixture
async def full_url(database_url: str) -> str:
    """A database with a row in every table."""
    database = Database(database_url)
    await settle(database, *everything())
    await database.close()
    rows = await rows_at(database_url)
    assert {name for name, found in rows.items() if found} == set(metadata.tables)
    return database_url


def test_the_known_revision_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_up_down_and_up_again_with_rows(full_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    rows, made = await rows_at(full_url), await described_at(full_url)

    await migrate(full_url)
    assert await rows_at(full_url) == rows
    assert await schema_version(full_url) == HEAD

    await migrate(full_url, "base")
    assert await rows_at(full_url) == {}
    assert await views_at(full_url) == {}
    assert await schema_version(full_url) is None

    await migrate(full_url)
    assert await described_at(full_url) == made
    assert set(await views_at(full_url)) == set(VIEWS)
    assert capfd.readouterr() == ("", "")


async def test_a_table_is_altered_and_restored_with_all_that_refers_to_it(full_url: str, tmp_path: Path) -> None:
    more = further(tmp_path, ALTERS)
    rows, made, read = await rows_at(full_url), await described_at(full_url), await views_at(full_url)

    await migrate(full_url, more=more)

    assert (
        [row.pop("note") for row in rows_after["subscription"]] == ["none"]
        if (rows_after := await rows_at(full_url))
        else False
    )
    assert rows_after == rows
    assert await views_at(full_url) == read
    await change(
        full_url, "UPDATE subscription SET billed_by = 'OTHER'", "UPDATE subscription SET billed_by = 'STRIPE'"
    )
    with pytest.raises(IntegrityError, match="ck_subscription_billed_by"):
        await change(full_url, "UPDATE subscription SET billed_by = 'NOBODY'")

    await change(full_url, "UPDATE subscription SET billed_by = 'BUILT_IN'")
    await migrate(full_url, HEAD, more=more)
    assert await rows_at(full_url) == rows
    assert await described_at(full_url) == made


@pytest.mark.parametrize(("revision", "refusals"), [(FAILS, Exception), (ORPHANS, (BrokenReference, IntegrityError))])
async def test_a_migration_that_fails_leaves_nothing_half_done(
    revision: str,
    refusals: type[Exception] | tuple[type[Exception], ...],
    full_url: str,
    tmp_path: Path,
) -> None:
    before = [await rows_at(full_url), await described_at(full_url), await views_at(full_url)]

    with pytest.raises(refusals):
        await migrate(full_url, more=further(tmp_path, revision))

    assert [await rows_at(full_url), await described_at(full_url), await views_at(full_url)] == before
    assert await schema_version(full_url) == HEAD


async def test_rows_that_lost_their_parent_are_named(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    await settle(database, *everything())
    await database.close()

    with pytest.raises(BrokenReference) as broken:
        await migrate(sqlite_url, more=further(tmp_path, ORPHANS))

    children = sorted(
        name
        for name, found in metadata.tables.items()
        if any(key.target_fullname == "customer.id" for key in found.foreign_keys)
    )
    told = ", ".join(f"{name} -> customer" for name in children)
    assert str(broken.value) == f"{len(children)} rows name rows that do not exist: {told}."


async def test_a_database_that_is_older_newer_or_empty_is_refused(empty_url: str) -> None:
    with pytest.raises(SchemaOutdated, match="no schema yet and this program needs revision") as none:
        await demand_current(empty_url)
    await migrate(empty_url)
    await demand_current(empty_url)
    await change(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaOutdated, match="is at revision 9999 and this program needs") as other:
        await demand_current(empty_url)

    assert (none.value.found, none.value.known) == (None, HEAD)
    assert (other.value.found, other.value.known) == ("9999", HEAD)


async def test_a_revision_that_this_program_does_not_know_is_left_alone(full_url: str) -> None:
    await change(full_url, "UPDATE alembic_version SET version_num = '9999'")
    rows = await rows_at(full_url)

    for target in ("head", "base", HEAD):
        with pytest.raises(SchemaOutdated):
            await migrate(full_url, target)

    assert await rows_at(full_url) == rows
    assert await schema_version(full_url) == "9999"


async def test_a_revision_that_does_not_exist_cannot_be_migrated_to(database_url: str) -> None:
    with pytest.raises(UnknownRevision, match=f"There is no revision 'later'; there are base, 0001, .*{HEAD}.$"):
        await migrate(database_url, "later")


async def test_asking_for_the_revision_makes_no_file_and_migrating_makes_a_private_one(tmp_path: Path) -> None:
    file = tmp_path / "a b%20#?.db"
    url = URL.create("sqlite+aiosqlite", database=str(file)).render_as_string()

    assert file_of(url) == file
    assert await schema_version(url) is None
    assert modes(tmp_path) == {}
    await migrate(url)
    assert await schema_version(url) == HEAD
    assert modes(tmp_path) == {file.name: 0o600}


async def test_a_database_in_no_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(TemporarilyUnavailable, match=r"^The database's file cannot be made; nothing was done\.$"):
        await migrate(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'a.db'}")


async def test_several_processes_migrate_at_once_and_one_does_it(empty_url: str) -> None:
    program = "import asyncio, sys; from models.migrations.migration import migrate; asyncio.run(migrate(sys.argv[1]))"
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, empty_url, cwd=HERE.parents[1])
        for _ in range(2)
    ]

    assert [await each.wait() for each in started] == [0, 0]
    await demand_current(empty_url)
    assert await asked(empty_url, "SELECT count(*) FROM alembic_version") == [(1,)]


async def test_several_migrations_of_one_process_take_turns(database_url: str, empty_url: str) -> None:
    await asyncio.gather(migrate(database_url, "base"), migrate(empty_url), migrate(empty_url))

    assert [await schema_version(database_url), await schema_version(empty_url)] == [None, HEAD]


@pytest.mark.postgres
async def test_a_migration_waits_for_another_on_postgresql(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
    other = await asyncpg.connect(dsn)
    await other.execute(f"SELECT pg_advisory_lock({engine.LOCK})")
    waiting = asyncio.create_task(migrate(postgresql_url, "base"))
    await asyncio.sleep(0.2)
    assert not waiting.done()

    monkeypatch.setattr(engine, "WAIT_SECONDS", 0.1)
    waits = asyncio.create_task(migrate(postgresql_url))
    await other.close()
    await waiting
    await waits
    assert await schema_version(postgresql_url) == HEAD


@pytest.mark.postgres
async def test_a_migration_does_not_wait_for_ever_on_postgresql(
    postgresql_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dsn = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
    other = await asyncpg.connect(dsn)
    await other.execute(f"SELECT pg_advisory_lock({engine.LOCK})")
    monkeypatch.setattr(engine, "WAIT_SECONDS", 0.1)

    with pytest.raises(TemporarilyUnavailable):
        await migrate(postgresql_url)

    await other.close()


async def test_a_migration_waits_for_a_writer_on_sqlite(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sqlite_database.working():
        waiting = asyncio.create_task(migrate(sqlite_database.url, "base"))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    await waiting
    assert await schema_version(sqlite_database.url) is None

    await migrate(sqlite_database.url)
    monkeypatch.setattr(engine, "WAIT_SECONDS", 0.1)
    async with sqlite_database.working():
        with pytest.raises(TemporarilyUnavailable):
            await migrate(sqlite_database.url)
