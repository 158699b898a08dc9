"""Until when what a decision was made from stays as it is, while nobody does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Sources, Usage


def lasts_until(sources: Sources, usage: Usage, decision: Decision, at: datetime) -> datetime | None:
    """The next instant at which time alone may change sources, usage or decision; None if none is known.

    It is `at` itself where reservations hold something: when each of them ends is not told here.
    """
    if usage.reserved or any(allowance.held for allowance in sources.allowances):
        return at
    instants = [decision.valid_until]
    for subscription in sources.subscriptions:
        instants += (subscription.changes_at, subscription.period.end, subscription.ended_at)
    for allowance in (*sources.allowances, *([usage.rolled] if usage.rolled else ())):
        instants += (allowance.starts_at, allowance.expires_at)
    for override in sources.overrides:
        instants += (override.starts_at, override.ends_at)
    return min((instant for instant in instants if instant is not None and instant > at), default=None)
