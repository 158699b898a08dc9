"""Take a plan migration back: what waits for its instant is undone, what was not tried stays, what was applied too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.choices import JobKind
from resolvers.job_undoing import undo_job

if TYPE_CHECKING:
    from resolvers.context import Context
    from resolvers.job_cancel import JobAnswered
    from resolvers.job_undoing import JobUndo


async def undo_migration(ctx: Context, command: JobUndo) -> JobAnswered:
    """Let the migration run backwards."""
    return await undo_job(ctx, "planMigrationUndo", JobKind.PLAN_MIGRATION, command)
