"""Letting a job run backwards: what waits for its instant is taken back, item by item; what has happened stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import InvalidInput
from models.work import Happening
from resolvers.acts import act, owner_environment
from resolvers.job_cancel import JobAnswered
from resolvers.jobs import found_job, read_job

if TYPE_CHECKING:
    from typing import Any

    from models.choices import JobKind
    from models.job_views import JobView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class JobUndo:
    """The job to take back."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


async def undo_job(ctx: Context, mutation: str, kind: JobKind, command: JobUndo) -> JobAnswered:
    """Let a job of one kind run backwards; a second time is the same answer."""

    async def body(work: Work) -> dict[str, Any]:
        job = await undoable(work, command.id, kind)
        if await work.jobs.undo(job.id, work.at):
            await work.record(ctx.env.id, Happening("job.undo_requested", job.id, {}, {}))
        return {"job_id": job.id}

    outcome, replayed = await act(ctx, mutation, command, owner_environment(ctx), body)
    return JobAnswered(await read_job(ctx, outcome["job_id"]), replayed)


async def undoable(work: Work, job_id: str, kind: JobKind) -> JobView:
    """Find a job of one kind that did something, or refuse."""
    job = await found_job(work, job_id)
    if job.kind is not kind:
        raise InvalidInput(f"This job is of kind {job.kind.value}, not {kind.value}.", field="id")
    if job.dry_run:
        raise InvalidInput("A dry run changes nothing: there is nothing to undo.", field="id")
    return job
