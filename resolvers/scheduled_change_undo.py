"""Take a pending change back before its instant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from billing.actions import demand_no_job
from billing.cancellation import demand_not_paid_back
from billing.lifecycle import ChangeKind, ChangeStatus
from billing.refusals import AlreadyApplied
from billing.schedules import managed
from billing.subscriptions import cut
from resolvers.access import not_found, own_subscription
from resolvers.acts import act, found_subscription
from resolvers.changing import read_changes, read_subscription
from resolvers.due import keep
from resolvers.invoicing.asked import Proration
from resolvers.paying.at_the_end import paid_back

if TYPE_CHECKING:
    from typing import Any

    from billing.subscriptions import Scheduled
    from models.reader import Reader
    from models.views import ScheduledChangeView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class ScheduledChangeUndo:
    """The change to take back, a pending cancellation too."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class ScheduledChangeUndone:
    """The subscription and the change as they are now."""

    subscription: SubscriptionView
    change: ScheduledChangeView
    replayed: bool


async def undo_change(ctx: Context, command: ScheduledChangeUndo) -> ScheduledChangeUndone:
    """Take a pending change back; a second time is the same answer."""

    async def owner(work: Work) -> str:
        return (await _found(ctx, work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        pending = await _found(ctx, work, command.id)
        outcome = {"subscription_id": pending.subscription_id, "change_id": pending.id}
        if pending.status is ChangeStatus.UNDONE:
            return outcome
        if pending.status is not ChangeStatus.PENDING:
            raise AlreadyApplied(
                "The change is no longer pending and cannot be taken back.",
                field="id",
                status=pending.status.value,
            )
        demand_no_job(pending.job_id, ctx.audience, "id")
        view = await found_subscription(ctx, work, pending.subscription_id)
        if pending.schedule_id:
            raise managed(view.facts, "id")
        await take_back(work, view, pending.id)
        return outcome

    outcome, replayed = await act(ctx, "scheduledChangeUndo", command, owner, body)
    (change,) = await read_changes(ctx, [outcome["change_id"]])
    return ScheduledChangeUndone(await read_subscription(ctx, outcome), change, replayed)


async def take_back(work: Work, view: SubscriptionView, change_id: str, restored: tuple[Scheduled, ...] = ()) -> None:
    """Settle a pending change as undone and keep the facts without it, and with those that wait again instead.

    An end for which money went back is refused before anything is written.
    """
    pending = next(change for change in view.facts.scheduled if change.id == change_id)
    if pending.kind is ChangeKind.CANCEL:
        demand_not_paid_back(paid_back=paid_back(view))
    rest = (*(change for change in view.facts.scheduled if change is not pending), *restored)
    await work.subscriptions.settle_change(pending.id, ChangeStatus.UNDONE, work.at)
    kind = "subscription.change_undone"
    if pending.kind is ChangeKind.CANCEL:
        await work.subscriptions.undo_cancellation(pending.id, work.at)
        kind = "subscription.cancellation_undone"
    for change in restored:
        await work.subscriptions.reopen_change(change.id)
    after = cut(replace(view.facts, scheduled=rest))
    await keep(work, view.customer_id, kind, view.facts, after, proration=Proration(undoes=pending.id))


async def _found(ctx: Context, read: Reader, change_id: str) -> ScheduledChangeView:
    change = await read.subscriptions.change(change_id)
    if change is None or not own_subscription(ctx, change.customer_id, change.subscription_id):
        raise not_found("ScheduledChange", "id")
    return change
