"""Stop a job: what was done stays done, what was not tried never will be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import InvalidInput, JobEnded
from models.choices import JobState
from models.work import Happening
from resolvers.acts import act, owner_environment
from resolvers.jobs import found_job, read_job

if TYPE_CHECKING:
    from typing import Any

    from models.job_views import JobView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class JobCancel:
    """The job to stop."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class JobAnswered:
    """The job as it is now."""

    job: JobView
    replayed: bool


async def cancel_job(ctx: Context, command: JobCancel) -> JobAnswered:
    """Stop a job once what is being done at this moment is done; a second time is the same answer."""

    async def body(work: Work) -> dict[str, Any]:
        job = await found_job(work, command.id)
        if job.state is JobState.RUNNING and job.undo_at is not None:
            raise InvalidInput("The job is being undone, which is not stopped half-way.", field="id")
        if job.state is not JobState.CANCELED and not await work.jobs.end(job.id, JobState.CANCELED, work.at):
            raise JobEnded("The job has ended: there is nothing to stop.", field="id", outcome=job.state.value)
        if job.state is not JobState.CANCELED:
            await work.record(ctx.env.id, Happening("job.canceled", job.id, {}, {}))
        return {"job_id": job.id}

    outcome, replayed = await act(ctx, "jobCancel", command, owner_environment(ctx), body)
    return JobAnswered(await read_job(ctx, outcome["job_id"]), replayed)
