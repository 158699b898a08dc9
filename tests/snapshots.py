"""Snapshots that are held to what is read: nothing is answered from memory, everything that would be is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from models.session import Database
    from models.snapshots import Asked, Read, Watch


class Compared(Snapshots):
    """Memory that is asked, and not believed."""

    def __init__(self, most: int, watch: Watch, asked: Asked) -> None:
        super().__init__(most, watch, asked)
        self.expected: dict[Any, Any] = {}
        self.compared = self.whole = 0

    def find(self, name: Hashable, what: Hashable, at: datetime) -> Read[Any] | None:
        """Note what would be answered, and have it read."""
        found = super().find(name, what, at)
        if found is not None:
            self.expected[found.customer_id, what, at] = _told(found, at)
        return None

    def keep(self, seen: int, what: Hashable, read: Read[Any], size: int | None = None) -> None:
        """Hold what was read against what would have been answered."""
        expected = self.expected.pop((read.customer_id, what, read.since), None)
        if expected is not None:
            self.compared += 1
            self.whole += isinstance(expected, bytes)
            assert expected == _told(read, read.since), (what, expected, read.answer)
        super().keep(seen, what, read, size)

    @classmethod
    def of(cls, database: Database) -> Compared:
        """Put it in the place of a database's own."""
        own = database.snapshots
        made = database.snapshots = cls(own.most, own._watch, own._asked)
        return made


def _told(read: Read[Any], at: datetime) -> Any:
    """What is answered at an instant: decisions, or the bytes of a whole answer."""
    return read.answer if isinstance(read.answer, bytes) else [each.as_of(at) for each in read.answer]
