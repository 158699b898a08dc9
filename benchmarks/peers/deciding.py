"""Deciding by hand: the largest limit, what was counted against it, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Window: TypeAlias = "tuple[int | None, int | None]"
"""From and before when, in microseconds; None is always."""
Ledger: TypeAlias = "Callable[[str, Window], int]"
"""Sums a feature's usage in a window, where no head tells it."""
ALWAYS = 2**62


class Give(NamedTuple):
    """What one item of a subscription gives of a feature, as it is read."""

    subscription: str
    created_at: int
    period_start: int
    period_end: int
    add_on: int
    quantity: int
    limit: int | None
    hard: int
    reset: str
    per_quantity: int


@dataclass(slots=True)
class Limit:
    """What one subscription allows; None is unlimited."""

    amount: int | None
    hard: bool
    window: Window
    order: tuple[int, str]


@dataclass(slots=True)
class About:
    """What was read about one feature of a customer."""

    feature_id: str
    kind: str
    scale: int
    counted: tuple[Window, int] | None
    limits: dict[str, Limit] = field(default_factory=dict[str, Limit])
    left: int = 0
    """What grants have left."""
    override: tuple[str, int | None, bool] | None = None
    reserved: int = 0

    def give(self, by: Give) -> None:
        """Add what an item gives."""
        amount = by.limit
        if amount is not None and (by.add_on or by.per_quantity):
            amount *= by.quantity
        limit = self.limits.get(by.subscription)
        if limit is None:
            window = (by.period_start, by.period_end) if by.reset == "SUBSCRIPTION_PERIOD" else (None, None)
            self.limits[by.subscription] = Limit(amount, bool(by.hard), window, (by.created_at, by.subscription))
        else:
            limit.amount = None if limit.amount is None or amount is None else limit.amount + amount

    def largest(self) -> Limit | None:
        """The limit that stands: unlimited first, then the larger, then the older."""
        return min(
            self.limits.values(),
            key=lambda each: (each.amount is not None, -(each.amount or 0), each.order),
            default=None,
        )


def put_beside(of: dict[str, About], beside: Iterable[Sequence[Any]]) -> None:
    """Put grants, overrides and reservations to their features."""
    for what, feature_id, amount, hard in beside:
        about = of[feature_id]
        if what == "grant":
            about.left += max(0, int(amount))
        elif what == "reserved":
            about.reserved = int(amount)
        else:
            about.override = (what, None if amount is None else int(amount), bool(hard))


def decided(about: About, ledger: Ledger) -> dict[str, Any]:
    """Decide about one feature: whether, how much was used, and of how much."""
    if about.kind != "METERED":
        given = about.override[0] != "revoked" if about.override else bool(about.limits) or about.left > 0
        return {"hasAccess": given, "used": None, "limit": None}
    largest, override, scale = about.largest(), about.override, about.scale
    window = largest.window if largest else (None, None)
    used = about.counted[1] if about.counted and about.counted[0] == window else ledger(about.feature_id, window)
    if override is not None:
        limited, limit, hard, left = override[0] != "revoked", override[1], override[2], 0
    elif largest is not None:
        limited, limit, hard, left = True, largest.amount, largest.hard, about.left
    else:
        limited, limit, hard, left = False, None, True, about.left
    granted = left > 0
    if limited:
        granted = granted or limit is None or not hard or limit - used - about.reserved > 0
    return {
        "hasAccess": granted,
        "used": written(used, scale),
        "limit": None if limit is None or not limited else written(limit, scale),
    }


def written(amount: int, scale: int) -> str:
    """Write an amount as a plain decimal."""
    if not scale:
        return str(amount)
    whole, rest = divmod(abs(amount), 10**scale)
    decimals = f"{rest:0{scale}d}".rstrip("0") if rest else ""
    return f"{'-' if amount < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"
