"""Take a bulk cancellation back: ends that wait for their instant are undone, as single ones are. (K14)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.choices import JobKind
from resolvers.job_undoing import undo_job

if TYPE_CHECKING:
    from resolvers.context import Context
    from resolvers.job_cancel import JobAnswered
    from resolvers.job_undoing import JobUndo


async def undo_cancellations(ctx: Context, command: JobUndo) -> JobAnswered:
    """Let the bulk cancellation run backwards."""
    return await undo_job(ctx, "subscriptionsCancelUndo", JobKind.CANCELLATION, command)
