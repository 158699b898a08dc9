"""What was used last is kept, within bounds of number and size."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """The values used last, at most `most` of them, keyed by texts of at most `characters` in sum."""

    def __init__(self, most: int, characters: int) -> None:
        """Start empty."""
        self._kept: OrderedDict[str, V] = OrderedDict()
        self._most = most
        self._room = characters

    def get(self, text: str) -> V | None:
        """Find the value of exactly this text and count it as used now."""
        value = self._kept.get(text)
        if value is not None:
            self._kept.move_to_end(text)
        return value

    def put(self, text: str, value: V) -> None:
        """Remember a value, forgetting those unused for longest where room is needed."""
        if self._kept.pop(text, None) is None:
            self._room -= len(text)
        self._kept[text] = value
        while self._kept and (len(self._kept) > self._most or self._room < 0):
            forgotten, _ = self._kept.popitem(last=False)
            self._room += len(forgotten)

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._kept)
