"""Which overrides speak at an instant, and until when each does as far as was known then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.entitlements.sources import Override

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any


def overrides_at(found: Sequence[Mapping[str, Any]], at: datetime, *, past: bool) -> tuple[Override, ...]:
    """Those of one customer and feature that were set by then and not yet cleared.

    In the `past` a row tells of an end that was decided later: what was known then is its own end, and the next one
    that was set by then, to which it gives way.
    """
    made = [each for each in found if each["created_at"] <= at]
    return tuple(
        _override(each, [each["ends_at"], *(_next_ones(each, made) if past else [each["cleared_at"]])])
        for each in made
        if each["cleared_at"] is None or each["cleared_at"] > at
    )


def _next_ones(former: Mapping[str, Any], made: Sequence[Mapping[str, Any]]) -> list[datetime]:
    return [
        each["starts_at"]
        for each in made
        if each["resource"] == former["resource"]
        and each["starts_at"] > former["starts_at"]
        and each["created_at"] >= former["created_at"]
    ]


def _override(found: Mapping[str, Any], ends: Sequence[datetime | None]) -> Override:
    return Override(
        id=found["id"],
        resource=found["resource"],
        starts_at=found["starts_at"],
        ends_at=min((end for end in ends if end is not None), default=None),
        revoked=found["revoked"],
        limit=found["limit"],
        hard=found["hard"],
        value=found["value"],
    )
