"""Levels: usage that is told as it stands, and not added up. The largest that was told counts, or the latest.

What is told of a resource says nothing of another: each has its own level, and a counter of several adds these up.
At one instant what was told last stands. A window begins from nothing; without an end a level goes on for good.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from billing.dataclass import dataclass
from billing.entitlements.burning import burn
from billing.entitlements.sources import Aggregation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Usage


@dataclass(frozen=True, slots=True)
class Level:
    """What was told of one resource in one window: the largest, and the latest with its instant."""

    most: int
    last: int
    last_at: datetime


Levels: TypeAlias = "Mapping[str, Level]"
"""The levels of a counter, by resource."""


def raised(levels: Levels, resource: str, at: datetime, value: int) -> dict[str, Level]:
    """The levels once one more value is told."""
    known = levels.get(resource, Level(value, value, at))
    latest = (value, at) if at >= known.last_at else (known.last, known.last_at)
    return {**levels, resource: Level(max(known.most, value), *latest)}


def merged(parts: Iterable[Levels]) -> dict[str, Level]:
    """The levels of one window that several counters hold."""
    found: dict[str, Level] = {}
    for resource, level in (each for part in parts for each in part.items()):
        known = found.get(resource, level)
        latest = max(known, level, key=lambda each: each.last_at)
        found[resource] = Level(max(known.most, level.most), latest.last, latest.last_at)
    return found


def height(levels: Levels, aggregation: Aggregation) -> int:
    """What the counter holds."""
    return sum(level.most if aggregation is Aggregation.MAX else level.last for level in levels.values())


def spread_out(found: Resolution, usage: Usage) -> tuple[Resolution, Usage]:
    """Spread a level over the limit and the grants as if it were used at once; of a sum nothing is changed.

    A level burns nothing for good: each time it is asked about, the grants that run then bear what is above the limit.
    """
    feature = found.sources.feature
    if feature is None or feature.aggregation is Aggregation.SUM:
        return found, usage
    spread = burn(found, usage._replace(used=0), usage.used)
    bears = dict(spread.allowances)
    sources = found.sources
    running = [replace(each, used=each.used + bears.get(each.id, 0)) for each in found.allowances]
    heard = tuple(replace(each, used=each.used + bears.get(each.id, 0)) for each in sources.allowances)
    of_limit = usage._replace(used=spread.limit_amount)
    return replace(found, sources=replace(sources, allowances=heard), allowances=running), of_limit
