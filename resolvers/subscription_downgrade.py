"""Move to a lower plan; what was paid for stays usable until the period ends. (S6, S7)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resolvers.acts import act, found_subscription, owner_of_subscription
from resolvers.arranging import ChangeAsked, arrange
from resolvers.changing import carry_out, read_changes, read_subscription

if TYPE_CHECKING:
    from typing import Any

    from billing.calendar import Interval
    from billing.lifecycle import ChangeTiming
    from models.views import ScheduledChangeView, SubscriptionView
    from models.work import Work
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
            downgrade=True,
        )


@dataclass(frozen=True, slots=True)
class SubscriptionDowngraded:
    """The subscription now; `change` waits for the period's end, or None where it was done at once."""

    subscription: SubscriptionView
    change: ScheduledChangeView | None
    replaced: tuple[ScheduledChangeView, ...]
    replayed: bool


async def downgrade(ctx: Context, command: SubscriptionDowngrade) -> SubscriptionDowngraded:
    """Schedule a lower plan, or move to it at once where the merchant says so."""

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        return await carry_out(work, view, await arrange(ctx, work, view, command.asked(), work.at))

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionDowngrade", command, owner, body)
    made = await read_changes(ctx, [outcome["change_id"]] if outcome["change_id"] else [])
    return SubscriptionDowngraded(
        subscription=await read_subscription(ctx, outcome),
        change=made[0] if made else None,
        replaced=await read_changes(ctx, outcome["replaced"]),
        replayed=replayed,
    )
