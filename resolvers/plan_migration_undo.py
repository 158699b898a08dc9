"""Take a plan migration back: what waits for its instant is undone, what was not tried stays, what was applied too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.refusals import InvalidInput
from models.choices import JobKind
from models.work import Happening
from resolvers.acts import act, owner_environment
from resolvers.job_cancel import JobAnswered
from resolvers.jobs import found_job, read_job

if TYPE_CHECKING:
    from typing import Any

    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class PlanMigrationUndo:
    """The job to take back."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


async def undo_migration(ctx: Context, command: PlanMigrationUndo) -> JobAnswered:
    """Let the job run backwards; a second time is the same answer."""

    async def body(work: Work) -> dict[str, Any]:
        job = await found_job(work, command.id)
        if job.kind is not JobKind.PLAN_MIGRATION:
            raise InvalidInput("This job is no plan migration.", field="id")
        if await work.jobs.undo(job.id, work.at):
            await work.record(ctx.env.id, Happening("job.undo_requested", job.id, {}, {}))
        return {"job_id": job.id}

    outcome, replayed = await act(ctx, "planMigrationUndo", command, owner_environment(ctx), body)
    return JobAnswered(await read_job(ctx, outcome["job_id"]), replayed)
