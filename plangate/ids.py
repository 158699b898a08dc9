"""Ids: `<prefix>_` and 26 characters that sort by the time they were made.

48 bits of milliseconds since 1970 and 80 bits of chance, in lower-case Crockford base 32. They are names, not secrets.
"""

from __future__ import annotations

import secrets
from threading import Lock
from typing import TYPE_CHECKING, Final

from models.types import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from plangate.clock import Clock

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 26
_CHANCE_BITS: Final = 80
_PAIRS: Final = tuple(first + second for first in ALPHABET for second in ALPHABET)
_PAIR_BITS: Final = 10
_PAIR_MASK: Final = (1 << _PAIR_BITS) - 1
_END: Final = 4
_END_BITS: Final = 2 * _PAIR_BITS
"""Of ids that follow upon each other only the end differs, mostly: the beginning is written once."""


class TimeOrderedIds:
    """A source of ids, each greater than the one before, also within a millisecond or after the clock went back."""

    def __init__(self, clock: Clock, chance: Callable[[int], int] = secrets.randbits) -> None:
        """Take time from `clock`; `chance(bits)` answers a number of that many bits, from a seed in tests."""
        self._clock = clock
        self._chance = chance
        self._last = 0
        self._begin = (-1, "")
        """How the last id began, all but its end, with the number of that."""
        self._turn = Lock()

    def new(self, prefix: str) -> str:
        """Make the next id."""
        milliseconds = to_microseconds(self._clock.now()) // 1_000
        with self._turn:
            if milliseconds > self._last >> _CHANCE_BITS:
                self._last = (milliseconds << _CHANCE_BITS) | self._chance(_CHANCE_BITS)
            else:
                self._last += 1
            number, (begun, begin) = self._last, self._begin
            if number >> _END_BITS != begun:
                begin = encode(number)[:-_END]
                self._begin = number >> _END_BITS, begin
        return f"{prefix}_{begin}{_PAIRS[(number >> _PAIR_BITS) & _PAIR_MASK]}{_PAIRS[number & _PAIR_MASK]}"


def encode(number: int) -> str:
    """Write 128 bits as 26 characters; greater numbers sort later."""
    shifts = range((LENGTH // 2 - 1) * _PAIR_BITS, -1, -_PAIR_BITS)
    return "".join([_PAIRS[(number >> shift) & _PAIR_MASK] for shift in shifts])
