"""What units of work left, held to what is read: nothing is taken from memory, everything that would be is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.recollections import Recollections

if TYPE_CHECKING:
    from datetime import datetime

    from models.recollections import Mark, Recollection
    from models.session import Database
    from models.stores.standing import Asked, Standing


class Compared(Recollections):
    """Memory that is asked, and not believed."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.expected: dict[tuple[Asked, datetime], Standing] = {}
        self.compared = 0

    def find(self, of: Asked, mark: Mark, at: datetime) -> Recollection | None:
        """Note what would be taken, and have it read."""
        found = super().find(of, mark, at)
        if found is not None:
            self.expected[of, at] = found.standing
        return None

    def read(self, of: Asked, standing: Standing, at: datetime) -> Recollection:
        """Hold what was read against what would have been taken."""
        expected = self.expected.pop((of, at), None)
        if expected is not None:
            self.compared += 1
            assert _told(expected) == _told(standing), (of, expected, standing)
        return super().read(of, standing, at)

    @classmethod
    def of(cls, database: Database) -> Compared:
        """Put it in the place of a database's own."""
        made = database.recollections = cls(database.recollections.most)
        return made


def _told(standing: Standing) -> Standing:
    """All but where the sequences stood then, and the name of a head's scope."""
    heads = {scope: {**head, "scope": scope} if head else None for scope, head in standing.heads.items()}
    return standing._replace(stood=None, heads=heads)
