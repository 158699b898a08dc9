"""Keep a subscription after all: take a pending cancellation back. (K14, K15, C8, C16)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.actions import demand as demand_action
from billing.actions import demand_no_job
from billing.catalog.values import PlanKind
from billing.lifecycle import Action, ChangeKind
from billing.refusals import AlreadyEnded, NoCancellationPending
from resolvers.acts import act, found_subscription, owner_of_subscription
from resolvers.changing import read_subscription
from resolvers.scheduled_change_undo import take_back

if TYPE_CHECKING:
    from typing import Any

    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Caller, Context


@dataclass(frozen=True, slots=True)
class CancellationUndo:
    """The subscription to keep."""

    subscription_id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CancellationUndone:
    """The subscription now."""

    subscription: SubscriptionView
    replayed: bool


async def undo_cancellation(ctx: Context, command: CancellationUndo) -> CancellationUndone:
    """Undo while the end has not come; what was undone already stays so. (K14)"""

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        pending = view.facts.pending(ChangeKind.CANCEL)
        if pending is None and view.facts.live and view.facts.cancel_at is None:
            if view.cancellation is not None and view.cancellation.undone_at is not None:
                return {"subscription_id": view.id}
            _demand_not_come(view)
            raise NoCancellationPending("No cancellation is pending; there is nothing to undo.", field="subscriptionId")
        await keep_after_all(ctx, work, view)
        return {"subscription_id": view.id}

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionCancellationUndo", command, owner, body)
    return CancellationUndone(await read_subscription(ctx, outcome), replayed)


def _demand_not_come(view: SubscriptionView) -> None:
    """Refuse where the end came and led to a plan: that is no end which could be taken back. (S7)"""
    if view.went_on:
        raise AlreadyEnded(
            "What was cancelled has ended, and the subscription goes on on another plan: change that.",
            ended_at=view.facts.went_on_at,
        )


async def keep_after_all(by: Caller, work: Work, view: SubscriptionView) -> None:
    """Take a pending cancellation back, or refuse by name; a job that undoes asks this too."""
    policy = await work.environments.policy(by.env.id)
    plan = (await work.catalog.versions_by_id([view.facts.plan_version_id]))[view.facts.plan_version_id]
    custom = plan.kind is PlanKind.CUSTOM
    pending = view.facts.pending(ChangeKind.CANCEL)
    demand_no_job(pending.job_id if pending else None, by.audience, "subscriptionId")
    demand_action(Action.UNDO_CANCELLATION, view.facts, policy, by.audience, custom_priced=custom)
    if pending is not None:
        await take_back(work, view, pending.id)
