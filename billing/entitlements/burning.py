"""How a consumed amount is spread over the limit and the allowances."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.entitlements.resolution import FOREVER, burning_place
from billing.entitlements.sources import AllowanceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Allowance, Usage

ROLLED = "rolled"
"""The id of what was carried into a window: it has no row, since the ledger says what it is."""


@dataclass(frozen=True, slots=True)
class Burn:
    """What of an amount the limit's counter takes, and what each allowance (id, amount); below zero: given back.

    `rolled_amount` burned of what was carried into the window. `place` is how many of the allowances burn before the
    limit does.
    """

    limit_amount: int
    allowances: tuple[tuple[str, int], ...] = ()
    rolled_amount: int = 0
    place: int = field(default=0, compare=False)


def burn(found: Resolution, usage: Usage, amount: int) -> Burn:
    """Spread the amount over what stands, in burning order; what fits nowhere goes to the limit.

    While an override stands, or where the sources are closed, everything goes to the limit.
    """
    found = with_rolled(found, usage)
    if found.closed is not None or found.override is not None or not found.allowances:
        return Burn(amount)
    rest, of_limit, of_rolled, place = amount, 0, 0, 0
    taken: list[tuple[str, int]] = []
    for allowance in _order(found):
        if allowance is None:
            of_limit = rest if found.limit is None else min(rest, limit_left(found.limit.limit, usage, rest))
            rest, place = rest - of_limit, len(taken)
        elif part := min(rest, allowance_left(allowance)):
            if allowance.kind is AllowanceKind.ROLLED_OVER and allowance.id == ROLLED:
                of_rolled = part
            else:
                taken.append((allowance.id, part))
            rest -= part
    return Burn(of_limit + rest, tuple(taken), of_rolled, place)


def give_back(usage: Usage, amount: int, burned: Iterable[tuple[str, int]]) -> Burn:
    """Spread an amount (above zero) that was counted too much: first the counter's, then what burned.

    `burned` is what each allowance bore of the counter's window, newest first; what was rolled over comes last.
    """
    rest = amount - (of_limit := min(amount, max(0, usage.used)))
    returned: list[tuple[str, int]] = []
    for allowance_id, held in burned:
        if part := min(rest, held):
            returned.append((allowance_id, -part))
            rest -= part
    of_rolled = min(rest, usage.rolled.used) if usage.rolled is not None else 0
    return Burn(-of_limit - (rest - of_rolled), tuple(returned), -of_rolled)


def with_rolled(found: Resolution, usage: Usage) -> Resolution:
    """Let what was carried into the window burn among the allowances.

    What reservations hold beyond the limit they hold of it. Once is enough: a second time changes nothing.
    """
    if usage.rolled is None or found.limit is None or found.closed is not None or found.rolled is not None:
        return found
    limit = found.limit.limit
    held = 0 if limit is None else max(0, usage.reserved - max(0, limit - usage.used))
    rolled = replace(usage.rolled, held=held)
    return replace(found, rolled=rolled, allowances=sorted((*found.allowances, rolled), key=burning_place))


def allowance_left(allowance: Allowance) -> int:
    """What an allowance still has for use: neither burned nor held."""
    return max(0, allowance.amount - allowance.used - allowance.held)


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
