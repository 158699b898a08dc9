"""How many bytes a value takes in memory, with everything that it leads to and that is not everybody's."""

from __future__ import annotations

from enum import Enum
from gc import get_referents
from sys import getsizeof
from types import FunctionType, ModuleType
from typing import Final
from zoneinfo import ZoneInfo

SHARED: Final = (type, Enum, bool, type(None), FunctionType, ModuleType, ZoneInfo)
"""What everybody shares is nobody's weight."""
SNAPSHOT_BYTES: Final = 64 * 2**20
"""So many bytes are kept, unless the settings say otherwise."""
SMALL: Final = 257
"""Python has natural numbers below this once."""
_SHARED: dict[type, bool] = {}


def weight(value: object) -> int:
    """Reckon the bytes of a value and of what it holds, each part once; small numbers are everybody's."""
    total = 0
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        of = type(each)
        if id(each) in seen or _shared(of) or (isinstance(each, int) and 0 <= each < SMALL):
            continue
        seen.add(id(each))
        total += getsizeof(each)
        if of is not str:
            waiting += get_referents(each)
    return total


def _shared(of: type) -> bool:
    known = _SHARED.get(of)
    if known is None:
        known = _SHARED[of] = issubclass(of, SHARED)
    return known
