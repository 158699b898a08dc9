"""What units of work left, held to what is read: nothing is taken from memory, everything that would be is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.recollections import Memory, Recollections

if TYPE_CHECKING:
    from datetime import datetime

    from models.recollections import Mark, Recollection
    from models.session import Database
    from models.stores.standing import Asked, Standing

TOLD = ("holder", "feature", "sources", "heads", "used", "reserved", "due_at")
Expected = dict[tuple[str, str, "datetime"], "Recollection"]


class Doubted(Memory):
    """What is kept of one customer: noted where it would be taken."""

    def __init__(self, customer_id: str, kept: Memory, expected: Expected) -> None:
        super().__init__(kept.mark, kept.of, kept.bytes)
        self.customer_id = customer_id
        self.expected = expected

    def find(self, feature: str, at: datetime) -> None:
        """Note what would be taken, and have it read."""
        found = super().find(feature, at)
        if found is not None:
            self.expected[self.customer_id, feature, at] = found


class Compared(Recollections):
    """Memory that is asked, and not believed."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.expected: Expected = {}
        self.compared = 0

    def of(self, customer_id: str, mark: Mark) -> Memory:
        """Give a memory that is not believed."""
        return Doubted(customer_id, super().of(customer_id, mark), self.expected)

    def read(self, of: Asked, standing: Standing, at: datetime) -> Recollection | None:
        """Hold what was read against what would have been taken."""
        made, expected = super().read(of, standing, at), self.expected.pop((of.customer_id, of.feature, at), None)
        if expected is not None:
            self.compared += 1
            assert [getattr(expected, each) for each in TOLD] == [getattr(made, each) for each in TOLD], (of, expected)
        return made

    @classmethod
    def of_database(cls, database: Database) -> Compared:
        """Put it in the place of a database's own."""
        made = database.recollections = cls(database.recollections.most)
        return made
