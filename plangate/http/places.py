"""Places: which connections may be ended when a new one needs room, and in what order."""

from __future__ import annotations

from enum import Enum, auto
from typing import Generic, TypeVar

One = TypeVar("One")


class Giving(Enum):
    """Why a connection may be ended for another; those named first give way first."""

    RESTING = auto()
    """It waits between requests."""
    HALF_SENT = auto()
    """It has asked nothing whole: no byte yet, part of a head, part of a body."""
    UNREAD = auto()
    """Its client does not read the answer."""


class Places(Generic[One]):
    """So many places, who holds them, and who may give way; each kind in the order in which they came to it."""

    def __init__(self, most: int) -> None:
        """Know of none."""
        self._most = most
        self._held: set[One] = set()
        self._rows: dict[Giving, dict[One, None]] = {giving: {} for giving in Giving}
        self._of: dict[One, Giving] = {}

    def enter(self, one: One) -> tuple[bool, tuple[One, Giving] | None]:
        """Give it a place, and say who gives way for it; where nobody does it gets none."""
        gives_way = self.take() if len(self._held) >= self._most else None
        found = len(self._held) < self._most
        if found:
            self._held.add(one)
        return found, gives_way

    def leave(self, one: One) -> None:
        """Forget it."""
        self.put(one, None)
        self._held.discard(one)

    def put(self, one: One, giving: Giving | None) -> None:
        """Let it stand in a row, at the end unless it stands there already; None takes it out."""
        before = self._of.get(one)
        if before is giving:
            return
        if before is not None:
            del self._rows[before][one], self._of[one]
        if giving is not None:
            self._rows[giving][one] = None
            self._of[one] = giving

    def take(self) -> tuple[One, Giving] | None:
        """Take out whichever gives way first; None where none does."""
        for giving, row in self._rows.items():
            for one in row:
                self.leave(one)
                return one, giving
        return None
