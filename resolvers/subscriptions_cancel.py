"""Start a bulk cancellation as a job, or a dry run of it that says what it would do and what money it would move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.choices import JobKind
from models.tables.job import JobRow
from models.work import Happening
from resolvers import checks
from resolvers.access import demand_money
from resolvers.acts import act, owner_environment
from resolvers.bulk_cancellation import cancellation_of, keep_cancellation
from resolvers.job_cancel import JobAnswered
from resolvers.jobs import read_job
from resolvers.subscription_cancel import keep_comment

if TYPE_CHECKING:
    from typing import Any

    from models.work import Work
    from resolvers.bulk_cancellation import Chosen, Terms
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class SubscriptionsCancel:
    """Which subscriptions to cancel, and on which terms; a `dry_run` cancels none."""

    chosen: Chosen
    terms: Terms
    dry_run: bool = False
    idempotency_key: str | None = None
    actor: str = ""


async def cancel_many(ctx: Context, command: SubscriptionsCancel) -> JobAnswered:
    """Queue a bulk cancellation; what is named is found now, and subscriptions made later are not of it. (K13)"""
    checks.optional_text(command.terms.comment, "comment", checks.COMMENT)
    checks.reason(command.terms.reason)
    demand_money(ctx, command.terms.money)

    async def body(work: Work) -> dict[str, Any]:
        wanted = await cancellation_of(ctx, work, command.chosen, command.terms, work.at)
        comment_id, _ = await keep_comment(work, None, command.terms.comment)
        job = JobRow(
            id=work.ids.new("job"),
            environment_id=work.environment_id,
            kind=JobKind.CANCELLATION,
            input=keep_cancellation(wanted, comment_id),
            actor=command.actor,
            channel=ctx.channel,
            created_at=work.at,
            dry_run=command.dry_run,
        )
        await work.jobs.add(job)
        told = {**job.input, "kind": job.kind.value, "dryRun": job.dry_run}
        await work.record(ctx.env.id, Happening("job.created", job.id, {}, told))
        return {"job_id": job.id}

    outcome, replayed = await act(ctx, "subscriptionsCancel", command, owner_environment(ctx), body)
    return JobAnswered(await read_job(ctx, outcome["job_id"]), replayed)
