"""Keep a subscription after all: take a pending cancellation back. (K14, K15, C8, C16, C18)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.lifecycle import ChangeKind
from billing.refusals import AlreadyEnded, NoCancellationPending
from resolvers.access import merchant_argument
from resolvers.acts import act, found_subscription, owner_of_subscription
from resolvers.changing import read_subscription
from resolvers.preview_tokens import as_shown, shown_by, shown_first
from resolvers.taking_back import arrange_undo, decided, keep_after_all

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.schedules import ProrationBehavior
    from models.reader import Reader
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Caller, Context
    from resolvers.preview_tokens import Decided
    from resolvers.taking_back import Undoing


@dataclass(frozen=True, slots=True)
class CancellationUndo:
    """The subscription to keep, and what is done with its time; None is the usual."""

    subscription_id: str
    proration: ProrationBehavior | None = None
    preview_token: str | None = None
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
        outcome = {"subscription_id": view.id}
        shown = shown_by(ctx, command.preview_token)
        if _undone(view):
            return outcome

        async def carried(work: Work, at: datetime) -> tuple[Decided, dict[str, Any]]:
            undoing = await undo_arranged(ctx, work, view, command, at)
            await keep_after_all(work, view, undoing)
            return decided(undoing), outcome

        if shown is not None:
            return await as_shown(work, view, shown, asked_of(command), carried)
        if ctx.principal.merchant:
            return await shown_first(work, view, carried)
        return (await carried(work, work.at))[1]

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionCancellationUndo", command, owner, body)
    return CancellationUndone(await read_subscription(ctx, outcome), replayed)


def asked_of(command: CancellationUndo) -> object:
    """What an undo asks, apart from who asks and under which key."""
    return ["undo", command.subscription_id, command.proration]


async def undo_arranged(
    ctx: Caller, read: Reader, view: SubscriptionView, command: CancellationUndo, at: datetime
) -> Undoing:
    """Decide what an undo does, or refuse it by name; nothing is written."""
    merchant_argument(ctx, "prorationBehavior", given=command.proration is not None)
    if _none_pending(view):
        _demand_not_come(view)
        raise NoCancellationPending("No cancellation is pending; there is nothing to undo.", field="subscriptionId")
    return await arrange_undo(ctx, read, view, command.proration, at)


def _none_pending(view: SubscriptionView) -> bool:
    facts = view.facts
    return facts.pending(ChangeKind.CANCEL) is None and facts.live and facts.cancel_at is None


def _undone(view: SubscriptionView) -> bool:
    """Whether the last cancellation was undone already: asking again is answered alike."""
    return _none_pending(view) and view.cancellation is not None and view.cancellation.undone_at is not None


def _demand_not_come(view: SubscriptionView) -> None:
    """Refuse where the end came and led to a plan: that is no end which could be taken back. (S7)"""
    if view.went_on:
        raise AlreadyEnded(
            "What was cancelled has ended, and the subscription goes on on another plan: change that.",
            ended_at=view.facts.went_on_at,
        )
