"""How a consumed amount is spread over the limit and the allowances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.entitlements.resolution import FOREVER, burning_place, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Allowance, Sources, Usage


@dataclass(frozen=True, slots=True)
class Burn:
    """What of an amount the limit's counter takes, and what each allowance (id, amount); below zero: given back."""

    limit_amount: int
    allowances: tuple[tuple[str, int], ...] = ()


def burn(sources: Sources, usage: Usage, amount: int, at: datetime, resource: str = "") -> Burn:
    """Spread the amount in burning order; it refuses nothing, what fits nowhere goes to the limit.

    While an override stands, or where the sources are closed, everything goes to the limit.
    """
    found = resolve(sources, at, resource)
    if found.closed is not None or found.override is not None:
        return Burn(amount)
    rest, of_limit = amount, 0
    taken: list[tuple[str, int]] = []
    for allowance in _order(found):
        if allowance is None:
            of_limit = rest if found.limit is None else min(rest, limit_left(found.limit.limit, usage, rest))
            rest -= of_limit
        elif part := min(rest, allowance_left(allowance)):
            taken.append((allowance.id, part))
            rest -= part
    return Burn(of_limit + rest, tuple(taken))


def give_back(usage: Usage, amount: int, burned: Iterable[tuple[str, int]]) -> Burn:
    """Spread an amount (above zero) that was counted too much: first the counter's, then what burned.

    `burned` is what each allowance bore of the counter's window, newest first.
    """
    rest = amount - (of_limit := min(amount, max(0, usage.used)))
    returned: list[tuple[str, int]] = []
    for allowance_id, held in burned:
        if part := min(rest, held):
            returned.append((allowance_id, -part))
            rest -= part
    return Burn(-of_limit - rest, tuple(returned))


def allowance_left(allowance: Allowance) -> int:
    """What an allowance still holds."""
    return max(0, allowance.amount - allowance.used)


def limit_left(limit: int | None, usage: Usage, unlimited: int) -> int:
    """What a limit still holds after usage and reservations; `unlimited` stands for an unlimited one."""
    return unlimited if limit is None else max(0, limit - usage.used - usage.reserved)


def _order(found: Resolution) -> list[Allowance | None]:
    """The burning order; None is the limit's place in it, which is the last where there is no limit."""
    order: list[Allowance | None] = list(found.allowances)
    if found.limit is None or found.counter is None:
        return [*order, None]
    base, subscription = found.limit.base, found.limit.subscription
    place = (base.priority, found.counter.end or FOREVER, subscription.created_at, False, "")
    before = sum(burning_place(allowance) < place for allowance in found.allowances)
    return [*order[:before], None, *order[before:]]
