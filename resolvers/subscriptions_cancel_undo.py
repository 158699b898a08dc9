"""Take a bulk cancellation back: ends that wait for their instant are undone, as single ones are. (K14)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.choices import JobKind
from models.tables.job import JobRow
from models.work import Happening
from resolvers.acts import act, owner_environment
from resolvers.bulk_cancellation import UNDOES
from resolvers.job_cancel import JobAnswered
from resolvers.job_undoing import JobUndo, undo_job, undoable
from resolvers.jobs import read_job

if TYPE_CHECKING:
    from typing import Any

    from models.work import Work
    from resolvers.context import Context

MUTATION = "subscriptionsCancelUndo"


@dataclass(frozen=True, slots=True)
class CancellationsUndo:
    """The job to take back; a `dry_run` takes nothing back."""

    id: str
    dry_run: bool = False
    idempotency_key: str | None = None
    actor: str = ""


async def undo_cancellations(ctx: Context, command: CancellationsUndo) -> JobAnswered:
    """Let the bulk cancellation run backwards, or start a job that says what that would do and what money it moves."""
    if not command.dry_run:
        told = JobUndo(command.id, command.idempotency_key, command.actor)
        return await undo_job(ctx, MUTATION, JobKind.CANCELLATION, told)

    async def body(work: Work) -> dict[str, Any]:
        undone = await undoable(work, command.id, JobKind.CANCELLATION)
        job = JobRow(
            id=work.ids.new("job"),
            environment_id=work.environment_id,
            kind=JobKind.CANCELLATION,
            input={**undone.input, UNDOES: undone.id},
            actor=command.actor,
            channel=ctx.channel,
            created_at=work.at,
            dry_run=True,
        )
        await work.jobs.add(job)
        told = {**job.input, "kind": job.kind.value, "dryRun": True}
        await work.record(ctx.env.id, Happening("job.created", job.id, {}, told))
        return {"job_id": job.id}

    outcome, replayed = await act(ctx, MUTATION, command, owner_environment(ctx), body)
    return JobAnswered(await read_job(ctx, outcome["job_id"]), replayed)
