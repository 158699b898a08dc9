"""Change plan, interval, quantity or add-ons: up at once, down when the period ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resolvers import checks
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
    from resolvers.inputs import AddOnChoice


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """What should change; None leaves it. `add_ons` is the whole set that should be held."""

    subscription_id: str
    plan: str | None = None
    version: int | None = None
    currency: str | None = None
    interval: Interval | None = None
    quantity: int | None = None
    add_ons: tuple[AddOnChoice, ...] | None = None
    timing: ChangeTiming | None = None
    undo_cancellation: bool = False
    idempotency_key: str | None = None
    actor: str = ""

    def asked(self) -> ChangeAsked:
        """What is asked for, as the arranging knows it."""
        return ChangeAsked(
            plan=self.plan,
            version=self.version,
            currency=checks.currency(self.currency),
            interval=self.interval,
            quantity=self.quantity,
            add_ons=self.add_ons,
            timing=self.timing,
            undo_cancellation=self.undo_cancellation,
        )


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """The subscription now; `change` waits, or None where everything was done at once."""

    subscription: SubscriptionView
    change: ScheduledChangeView | None
    replaced: tuple[ScheduledChangeView, ...]
    replayed: bool


async def change(ctx: Context, command: SubscriptionChange) -> SubscriptionChanged:
    """Change a subscription by the environment's rules."""

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        return await carry_out(work, view, await arrange(ctx, work, view, command.asked(), work.at))

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionChange", command, owner, body)
    made = await read_changes(ctx, [outcome["change_id"]] if outcome["change_id"] else [])
    return SubscriptionChanged(
        subscription=await read_subscription(ctx, outcome),
        change=made[0] if made else None,
        replaced=await read_changes(ctx, outcome["replaced"]),
        replayed=replayed,
    )
