"""Change plan, interval, quantity or add-ons: up at once, down when the period ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from resolvers import checks
from resolvers.arranging import ChangeAsked
from resolvers.changing import make_change

if TYPE_CHECKING:
    from billing.calendar import Interval
    from billing.lifecycle import ChangeTiming
    from billing.schedules import ProrationBehavior
    from resolvers.changing import ChangeMade
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
    proration: ProrationBehavior | None = None
    preview_token: str | None = None
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
            proration=self.proration,
        )


async def change(ctx: Context, command: SubscriptionChange) -> ChangeMade:
    """Change a subscription by the environment's rules."""
    return await make_change(ctx, "subscriptionChange", command, preview_token=command.preview_token)
