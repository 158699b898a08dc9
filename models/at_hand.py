"""Short questions of SQLite, answered where they are asked: crossing to a thread and back costs more than they do.

One connection in the loop's own thread. It never waits: what meets a lock, reads `MOST_ROWS` or takes SQLite beyond
`MOST_STEPS` is put down, and asked again of a connection that nobody's turn depends on (`models/readers.py`). A
question reads and does nothing else, so that it may be asked twice. What is asked `with` it, which is for stretches in
which nobody waits, is asked in one snapshot.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final, TypeVar

from models.answers import Answer
from models.crossing import Elsewhere, carried_out

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql import Executable

    from models.crossing import Opening, Question
    from models.prepared import Preparing
    from models.rows import Sets

T = TypeVar("T")
MOST_ROWS: Final = 300
STEPS: Final = 4_000
"""So many steps of SQLite's machine, about a fifth of a millisecond, are counted as one."""
MOST_STEPS: Final = 10


class Here:
    """A runner in the loop's thread, inside one snapshot."""

    __slots__ = ("_connection", "_left", "_preparing", "carried_out")

    def __init__(self, connection: sqlite3.Connection, preparing: Preparing) -> None:
        """Run on this connection."""
        self._connection = connection
        self._preparing = preparing
        self._left = MOST_ROWS
        self.carried_out: Final[list[str]] = []

    @property
    def dialect(self) -> Dialect:
        """SQLite's dialect."""
        return self._preparing.dialect

    async def execute(self, statement: Executable, given: Sets = None) -> Answer:
        """Carry a statement out, here and now; raises `Elsewhere`."""
        prepared, sql, places = self._preparing(statement, given)
        self.carried_out.append(sql)
        try:
            cursor = self._connection.execute(sql, places)
            found = cursor.fetchmany(self._left)
        except sqlite3.Error as problem:
            raise Elsewhere from problem
        self._left -= len(found)
        if not self._left:
            raise Elsewhere
        return Answer(prepared.reading(lambda: [each[0] for each in cursor.description or ()]), found)


class AtHand:
    """The connection that is at hand."""

    def __init__(self, opening: Opening, preparing: Preparing) -> None:
        """Open it when it is first needed."""
        self._opening: Final = opening
        self._preparing: Final = preparing
        self._connection: sqlite3.Connection | None = None
        self._stretches = False
        self._steps = 0
        self._version: int | None = None
        self._changes = 0

    def __enter__(self) -> None:
        """Keep the snapshot of the first question for those that follow at once."""
        self._stretches = True

    def __exit__(self, *_: object) -> None:
        """Let it go: who waits, or comes next, sees whatever is committed by then."""
        self._stretches = False
        self._ended()

    def asked(self, question: Question[T]) -> T:
        """Answer a question here; raises `Elsewhere`, and what the question raises."""
        connection = self._connection or self._opened()
        run = Here(connection, self._preparing)
        self._steps = 0
        asking = question(run)
        kept = False
        try:
            if not connection.in_transaction:
                connection.execute("BEGIN")
            answer: T = carried_out(asking)
            kept = self._stretches
        except sqlite3.Error as problem:
            raise Elsewhere from problem
        finally:
            asking.close()
            if not kept:
                self._ended()
        for each in run.carried_out:
            self._preparing.tell(each)
        return answer

    def changes(self) -> int | None:
        """Count how often it was seen that somebody had written, in whatever program; None where it cannot be seen.

        This connection never writes: whatever its version tells of was another's.
        """
        try:
            connection = self._connection or self._opened()
            (version,) = connection.execute("PRAGMA data_version").fetchone()
        except (sqlite3.Error, Elsewhere):
            return None
        if version != self._version:
            self._version = version
            self._changes += 1
        return self._changes

    def close(self) -> None:
        """Let the connection go; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = self._version = None

    def _ended(self) -> None:
        try:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()

    def _opened(self) -> sqlite3.Connection:
        connect: Any = sqlite3.connect
        places, options = self._opening.asked(self._preparing)
        try:
            connection: sqlite3.Connection = connect(*places, **{**options, "timeout": 0})
            for pragma in self._opening.pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as problem:
            raise Elsewhere from problem
        connection.set_progress_handler(self._much, STEPS)
        self._connection = connection
        return connection

    def _much(self) -> bool:
        self._steps += 1
        return self._steps > MOST_STEPS
