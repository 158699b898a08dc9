"""A SQLite file: many connections that read, one that writes, and the certainty that it is still the same file."""

from __future__ import annotations

from contextlib import asynccontextmanager
from time import monotonic  # noqa: TID251  (an age, of no business fact: the loop's own time stands still in a turn)
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.dialects.sqlite.aiosqlite import dialect

from billing.refusals import TemporarilyUnavailable
from models.at_hand import AtHand
from models.crossing import Elsewhere, Opening
from models.files import Identity, demand_local, existing
from models.prepared import Preparing
from models.readers import Readers
from models.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection
    from contextlib import AbstractContextManager
    from pathlib import Path

    from models.crossing import Hopping, Question

T = TypeVar("T")
READERS = 8
MAPPED = 2**31 - 2**16
"""So many bytes of the file readers map instead of copying page by page: as many as SQLite does. (ADR 29)"""
NEVER = 0.0
PRAGMAS: tuple[str, ...] = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY")


class Sqlite:
    """An open file."""

    def __init__(self, url: str, file: Path | None, wait: float, notice: float) -> None:
        """Prepare to open it at the first use; a database without a file is of this program alone.

        What others write is noticed within `notice` seconds. Raises NetworkFileSystem.
        """
        self._file = Identity(file) if file is not None else None
        if file is not None:
            demand_local(file)
        self.preparing = Preparing(dialect())
        place = existing(url)
        reading = Opening(place, wait, (*PRAGMAS, "query_only=ON", f"mmap_size={MAPPED}"))
        self._readers = Readers(reading, self.preparing, size=READERS)
        self._at_hand = AtHand(reading, self.preparing)
        self.stretch: AbstractContextManager[None] = self._at_hand
        """One snapshot of what is brief, for as long as nobody waits."""
        self._writer = Writer(Opening(place, wait, PRAGMAS), self.preparing)
        self.began = 0
        """Everything is noticed from the first: the file itself is asked, which stays the same or is refused."""
        self._notice = notice
        self._same_until = NEVER
        self._noticed: int | None = None
        self._noticed_until = NEVER

    async def asked(self, question: Question[T], *, brief: bool = False, alone: bool = False) -> T:  # noqa: ARG002  (one way)
        """Carry a question out in one snapshot: in one crossing, or here where it is `brief`."""
        (self._demand_same_file_lately if brief else self._demand_same_file)()
        try:
            if brief:
                try:
                    return self._at_hand.asked(question)
                except Elsewhere:
                    pass
            return await self._readers.asked(question)
        finally:
            self._remember_file()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Hopping, None]:
        """Open one snapshot, for statements between which something else may be awaited."""
        self._demand_same_file()
        async with self._readers.reading() as run:
            self._remember_file()
            yield run

    async def worked(self, act: Question[T]) -> T:
        """Carry an act out in one crossing, in a transaction that others may share."""
        self._demand_same_file()
        try:
            answer = await self._writer.worked(act)
        finally:
            self._noticed_until = NEVER
        self._remember_file()
        self._demand_same_file()  # what was committed into a file without a name is not answered as done
        return answer

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[Hopping, None]:
        """Own a transaction, for statements between which something else may be awaited."""
        self._demand_same_file()
        try:
            async with self._writer.working() as run:
                self._remember_file()
                yield run
        finally:
            self._noticed_until = NEVER
        self._demand_same_file()  # as above

    def present(self) -> int | None:
        """Count what is known to have been written: by this program until now, by others until a moment ago."""
        now = monotonic()
        if now >= self._noticed_until:
            self._noticed = self._changes()
            self._noticed_until = now + self._notice
        return self._noticed

    def _changes(self) -> int | None:
        try:
            self._demand_same_file()
        except TemporarilyUnavailable:
            return None
        return self._at_hand.changes()

    async def certain(self) -> int | None:
        """Count likewise: there is nobody to wait for."""
        return self.present()

    def moved(self, owners: Collection[str], seen: int) -> bool:  # noqa: ARG002  (of a server more is known)
        """Say that it may be so: of a file it is only known that something was written."""
        return True

    @property
    def in_use(self) -> int:
        """How many connections somebody has."""
        return self._readers.in_use + self._writer.in_use

    async def close(self) -> None:
        """Close every connection, after what is being carried out."""
        await self._writer.close()
        self._at_hand.close()
        await self._readers.close()

    def _remember_file(self) -> None:
        if self._file is not None:
            self._file.opened()

    def _demand_same_file_lately(self) -> None:
        """Demand it as it was found a moment ago: of another file's rows nobody may read for longer."""
        now = monotonic()
        if now >= self._same_until:
            self._demand_same_file()
            self._same_until = now + self._notice

    def _demand_same_file(self) -> None:
        if self._file is not None:
            self._file.demand_same()
