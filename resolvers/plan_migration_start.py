"""Start a plan migration as a job: publishing moves nobody, this does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.choices import JobKind
from models.tables.job import JobRow
from models.work import Happening
from resolvers.acts import act, owner_environment
from resolvers.job_cancel import JobAnswered
from resolvers.jobs import read_job
from resolvers.plan_migration import keep_migration, migration_of

if TYPE_CHECKING:
    from typing import Any

    from models.work import Work
    from resolvers.context import Context
    from resolvers.plan_migration import MigrationAsked


@dataclass(frozen=True, slots=True)
class PlanMigrationStart:
    """What to move from where to where, when and at which prices."""

    asked: MigrationAsked
    idempotency_key: str | None = None
    actor: str = ""


async def start_migration(ctx: Context, command: PlanMigrationStart) -> JobAnswered:
    """Queue a plan migration; versions are pinned now, and subscriptions made later are not of it."""

    async def body(work: Work) -> dict[str, Any]:
        migration = await migration_of(work, command.asked)
        job = JobRow(
            id=work.ids.new("job"),
            environment_id=work.environment_id,
            kind=JobKind.PLAN_MIGRATION,
            input=keep_migration(migration),
            actor=command.actor,
            channel=ctx.channel,
            created_at=work.at,
        )
        await work.jobs.add(job)
        await work.record(ctx.env.id, Happening("job.created", job.id, {}, {"kind": job.kind.value, **job.input}))
        return {"job_id": job.id}

    outcome, replayed = await act(ctx, "planMigrationStart", command, owner_environment(ctx), body)
    return JobAnswered(await read_job(ctx, outcome["job_id"]), replayed)
