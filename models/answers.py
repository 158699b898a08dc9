"""What a statement answered, all of it at hand: nothing stays open behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.reading import Reading


@dataclass(slots=True)
class Answer:
    """The rows of a statement as the driver gave them; one is made for each statement, so that it is not frozen."""

    reading: Reading
    found: Sequence[Sequence[Any]]
    met: int = -1
    """How many rows it wrote; -1 where nobody counted."""

    def dicts(self) -> list[dict[str, Any]]:
        """Give every row by column name."""
        return self.reading.dicts(self.found) if self.found else []

    def tuples(self) -> Sequence[Sequence[Any]]:
        """Give every row by its columns' places."""
        return self.reading.tuples(self.found) if self.found else []

    def records(self) -> list[Any]:
        """Give every row as a tuple whose attributes are the columns."""
        return self.reading.records(self.found) if self.found else []

    def first(self) -> dict[str, Any] | None:
        """Give the first row by column name; None where there is none."""
        return self.reading.dicts(self.found[:1])[0] if self.found else None

    def scalar(self) -> Any:  # noqa: ANN401  (of any type)
        """Give the first column of the first row; None where there is none."""
        return self.reading.tuples(self.found[:1])[0][0] if self.found else None
