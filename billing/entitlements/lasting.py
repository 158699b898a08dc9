"""Until when what a decision was made from stays as it is, while nobody does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Allowance, Sources, Usage


def lasts_until(sources: Sources, usage: Usage, decision: Decision, at: datetime) -> datetime | None:
    """The next instant at which time alone may change sources, usage or decision; None if none is known.

    It is `at` itself where reservations hold something: when each of them ends is not told here.
    """
    if usage.reserved or any(allowance.held for allowance in sources.allowances):
        return at
    rolled = [usage.rolled] if usage.rolled else []
    return _first_after(at, [decision.valid_until, *_turns_of(rolled), *_turns(sources)])


def sources_last_until(sources: Sources, at: datetime) -> datetime | None:
    """The next instant at which time alone may change sources, but for what reservations hold; None as above."""
    return _first_after(at, _turns(sources))


def _first_after(at: datetime, instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None and instant > at), default=None)


def _turns(sources: Sources) -> Iterable[datetime | None]:
    """When sources begin and end to speak."""
    for subscription in sources.subscriptions:
        yield from (subscription.changes_at, subscription.period.end, subscription.ended_at)
    yield from _turns_of(sources.allowances)
    for override in sources.overrides:
        yield from (override.starts_at, override.ends_at)


def _turns_of(allowances: Iterable[Allowance]) -> Iterable[datetime | None]:
    for allowance in allowances:
        yield from (allowance.starts_at, allowance.expires_at)
