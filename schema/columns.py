"""Which columns the fields of an object are made of, so that a list reads those that are asked for and no others."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

MOST: Final = 500
"""So many ways to ask are remembered."""


class Columns:
    """The columns of each field of an object, by the field's name."""

    def __init__(self, of: Mapping[str, str]) -> None:
        """Name them, several with spaces between; a field that is not here is made of none."""
        self._of = {name: frozenset(columns.split()) for name, columns in of.items()}
        self.of: Final = lru_cache(MOST)(self._found)

    def _found(self, wanted: frozenset[str], before: str = "") -> frozenset[str]:
        """Find those of the fields that are wanted, each with the same word before it."""
        return frozenset(before + column for name in wanted for column in self._of.get(name, ()))
