"""Until when what decisions were made from stays as it is, while nobody does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.entitlements.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Allowance, Override, Speaking, Usage


def lasts_until(said: Sources | Speaking, decided: Sequence[tuple[Usage, Decision]], at: datetime) -> datetime | None:
    """The next instant at which time alone may change what was said, used or decided of it; None if none is known.

    It is `at` itself where reservations hold something: when each of them ends is not told here.
    """
    allowances, overrides = _own(said)
    if any(usage.reserved for usage, _ in decided) or any(allowance.held for allowance in allowances):
        return at
    rolled = [usage.rolled for usage, _ in decided if usage.rolled]
    ends = [decision.valid_until for _, decision in decided]
    return _first_after(at, [*ends, *_turns_of([*rolled, *allowances]), *_turns(said, overrides)])


def sources_last_until(sources: Sources, at: datetime) -> datetime | None:
    """The next instant at which time alone may change sources, but for what reservations hold; None as above."""
    return _first_after(at, [*_turns_of(sources.allowances), *_turns(sources, sources.overrides)])


def _own(said: Sources | Speaking) -> tuple[Sequence[Allowance], Sequence[Override]]:
    if isinstance(said, Sources):
        return said.allowances, said.overrides
    allowances = [each for of in said.allowances.values() for each in of]
    return allowances, [each for of in said.overrides.values() for each in of]


def _first_after(at: datetime, instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None and instant > at), default=None)


def _turns(said: Sources | Speaking, overrides: Iterable[Override]) -> Iterable[datetime | None]:
    """When subscriptions and overrides begin and end to speak."""
    for subscription in said.subscriptions:
        yield from (subscription.changes_at, subscription.period.end, subscription.ended_at)
    for override in overrides:
        yield from (override.starts_at, override.ends_at)


def _turns_of(allowances: Iterable[Allowance]) -> Iterable[datetime | None]:
    for allowance in allowances:
        yield from (allowance.starts_at, allowance.expires_at)
