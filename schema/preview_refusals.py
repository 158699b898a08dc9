# ruff: noqa: D101, N818  (what a refusal means is said once, in `billing/preview_refusals.py`; these are answers)
"""The refusals of acts that were not shown, or are not any more what was shown, with what would be shown now."""

import strawberry

from billing import preview_refusals
from billing.preview_refusals import StaleReason
from resolvers.previews import CancellationPreview, ChangePreview, UndoPreview
from schema.objects.preview import (
    SubscriptionCancellationPreview,
    SubscriptionCancellationUndoPreview,
    SubscriptionChangePreview,
)
from schema.promise import about, field
from schema.refusals import UserError, tells


@tells(preview_refusals.StalePreview)
class StalePreview(UserError):
    change_view: strawberry.Private[ChangePreview | None]
    cancellation_view: strawberry.Private[CancellationPreview | None]
    undo_view: strawberry.Private[UndoPreview | None]
    stale_reason: StaleReason = about("Why what was shown does not hold any more.")

    @field
    async def change_preview(self) -> SubscriptionChangePreview | None:
        """What the change would do now; null where something else was asked for."""
        return SubscriptionChangePreview.of(self.change_view) if self.change_view else None

    @field
    async def cancellation_preview(self) -> SubscriptionCancellationPreview | None:
        """What the cancellation would do now; null where something else was asked for."""
        return SubscriptionCancellationPreview.of(self.cancellation_view) if self.cancellation_view else None

    @field
    async def cancellation_undo_preview(self) -> SubscriptionCancellationUndoPreview | None:
        """What the undo would do now; null where something else was asked for."""
        return SubscriptionCancellationUndoPreview.of(self.undo_view) if self.undo_view else None


@tells(preview_refusals.PreviewRequired)
class PreviewRequired(UserError):
    cancellation_view: strawberry.Private[CancellationPreview | None]
    undo_view: strawberry.Private[UndoPreview | None]

    @field
    async def cancellation_preview(self) -> SubscriptionCancellationPreview | None:
        """What the cancellation would do, with the token under which it is done just so; null for an undo."""
        return SubscriptionCancellationPreview.of(self.cancellation_view) if self.cancellation_view else None

    @field
    async def cancellation_undo_preview(self) -> SubscriptionCancellationUndoPreview | None:
        """What the undo would do, with the token under which it is done just so; null for a cancellation."""
        return SubscriptionCancellationUndoPreview.of(self.undo_view) if self.undo_view else None
