"""Where a counter stands, in the decimal strings in which it is told and kept for a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import format_amount
from resolvers.acts import instant_kept

if TYPE_CHECKING:
    from typing import Any

    from billing.entitlements.decisions import Decision


def numbers_of(decision: Decision, scale: int) -> dict[str, Any]:
    """Write a decision's numbers; what is not over is left out as None."""

    def shown(amount: int | None) -> str | None:
        return None if amount is None else format_amount(amount, scale)

    return {
        "used": format_amount(decision.used, scale),
        "reserved": format_amount(decision.reserved, scale),
        "limit": shown(decision.limit),
        "unlimited": decision.unlimited,
        "remaining": shown(decision.remaining),
        "over_by": shown(decision.over_by or None),
        "resets_at": instant_kept(decision.resets_at),
    }


def less(remaining: int | None, amount: int) -> int | None:
    """What remains after an amount was taken; of no limit as much as before."""
    return None if remaining is None else max(0, remaining - amount)


def above(limit: int | None, used: int) -> int:
    """How far something is above a limit."""
    return 0 if limit is None else max(0, used - limit)
