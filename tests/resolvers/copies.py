"""Copies of the scene: what a test writes, the next one does not find."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.in_flight import PATIENCE
from models.session import Database
from tests.databases import sqlite
from tests.resolvers.scene import Scene, Template
from tests.world import START

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Server


@dataclass
class FileScene(Scene):
    """A copy in a file of SQLite's."""

    file: Path
    source: Path

    def mark(self) -> str:
        """SQLite's own number of what was committed: another one even where a row was written as it had been."""
        version: int = self._watcher().execute("PRAGMA data_version").fetchone()[0]
        return str(version)

    async def close(self) -> None:
        """Close the copy and its watcher."""
        self._watcher().close()
        await super().close()

    def names(self) -> list[str]:
        """Every table."""
        return [each["name"] for each in self._read("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def table(self, name: str) -> list[dict[str, Any]]:
        """Every row of a table, by column."""
        return self._read(f'SELECT * FROM "{name}"')  # noqa: S608  (a table of ours)

    def everything(self) -> dict[str, list[str]]:
        """Every row of every table, as text, over one connection: each reads the whole schema first."""
        names = self.names()
        with closing(sqlite3.connect(self.file)) as asked:
            return {name: [repr(row) for row in asked.execute(f'SELECT * FROM "{name}"')] for name in names}  # noqa: S608  (as above)

    def restore(self) -> None:
        """Make everything as it was, while the copy stays open: what was compiled for it stays too."""
        source, target = sqlite3.connect(self.source), sqlite3.connect(self.file)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()
        self.world.clock.at = START
        self.world.database.in_flight.patience = PATIENCE
        self.world.database.snapshots.clear()
        self.world.database.keys.clear()
        self.world.database.recollections.clear()

    def _watcher(self) -> sqlite3.Connection:
        """The connection that sees others write: the number counts for one connection only."""
        if not hasattr(self, "_watching"):
            self._watching = sqlite3.connect(self.file)
        return self._watching

    def _read(self, statement: str) -> list[dict[str, Any]]:
        connection = sqlite3.connect(self.file)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(statement)]
        finally:
            connection.close()


@dataclass
class ServerScene(Scene):
    """A copy in a database of PostgreSQL's."""

    server: Server

    def names(self) -> list[str]:
        """Every table."""
        listed = self._read("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [each["tablename"] for each in listed]

    def table(self, name: str) -> list[dict[str, Any]]:
        """Every row of a table, by column."""
        return self._read(f'SELECT * FROM "{name}"')  # noqa: S608  (a table of ours)

    def everything(self) -> dict[str, list[str]]:
        """Every row of every table, as text, asked for at once."""
        names = self.names()
        parts = (f'SELECT \'{name}\' AS name, "{name}"::text AS row FROM "{name}"' for name in names)  # noqa: S608  (tables of ours)
        told: dict[str, list[str]] = {name: [] for name in names}
        for each in self._read(" UNION ALL ".join(parts)):
            told[each["name"]].append(each["row"])
        return told

    async def close(self) -> None:
        """Close the copy and drop it."""
        await super().close()
        self.server.drop(self.world.database.url)

    def _read(self, statement: str) -> list[dict[str, Any]]:
        return self.server.read(self.world.database.url, statement)


def opened(template: Template, source: Path, file: Path) -> FileScene:
    """Copy the file of the scene and open the copy."""
    shutil.copyfile(source, file)
    return FileScene(template.within(Database(sqlite(file))), template, file, source)


def served(template: Template, source: str, server: Server) -> ServerScene:
    """Copy the database of the scene and open the copy."""
    return ServerScene(template.within(Database(server.copied(source))), template, server)
