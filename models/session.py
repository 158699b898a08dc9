"""The database's two doors: reading a snapshot, and working in one transaction that is on disk when it is left.

SQLite has one writer at a time and any number of readers; PostgreSQL has many of both.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NoReturn, TypeVar

from sqlalchemy import text

from models.files import file_of
from models.gathering import Gathering
from models.in_flight import InFlight
from models.recollections import Recollections
from models.snapshots import Snapshots
from models.sqlite import Sqlite
from models.unavailable import PROBLEMS, unavailable
from models.weighing import SNAPSHOT_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractContextManager

    from models.crossing import Question
    from models.lookout import Lookout
    from models.postgresql import Postgresql
    from models.rows import Runner

WAIT_SECONDS = 3.0
NOTICE, NOTICE_OF_SERVER = 0.005, 0.04
"""Seconds within which what other programs wrote to a file or a server is noticed; the promise is 0.05."""
KEYS_BYTES = 2**20
"""So many bytes at most are kept of what keys open: some hundreds of environments."""
SIGN = text("SELECT 1")
T = TypeVar("T")


class Database:
    """An open database. `worked` and `working` are the only ways to write."""

    def __init__(
        self,
        url: str,
        *,
        wait_seconds: float = WAIT_SECONDS,
        snapshot_bytes: int = SNAPSHOT_BYTES,
        notice_seconds: float | None = 0.0,
    ) -> None:
        """Prepare it; nothing is opened before the first use. Raises NetworkFileSystem and InMemory.

        What is kept in memory may miss what other programs wrote in the last `notice_seconds`; None is what is usual.
        """
        self.url = url
        self.sqlite = url.startswith("sqlite")
        notice = (NOTICE if self.sqlite else NOTICE_OF_SERVER) if notice_seconds is None else notice_seconds
        self._store = (
            Sqlite(url, file_of(url), wait_seconds, notice) if self.sqlite else _server(url, wait_seconds, notice)
        )
        self.snapshots = Snapshots(snapshot_bytes, self._store, self.asked)
        self.keys = Snapshots(min(snapshot_bytes, KEYS_BYTES), self._store, self.asked)
        self.recollections = Recollections(snapshot_bytes)
        self.in_flight = InFlight()
        self.gathering = Gathering(patience=wait_seconds)

    @property
    def one_writes(self) -> bool:
        """Whether one writes at a time: who waits for anybody may as well be carried out with everybody."""
        return self.sqlite

    async def asked(self, question: Question[T], *, brief: bool = False, alone: bool = False) -> T:
        """Carry out a question, which awaits its statements and nothing else, in one snapshot of what is committed.

        One that is `brief` is expected to read little and to reckon little with it: it is tried at once. One that is
        `alone` is expected to be a single statement, a snapshot by itself. What proves otherwise is asked again.
        """
        try:
            return await self._store.asked(question, brief=brief, alone=alone)
        except PROBLEMS as problem:
            _refuse(problem)

    @property
    def stretch(self) -> AbstractContextManager[None]:
        """Be in this while a request takes a step: all that it asks at hand before it waits is of one snapshot.

        It holds nobody up and is never entered for longer: a snapshot that outlived a wait would be an old one.
        """
        return self._store.stretch

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Runner, None]:
        """Open one snapshot of what is committed, for a reader that awaits other things too."""
        try:
            async with self._store.reading() as run:
                yield run
        except PROBLEMS as problem:
            _refuse(problem)

    async def worked(self, act: Question[T]) -> T:
        """Carry out an act, which awaits its statements and nothing else, and answer it after COMMIT is on disk.

        Whatever it raises undoes all of it. On SQLite acts that wait for their turn share a transaction.
        """
        try:
            return await self._store.worked(act)
        except PROBLEMS as problem:
            _refuse(problem)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[Runner, None]:
        """Own a write transaction from the first to the last statement; leaving returns after COMMIT is on disk."""
        try:
            async with self._store.working() as run:
                yield run
        except PROBLEMS as problem:
            _refuse(problem)

    async def probe(self) -> None:
        """Ask the database for a sign of life; raises TemporarilyUnavailable."""
        await self.asked(_sign_of_life)

    def heard_by(self, hear: Callable[[str], None]) -> None:
        """Tell somebody each statement that is carried out, and each COMMIT, from now on, without what was given."""
        self._store.preparing.hear = hear

    @property
    def lookout(self) -> Lookout | None:
        """Who notices what other programs wrote, where that takes asking a server."""
        return None if isinstance(self._store, Sqlite) else self._store.lookout

    @property
    def in_use(self) -> int:
        """How many connections somebody has."""
        return self._store.in_use

    async def close(self) -> None:
        """Close every connection, after what is being carried out."""
        await self.gathering.idle()
        await self._store.close()


def _server(url: str, wait: float, notice: float) -> Postgresql:
    from models.postgresql import Postgresql  # noqa: PLC0415  (who has a file needs no driver of a server)

    return Postgresql(url, wait, notice)


async def _sign_of_life(run: Runner) -> None:
    await run.execute(SIGN)


def _refuse(problem: Exception) -> NoReturn:
    said = unavailable(problem)
    if said is problem:
        raise problem
    raise said from problem
