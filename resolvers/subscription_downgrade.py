"""Move to a lower plan; what was paid for stays usable until the period ends. (S6, S7)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from resolvers.arranging import ChangeAsked
from resolvers.changing import make_change

if TYPE_CHECKING:
    from billing.calendar import Interval
    from billing.lifecycle import ChangeTiming
    from billing.schedules import ProrationBehavior
    from resolvers.changing import ChangeMade
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class SubscriptionDowngrade:
    """The lower plan; an empty plan is one too."""

    subscription_id: str
    plan: str
    version: int | None = None
    interval: Interval | None = None
    timing: ChangeTiming | None = None
    undo_cancellation: bool = False
    proration: ProrationBehavior | None = None
    preview_token: str | None = None
    idempotency_key: str | None = None
    actor: str = ""

    def asked(self) -> ChangeAsked:
        """What is asked for, as the arranging knows it."""
        return ChangeAsked(
            plan=self.plan,
            version=self.version,
            interval=self.interval,
            timing=self.timing,
            undo_cancellation=self.undo_cancellation,
            proration=self.proration,
            downgrade=True,
        )


async def downgrade(ctx: Context, command: SubscriptionDowngrade) -> ChangeMade:
    """Schedule a lower plan, or move to it at once where the merchant says so."""
    return await make_change(ctx, "subscriptionDowngrade", command, preview_token=command.preview_token)
