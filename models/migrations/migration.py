"""Moving a database from one revision to another."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from models.migrations.engine import migrating
from models.migrations.version import SchemaOutdated, UnknownRevision, demand_ours
from models.migrations.views import drop_views, make_views

if TYPE_CHECKING:
    from sqlalchemy import Connection

HERE = Path(__file__).parent
BASE = "base"

_turn = threading.Lock()
"""Alembic keeps the migration at hand in a global."""


class BrokenReference(Exception):  # noqa: N818  (it names rows)
    """After the revisions some rows would name rows that do not exist; nothing was done."""


async def migrate(url: str, target: str = "head", *, more: Path | None = None) -> None:
    """Bring a database to a revision, "head" or "base", in one transaction: all of it happens or none.

    It may be called from a running loop, and by several processes at once: one does it, the others find it done.
    `more` is a folder with further revisions. Raises UnknownRevision, SchemaUnfit where the database is at a revision
    that this program does not know, incomplete or somebody else's, BrokenReference, TemporarilyUnavailable and
    NetworkFileSystem.
    """
    await asyncio.to_thread(_migrate, url, target, more)


def _migrate(url: str, target: str, more: Path | None) -> None:
    with _turn:
        asyncio.run(_within(url, target, _configured(more)))


async def _within(url: str, target: str, config: Config) -> None:
    async with migrating(url) as connection:
        await connection.run_sync(_move, config, target)


def _move(connection: Connection, config: Config, target: str) -> None:
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    order = [BASE, *(script.revision for script in reversed([*scripts.walk_revisions()]))]
    wanted = head if target == "head" else target
    found = demand_ours(connection)
    if wanted not in order:
        raise UnknownRevision(f"There is no revision {target!r}; there are {', '.join(order)}.")
    if found is not None and found not in order:
        raise SchemaOutdated(found)
    config.attributes["connection"] = connection
    drop_views(connection)
    if order.index(wanted) >= order.index(found or BASE):
        command.upgrade(config, wanted)
    else:
        command.downgrade(config, wanted)
    if wanted == head:
        make_views(connection)
    _demand_whole(connection)


def _demand_whole(connection: Connection) -> None:
    """Refuse rows that lost what they refer to; PostgreSQL keeps its foreign keys on and refuses by itself."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        lines = sorted({f"{table} -> {parent}" for table, _row, parent, _key in broken})
        raise BrokenReference(f"{len(broken)} rows name rows that do not exist: {', '.join(lines)}.")


def _configured(more: Path | None) -> Config:
    config = Config()
    config.set_main_option("script_location", _plain(HERE))
    config.set_main_option("path_separator", "newline")
    folders = [HERE / "versions", *([more] if more else [])]
    config.set_main_option("version_locations", "\n".join(_plain(folder) for folder in folders))
    return config


def _plain(path: Path) -> str:
    return str(path).replace("%", "%%")
