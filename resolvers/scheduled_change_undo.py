"""Take a pending change back before its instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.actions import demand_no_job
from billing.dataclass import dataclass
from billing.lifecycle import ChangeKind, ChangeStatus
from billing.preview_refusals import PreviewRequired
from billing.refusals import AlreadyApplied
from billing.schedules import managed
from resolvers.access import not_found, own_subscription
from resolvers.acts import act, found_subscription
from resolvers.changing import read_changes, read_subscription
from resolvers.preview_tokens import shown_first
from resolvers.taking_back import arrange_undo, decided, keep_after_all, take_back

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from models.reader import Reader
    from models.views import ScheduledChangeView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.preview_tokens import Decided


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
        if pending.kind is ChangeKind.CANCEL:
            await _keep_after_all(ctx, work, view)
        else:
            await take_back(work, view, pending.id)
        return outcome

    outcome, replayed = await act(ctx, "scheduledChangeUndo", command, owner, body)
    (change,) = await read_changes(ctx, [outcome["change_id"]])
    return ScheduledChangeUndone(await read_subscription(ctx, outcome), change, replayed)


async def _keep_after_all(ctx: Context, work: Work, view: SubscriptionView) -> None:
    """Take a pending end back; what moves money is shown to a merchant first, and done where it takes the token."""

    async def carried(work: Work, at: datetime) -> tuple[Decided, None]:
        undoing = await arrange_undo(ctx, work, view, None, at)
        await keep_after_all(work, view, undoing)
        return decided(undoing), None

    if not ctx.principal.merchant:
        await carried(work, work.at)
        return
    try:
        await shown_first(work, view, carried)
    except PreviewRequired as refused:
        refused.message = "This would move money: look at the preview, and pass its token to the cancellation's undo."
        refused.field = "id"
        raise


async def _found(ctx: Context, read: Reader, change_id: str) -> ScheduledChangeView:
    change = await read.subscriptions.change(change_id)
    if change is None or not own_subscription(ctx, change.customer_id, change.subscription_id):
        raise not_found("ScheduledChange", "id")
    return change
