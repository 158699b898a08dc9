"""Worlds to walk in: each is a copy of one that was made once, so that a scenario begins within milliseconds."""

from __future__ import annotations

import asyncio
import random
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

from models.session import Database
from plangate.clock import FixedClock
from plangate.contexts import Contexts
from plangate.ids import TimeOrderedIds
from plangate.secrets import InvoiceLinks, PreviewTokens, RealSecrets, Sealed
from plangate.tokens import RealTokens
from resolvers.context import Settings
from tests.accounts import the_books_agree
from tests.databases import apart, sqlite
from tests.world import START, World

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Any, TypeVar

    from tests.databases import Files, Server
    from tests.world import Place

    T = TypeVar("T")

SETTLED = timedelta(seconds=1)
"""A copy's real clock stands this much after its template was made, so that its ids are later ones."""


class Copy(World):
    """A world that was copied: nothing has happened to it yet but what happened to the first."""


def copied(database: Database, places: dict[str, Place]) -> World:
    """Stand in a copied world with an ordinary seed."""
    clock = FixedClock(START + SETTLED)
    contexts = Contexts(
        database,
        clock,
        TimeOrderedIds(clock, random.Random(11).getrandbits),
        RealSecrets(),
        RealTokens(Sealed("s" * 40)),
        InvoiceLinks("s" * 40),
        PreviewTokens("s" * 40),
        Settings(public_url="http://testserver"),
    )
    return Copy(database, clock, contexts, dict(places))


async def _made(url: str) -> dict[str, Place]:
    database = Database(url)
    try:
        return (await World.begin(database)).places
    finally:
        await database.close()


class SqliteWorlds:
    """Copies of a SQLite file."""

    def __init__(self, files: Files, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "world.db"
        self.places = apart(_made(files.fresh(self._template)))

    def fresh(self, name: str) -> str:
        """Copy the world and name its database."""
        file = self._folder / f"{name}.db"
        for left in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            left.unlink(missing_ok=True)
        shutil.copyfile(self._template, file)
        return sqlite(file)

    def walked(self, walk: Callable[[World], Coroutine[Any, Any, T]], name: str = "walked") -> T:
        """Walk through a fresh world on a loop of its own, as the examples of a law do."""

        async def through() -> T:
            database = Database(self.fresh(name))
            try:
                walked = await walk(copied(database, self.places))
                await the_books_agree(database)
                return walked
            finally:
                await database.close()

        return asyncio.run(through())


class PostgresWorlds:
    """Copies of a PostgreSQL database."""

    def __init__(self, server: Server) -> None:
        self._server = server
        url = server.fresh()
        self._template = url.rpartition("/")[2].partition("?")[0]
        self.places = apart(_made(url))

    def fresh(self) -> str:
        """Copy the world and name its database."""
        return self._server._created(f"TEMPLATE {self._template} STRATEGY file_copy")

    def drop(self, url: str) -> None:
        """Drop a copy."""
        self._server.drop(url)

    def close(self) -> None:
        """Drop what every world was copied from."""
        self._server.drop(self._server.named(self._template))
