"""Working jobs off: list what a job is about, claim some, carry each out in a transaction that also settles it.

A worker that dies leaves its item as it was: the claim runs out and another takes it. Nothing is done twice, because
the item's change of state is guarded and stands in the transaction of the act.
"""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from billing.actions import Audience
from billing.dataclass import dataclass
from billing.refusals import Refusal, TemporarilyUnavailable
from models.choices import JobItemState, JobKind, JobState
from models.job_views import MoneyMoved
from models.reader import Reader
from models.stores.jobs import OpenJobs
from models.work import Happening, Moment, Work, whole
from resolvers.access import ALL
from resolvers.bulk_cancellation import CancelWork
from resolvers.context import Rehearsed
from resolvers.due import settle
from resolvers.plan_migration import MigrationWork
from resolvers.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from models.ids import Ids
    from models.invoice_views import CreditNoteView
    from models.job_views import JobItemView, JobView
    from models.session import Database
    from models.views import EnvironmentView
    from models.work import UnitOf
    from resolvers.context import Caller

T = TypeVar("T")
LEASE: Final = timedelta(seconds=30)
"""How long a worker holds the items it claimed; who takes longer may find them done by another."""

AT_ONCE: Final = 20
"""How many items a worker claims at a time: due things wait no longer than these."""


MERCHANT: Final = Principal(PrincipalKind.SECRET, frozenset({ALL}))

OURS: Final = "A mistake of ours; the log of the worker has it."


class JobWork(Protocol):
    """What the jobs of one kind do."""

    async def subjects(self, read: Reader, job: JobView) -> tuple[list[tuple[str, str]], str, bool]:
        """Find the next (customer, subject) pairs, how far that got, and whether it was the last of them."""
        ...

    async def do(self, by: Caller, work: Work, job: JobView, item: JobItemView) -> dict[str, Any]:
        """Carry one item out and answer its result; a refusal skips it, and nothing of it is kept."""
        ...

    async def undo(self, by: Caller, work: Work, item: JobItemView) -> dict[str, Any]:
        """Take one item back and answer its result; a refusal lets it stand, and nothing of it is kept."""
        ...


KINDS: Mapping[JobKind, JobWork] = MappingProxyType(
    {JobKind.PLAN_MIGRATION: MigrationWork(), JobKind.CANCELLATION: CancelWork()}
)


@dataclass(frozen=True, slots=True)
class ByJob:
    """The merchant, on whose behalf a job acts: whether they may was asked when it was started."""

    env: EnvironmentView
    principal: Principal = MERCHANT
    audience: Audience = Audience.MERCHANT


@dataclass(frozen=True, slots=True)
class Hands:
    """What a worker works with. `failed` is told of items that failed by a mistake of ours."""

    database: Database
    ids: Ids
    now: datetime
    failed: Callable[[JobView, str], None]


async def _worked(hands: Hands, environment: EnvironmentView, job: JobView, act: UnitOf[T]) -> T:
    """Carry an act out in a unit of work at the environment's present, in the name of who started the job."""
    moment = Moment(environment.clock_at or hands.now, hands.now, job.channel, job.actor, job.id)
    return await hands.database.worked(whole(environment, moment, hands.ids, act))


async def open_jobs(database: Database) -> list[JobView]:
    """List the jobs that are still to be done, of every environment, oldest first."""
    async with database.reading() as connection:
        return await OpenJobs(connection).every()


async def run_job(hands: Hands, environment: EnvironmentView, job: JobView, limit: int = AT_ONCE) -> bool:
    """Do the next piece of a job: begin it, list some of it, or carry up to `limit` items out. False: nothing to do.

    Raises TemporarilyUnavailable; what was claimed then is free again when its time is over.
    """
    if job.state is JobState.QUEUED:
        return await _worked(hands, environment, job, lambda work: work.jobs.start(job.id, work.at))
    if not job.listed:
        return await _list(hands, environment, job)
    wanted = JobItemState.PENDING if job.undo_at is None else JobItemState.DONE
    until = hands.now + LEASE
    claimed = await _worked(
        hands, environment, job, lambda work: work.jobs.claim(job.id, wanted, hands.now, until, limit)
    )
    for item in claimed:
        await _carry_out(hands, environment, job, item)
    return bool(claimed) or await _end(hands, environment, job, wanted)


async def _list(hands: Hands, environment: EnvironmentView, job: JobView) -> bool:
    """Write down the next things that the job is about."""
    at = environment.clock_at or hands.now
    try:
        async with hands.database.reading() as connection:
            found, to, last = await KINDS[job.kind].subjects(Reader(connection, environment.id, at), job)
    except TemporarilyUnavailable:
        raise
    except Exception:  # noqa: BLE001  (the job ends by name, and `failed` logs it)
        hands.failed(job, job.id)
        return await _give_up(hands, environment, job)
    return await _worked(hands, environment, job, lambda work: work.jobs.list_items(job, found, to, last=last))


async def _give_up(hands: Hands, environment: EnvironmentView, job: JobView) -> bool:
    """End a job whose items cannot be found."""

    async def unit(work: Work) -> bool:
        await work.bump(environment.id)
        ended = await work.jobs.end(job.id, JobState.FAILED, work.at, failure=OURS)
        if ended:
            with work.by_time():
                await work.record(environment.id, Happening("job.failed", job.id, {}, {}))
        return ended

    return await _worked(hands, environment, job, unit)


async def _carry_out(hands: Hands, environment: EnvironmentView, job: JobView, item: JobItemView) -> None:
    try:
        await (_try if job.dry_run else _act)(hands, environment, job, item)
    except TemporarilyUnavailable:
        raise
    except Refusal as refusal:
        await _tell_refusal(hands, environment, job, item, refusal)
    except Exception:  # noqa: BLE001  (one bad row must not stop the others; `failed` logs it)
        hands.failed(job, item.subject_id)
        state = JobItemState.FAILED if job.undo_at is None else item.state
        await _worked(
            hands,
            environment,
            job,
            lambda work: work.jobs.settle_item(item, state, work.at, code="INTERNAL", message=OURS),
        )


async def _tell_refusal(
    hands: Hands, environment: EnvironmentView, job: JobView, item: JobItemView, refusal: Refusal
) -> None:
    """Write a refusal down by name: the work that it came out of is rolled back whole, whatever had been written."""
    undoing = job.undo_at is not None
    state = JobItemState.DONE if undoing else JobItemState.SKIPPED

    async def unit(work: Work) -> None:
        await work.bump(item.customer_id)
        if await _runs(work, job):
            await work.jobs.settle_item(item, state, work.at, code=refusal.code, message=refusal.message)

    await _worked(hands, environment, job, unit)


async def _runs(work: Work, job: JobView) -> bool:
    """Hold a job, and say whether it is still doing, or undoing, what it did when its items were claimed."""
    held = await work.jobs.held(job.id)
    return held is not None and held.state is JobState.RUNNING and (held.undo_at is None) == (job.undo_at is None)


async def _act(hands: Hands, environment: EnvironmentView, job: JobView, item: JobItemView) -> None:
    """Carry one item out, or take it back, and settle it, all in one transaction.

    The customer's sequence is taken first, then the job is held: who stops a job waits for what is being done.
    """
    undoing = job.undo_at is not None

    async def unit(work: Work) -> None:
        await work.bump(item.customer_id)
        if not await _runs(work, job):
            return
        if not await work.jobs.settle_item(item, JobItemState.UNDONE if undoing else JobItemState.DONE, work.at):
            return
        await settle(work, item.customer_id)
        done = await _outcome(work, environment, job, item, undoing=undoing)
        await work.jobs.tell_item(item, work.at, **done)

    await _worked(hands, environment, job, unit)


async def _try(hands: Hands, environment: EnvironmentView, job: JobView, item: JobItemView) -> None:
    """Carry one item out in a unit of work that is not kept, and write down in another what became of it."""
    done: dict[str, Any] = {}

    async def rehearse(work: Work) -> None:
        await work.bump(item.customer_id)
        await settle(work, item.customer_id)
        raise Rehearsed(await _outcome(work, environment, job, item, undoing=False))

    async def write_down(work: Work) -> None:
        if await _runs(work, job):
            await work.jobs.settle_item(item, at=work.at, **done)

    try:
        await _worked(hands, environment, job, rehearse)
    except Rehearsed as over:
        done = cast("dict[str, Any]", over.told)
    await _worked(hands, environment, job, write_down)


async def _outcome(
    work: Work, environment: EnvironmentView, job: JobView, item: JobItemView, *, undoing: bool
) -> dict[str, Any]:
    """Act, and answer what to write down of it."""
    kind, by = KINDS[job.kind], ByJob(environment)
    if undoing:
        return {"state": JobItemState.UNDONE, "result": await kind.undo(by, work, item), "money": item.money}
    made, given, sent = len(work.invoices.made), len(work.credits.made), len(work.payments.sent_back)
    result = await kind.do(by, work, job, item)
    money = await _moved(
        work, item, work.invoices.made[made:], work.credits.made[given:], work.payments.sent_back[sent:]
    )
    return {"state": JobItemState.DONE, "result": result, "money": money}


async def _moved(
    work: Work, item: JobItemView, made: list[str], given: list[CreditNoteView], sent: list[str]
) -> MoneyMoved:
    """Add up what an act did in money, and what of the subscription waits after it."""
    refunds = [await work.payments.refund(each) for each in sent]
    invoices = (await work.invoices.by_ids(made)).values() if made else ()
    waiting = [
        line for line in await work.invoices.waiting(item.customer_id) if line.subscription_id == item.subject_id
    ]
    return MoneyMoved(
        currency=next((each.currency for each in (*invoices, *given, *waiting)), ""),
        invoiced=sum(each.total for each in invoices),
        credited=sum(note.total for note in given),
        refunded=sum(each.amount for each in refunds if each is not None),
        waiting=sum(line.net for line in waiting),
    )


async def _end(hands: Hands, environment: EnvironmentView, job: JobView, wanted: JobItemState) -> bool:
    """End a job of which nothing is left; where others still hold items of it, that is theirs to do."""

    async def unit(work: Work) -> bool:
        await work.bump(environment.id)
        held = await work.jobs.held(job.id)
        if held is None or held.state is not JobState.RUNNING or held.undo_at != job.undo_at:
            return False
        if await work.jobs.waits(job.id, wanted):
            return False
        undone = job.undo_at is not None
        if not await work.jobs.end(job.id, JobState.CANCELED if undone else JobState.DONE, work.at):
            return False
        kind = "job.undone" if undone else "job.done"
        counts = (await work.jobs.counts([job.id]))[job.id]
        told = {state.value: number for state, number in sorted(counts.items())}
        with work.by_time():
            await work.record(environment.id, Happening(kind, job.id, {}, {"items": told}))
        return True

    return await _worked(hands, environment, job, unit)
