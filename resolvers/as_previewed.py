"""Acts that were previewed: where what was shown does not hold any more, or nothing was, the refusal shows it. (K10)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.preview_refusals import PreviewRequired, StalePreview
from resolvers.previews import cancellation_shown, change_shown, undo_shown
from resolvers.scheduled_change_undo import undo_change
from resolvers.subscription_cancel import cancel
from resolvers.subscription_cancellation_undo import CancellationUndo, undo_cancellation
from resolvers.subscription_change import change
from resolvers.subscription_downgrade import downgrade

if TYPE_CHECKING:
    from resolvers.changing import ChangeMade
    from resolvers.context import Context
    from resolvers.scheduled_change_undo import ScheduledChangeUndo, ScheduledChangeUndone
    from resolvers.subscription_cancel import SubscriptionCancel, SubscriptionCanceled
    from resolvers.subscription_cancellation_undo import CancellationUndone
    from resolvers.subscription_change import SubscriptionChange
    from resolvers.subscription_downgrade import SubscriptionDowngrade


async def change_as_previewed(ctx: Context, command: SubscriptionChange) -> ChangeMade:
    """Change a subscription; what can be refused otherwise is refused first."""
    try:
        return await change(ctx, command)
    except StalePreview as stale:
        stale.change_view = await change_shown(ctx, command)
        raise


async def downgrade_as_previewed(ctx: Context, command: SubscriptionDowngrade) -> ChangeMade:
    """Move a subscription down; what can be refused otherwise is refused first."""
    try:
        return await downgrade(ctx, command)
    except StalePreview as stale:
        stale.change_view = await change_shown(ctx, command)
        raise


async def cancel_as_previewed(ctx: Context, command: SubscriptionCancel) -> SubscriptionCanceled:
    """Cancel a subscription; what can be refused otherwise is refused first."""
    try:
        return await cancel(ctx, command)
    except (PreviewRequired, StalePreview) as refused:
        refused.cancellation_view = await cancellation_shown(ctx, command)
        raise


async def undo_as_previewed(ctx: Context, command: CancellationUndo) -> CancellationUndone:
    """Keep a subscription after all; what can be refused otherwise is refused first."""
    try:
        return await undo_cancellation(ctx, command)
    except (PreviewRequired, StalePreview) as refused:
        refused.undo_view = await undo_shown(ctx, command)
        raise


async def undo_change_as_previewed(ctx: Context, command: ScheduledChangeUndo) -> ScheduledChangeUndone:
    """Take a pending change back; of an end that moves money the refusal shows what its own undo would do."""
    try:
        return await undo_change(ctx, command)
    except PreviewRequired as refused:
        async with ctx.read() as read:
            change = await read.subscriptions.change(command.id)
        if change is not None:
            refused.undo_view = await undo_shown(ctx, CancellationUndo(change.subscription_id))
        raise
