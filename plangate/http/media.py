"""Media types: what the client sent, and which of our representations it would rather have (RFC 9110, 8.3 and 12.5)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RANGES = 50


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One member of an Accept header: `type/subtype` with wildcards, and its weight from 0 to 1."""

    name: str
    weight: float

    def fit(self, offer: str) -> int:
        """Say how exactly this range names `offer`: 3 by name, 2 by type, 1 as anything, 0 not at all."""
        if self.name == offer:
            return 3
        if self.name == "*/*":
            return 1
        return 2 if self.name.endswith("/*") and offer.startswith(self.name[:-1]) else 0


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value.strip()), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _ranges(accept: str) -> Iterator[MediaRange]:
    for member in accept.split(",")[:MAX_RANGES]:
        name, *parameters = member.split(";")
        if name.strip():
            yield MediaRange(name.strip().lower(), _weight(parameters))


@lru_cache(maxsize=256)
def negotiate(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """Choose the offer of the greatest weight; equal weights go by exactness, the client's order, then ours.

    No Accept header, or an empty one, means the first offer; None means that nothing offered is acceptable.
    """
    ranges = list(_ranges(accept or ""))
    if not ranges:
        return offers[0]
    best: tuple[float, int, int, int] | None = None
    chosen = None
    for place, offer in enumerate(offers):
        fit, order, weight = max((r.fit(offer), -i, r.weight) for i, r in enumerate(ranges))
        rank = (weight, fit, order, -place)
        if fit and weight > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


@lru_cache(maxsize=256)
def is_json(content_type: str | None) -> bool:
    """Whether a request body says it is JSON in UTF-8, the only kind that is read."""
    name, *parameters = (content_type or "").lower().split(";")
    charsets = [
        value.strip().strip('"') for key, _, value in (p.partition("=") for p in parameters) if key.strip() == "charset"
    ]
    return name.strip() == "application/json" and all(charset in ("utf-8", "utf8") for charset in charsets)
