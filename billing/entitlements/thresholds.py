"""Which parts of a limit are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE = 100
MOST_THRESHOLDS = 10
HIGHEST_THRESHOLD = 1_000


def reached(thresholds: Iterable[int], limit: int | None, used: int) -> tuple[int, ...]:
    """The percents of the limit that `used` has come to, lowest first; of no limit, and of 0, there are none."""
    if not limit or limit < 0:
        return ()
    return tuple(percent for percent in sorted(thresholds) if used * WHOLE >= limit * percent)
