"""What the Python of an operation is put together of."""

from __future__ import annotations

from enum import IntEnum

from billing.dataclass import dataclass


class Kind(IntEnum):
    """How a piece is made: at once, in turns that others may use, or after something else was waited for."""

    PLAIN = 0
    PACED = 1
    WAITS = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """An expression that is a JSON text; where its kind says so, there is an `await` in it."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Maker:
    """A function of a value and the run that gives a JSON text, or of several at once, which gives one for each.

    It has to be awaited unless its kind is plain; `through` is who calls it, where that is somebody else.
    """

    name: str
    kind: Kind
    through: str = ""

    def of(self, value: str) -> str:
        """Call it."""
        call = f"{self.through}({self.name}, {value}, r)" if self.through else f"{self.name}({value}, r)"
        return f"await {call}" if self.kind else call
