"""What is unspent when a window ends, and how much of it lasts through the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.entitlements.burning import ROLLED
from billing.entitlements.resolution import resolve_meant
from billing.entitlements.sources import Allowance, AllowanceKind

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.sources import Counter, Sources

PRIORITY = 10
"""What was rolled over burns before a limit (50), unless the plan's limit has a lower priority still."""


def ended_counter(before: Sources, last: datetime, counter: Counter) -> Counter | None:
    """The counter whose window ended where this one begins, if what was unspent of it may roll over.

    `before` are the sources at `last`, the last instant before this window. It is the limit that stood then that
    says whether: neither an override nor an unlimited one, and in the same scope.
    """
    found = resolve_meant(before, last, counter.resource)
    if found.closed is not None or found.override is not None or found.limit is None or found.counter is None:
        return None
    if found.limit.limit is None or found.limit.base.rollover_maximum is None:
        return None
    same = found.counter.end == counter.start and found.counter.resource == counter.resource
    return found.counter if same else None


def rolled_over(before: Sources, last: datetime, counter: Counter, unspent_of: int) -> int:
    """How much rolls over into this window, where `unspent_of` was used of the limit in the one that ended.

    At most the maximum; nothing where less than the minimum is left.
    """
    found = resolve_meant(before, last, counter.resource)
    if ended_counter(before, last, counter) is None or found.limit is None or found.limit.limit is None:
        return 0
    give = found.limit.base
    carried = min(max(0, found.limit.limit - unspent_of), give.rollover_maximum or 0)
    return carried if carried >= give.rollover_minimum else 0


def carried(amount: int, used: int, counter: Counter) -> Allowance | None:
    """The allowance that it becomes: it burns first and ends with the window. None where nothing rolled over."""
    if counter.start is None or not (amount or used):
        return None
    return Allowance(
        id=ROLLED,
        resource=counter.resource,
        kind=AllowanceKind.ROLLED_OVER,
        amount=amount,
        used=used,
        priority=PRIORITY,
        starts_at=counter.start,
        created_at=counter.start,
        expires_at=counter.end,
    )
