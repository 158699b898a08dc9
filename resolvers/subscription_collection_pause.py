"""Stop collecting what a subscription costs, while it lives on; and collect again. (C1)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.actions import demand as demand_action
from billing.cancellation import FURTHEST
from billing.dataclass import dataclass
from billing.lifecycle import Action
from billing.refusals import DateOutOfRange
from billing.subscriptions import CollectionPause
from resolvers.acts import act, found_subscription, owner_of_subscription
from resolvers.changing import read_subscription
from resolvers.keeping import keep

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.lifecycle import CollectionBehavior
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class SubscriptionCollectionPause:
    """What becomes of invoices meanwhile, and when collecting goes on; None is when somebody says so."""

    subscription_id: str
    behavior: CollectionBehavior
    resumes_at: datetime | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionCollectionResume:
    """The subscription to collect for again."""

    subscription_id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CollectionSet:
    """The subscription now."""

    subscription: SubscriptionView
    replayed: bool


async def pause_collection(ctx: Context, command: SubscriptionCollectionPause) -> CollectionSet:
    """Pause collection, or change how; its status and what it gives stay as they are."""

    async def body(work: Work) -> dict[str, Any]:
        view = await _open(ctx, work, command.subscription_id, Action.COLLECTION_PAUSE)
        if command.resumes_at is not None and not work.at < command.resumes_at <= work.at + FURTHEST:
            latest = work.at + FURTHEST
            raise DateOutOfRange(
                "Collecting goes on at a later instant, within ten years.",
                field="resumesAt",
                earliest=work.at,
                latest=latest,
            )
        await _set(work, view, CollectionPause(command.behavior, command.resumes_at))
        return {"subscription_id": view.id}

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionCollectionPause", command, owner, body)
    return CollectionSet(await read_subscription(ctx, outcome), replayed)


async def resume_collection(ctx: Context, command: SubscriptionCollectionResume) -> CollectionSet:
    """Collect again what is invoiced from now on; invoices that were made meanwhile stay as they are."""

    async def body(work: Work) -> dict[str, Any]:
        view = await _open(ctx, work, command.subscription_id, Action.COLLECTION_RESUME)
        await _set(work, view, None)
        return {"subscription_id": view.id}

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionCollectionResume", command, owner, body)
    return CollectionSet(await read_subscription(ctx, outcome), replayed)


async def _open(ctx: Context, work: Work, subscription_id: str, action: Action) -> SubscriptionView:
    view = await found_subscription(ctx, work, subscription_id)
    policy = await work.environments.policy(work.environment_id)
    demand_action(action, view.facts, policy, ctx.audience, custom_priced=False)
    return view


async def _set(work: Work, view: SubscriptionView, pause: CollectionPause | None) -> None:
    if pause == view.facts.collection_pause:
        return
    kind = "subscription.collection_resumed" if pause is None else "subscription.collection_paused"
    await keep(work, view.customer_id, kind, view.facts, replace(view.facts, collection_pause=pause))
