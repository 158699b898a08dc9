"""Acts that were previewed: where what was shown does not hold any more, the refusal shows it anew. (K10)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.preview_refusals import StalePreview
from resolvers.previews import cancellation_shown, change_shown
from resolvers.subscription_cancel import cancel
from resolvers.subscription_change import change

if TYPE_CHECKING:
    from resolvers.changing import ChangeMade
    from resolvers.context import Context
    from resolvers.subscription_cancel import SubscriptionCancel, SubscriptionCanceled
    from resolvers.subscription_change import SubscriptionChange


async def change_as_previewed(ctx: Context, command: SubscriptionChange) -> ChangeMade:
    """Change a subscription; what can be refused otherwise is refused first."""
    try:
        return await change(ctx, command)
    except StalePreview as stale:
        stale.change_view = await change_shown(ctx, command)
        raise


async def cancel_as_previewed(ctx: Context, command: SubscriptionCancel) -> SubscriptionCanceled:
    """Cancel a subscription; what can be refused otherwise is refused first."""
    try:
        return await cancel(ctx, command)
    except StalePreview as stale:
        stale.cancellation_view = await cancellation_shown(ctx, command)
        raise
