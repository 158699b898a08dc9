"""Reading jobs, how far they are, and what became of each item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.choices import JobItemState
from models.stores.jobs import JobsWanted
from resolvers import checks
from resolvers.access import demand, not_found
from resolvers.plan_migration import read_migration, targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.choices import JobKind, JobState
    from models.job_views import JobItemView, JobView, MoneyMoved
    from models.paging import Page
    from models.reader import Reader
    from models.views import PlanView
    from resolvers.context import Context
    from resolvers.inputs import PageOf
    from resolvers.plan_migration import Migration


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs; None asks for any."""

    kinds: tuple[JobKind, ...] | None = None
    states: tuple[JobState, ...] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: items by what became of them. `listed` says whether `total` is final."""

    total: int
    listed: bool
    counts: Mapping[JobItemState, int]

    @property
    def settled(self) -> int:
        """How many are not waiting any more."""
        return sum(number for state, number in self.counts.items() if state is not JobItemState.PENDING)


@dataclass(frozen=True, slots=True)
class MigrationDetails:
    """What a plan migration moves from and to."""

    migration: Migration
    source: PlanView
    target: PlanView


async def job(ctx: Context, job_id: str) -> JobView | None:
    """Find a job of the environment."""
    demand(ctx, "job")
    async with ctx.read() as read:
        return await read.jobs.by_id(job_id)


async def jobs(ctx: Context, wanted: JobFilter, page: PageOf) -> Page[JobView]:
    """List jobs, newest first."""
    demand(ctx, "jobs")
    first = checks.page(page.first)
    async with ctx.read() as read:
        return await read.jobs.page(JobsWanted(wanted.kinds, wanted.states), first, page.after)


async def items(
    ctx: Context, view: JobView, states: tuple[JobItemState, ...] | None, page: PageOf
) -> Page[JobItemView]:
    """List a job's items, in the order in which they were found."""
    first = checks.page(page.first)
    async with ctx.read() as read:
        return await read.jobs.items(view.id, states, first, page.after)


async def progress(ctx: Context, view: JobView) -> Progress:
    """Count a job's items."""
    counts = await ctx.loaders.job_counts.load(view.id)
    return Progress(view.total, view.listed, counts or {})


async def money(ctx: Context, view: JobView) -> list[MoneyMoved]:
    """Add up what a job's items did in money, by currency."""
    return await ctx.loaders.job_money.load(view.id) or []


async def found_job(read: Reader, job_id: str) -> JobView:
    """Find a job of the environment, or refuse."""
    view = await read.jobs.by_id(job_id)
    if view is None:
        raise not_found("Job", "id")
    return view


async def read_job(ctx: Context, job_id: str) -> JobView:
    """Read the job of an outcome as it is now."""
    async with ctx.read() as read:
        view = await read.jobs.by_id(job_id)
    if view is None:
        raise LookupError(job_id)
    return view


async def migration_details(ctx: Context, view: JobView) -> MigrationDetails:
    """Read what a job's migration moves from and to."""
    migration = read_migration(view.input)
    async with ctx.read() as read:
        source, target = await targets(read, migration)
    return MigrationDetails(migration, source, target)
