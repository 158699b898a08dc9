"""Jobs and their items: listed in batches, claimed for a while, settled once."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from billing.dataclass import dataclass
from models.choices import JobItemState, JobKind, JobState
from models.job_views import JobItemView, JobView, MoneyMoved
from models.paging import Key, after, cursor_at, cursor_of, instant_and_id_in, number_in, ordered, page_of
from models.rows import Runner, add, changed, row, rows, value
from models.sums import halves_of, whole
from models.tables.base import table
from models.tables.job import JobItemRow, JobRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from models.paging import Page

J = table(JobRow)
I = table(JobItemRow)  # noqa: E741  (the items' table, beside J)
OPEN = (JobState.QUEUED, JobState.RUNNING)
SUMMED = ("invoiced", "credited", "refunded", "waiting")
NOTHING = MoneyMoved()


@dataclass(frozen=True, slots=True)
class JobsWanted:
    """Which jobs a list holds; None asks for any."""

    kinds: tuple[JobKind, ...] | None = None
    states: tuple[JobState, ...] | None = None


class Jobs:
    """The jobs of one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection or session, for one environment."""
        self._run = run
        self._env = environment_id

    async def add(self, job: JobRow) -> None:
        """Keep a new job."""
        await add(self._run, job)

    async def by_id(self, job_id: str) -> JobView | None:
        """Find a job."""
        found = await row(self._run, select(J).where(J.c.id == job_id, J.c.environment_id == self._env))
        return job_view(found) if found else None

    async def by_ids(self, ids: Sequence[str]) -> dict[str, JobView]:
        """Find several."""
        found = await rows(self._run, select(J).where(J.c.id.in_(ids), J.c.environment_id == self._env))
        return {each["id"]: job_view(each) for each in found}

    async def held(self, job_id: str) -> JobView | None:
        """Find a job and keep others from stopping it until commit; SQLite has one writer anyway."""
        found = await row(self._run, select(J).where(J.c.id == job_id).with_for_update(read=True))
        return job_view(found) if found else None

    async def page(self, wanted: JobsWanted, first: int, cursor: str | None) -> Page[JobView]:
        """List newest first."""
        keys = (Key(J.c.created_at, descending=True), Key(J.c.id, descending=True))
        listed = select(J).where(J.c.environment_id == self._env)
        if wanted.kinds is not None:
            listed = listed.where(J.c.kind.in_(wanted.kinds))
        if wanted.states is not None:
            listed = listed.where(J.c.state.in_(wanted.states))
        if cursor is not None:
            listed = after(listed, keys, instant_and_id_in(cursor))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        return page_of(
            found, first, lambda each: cursor_at(each["created_at"], each["id"]), job_view, began=cursor is not None
        )

    async def counts(self, job_ids: Sequence[str]) -> dict[str, dict[JobItemState, int]]:
        """Count the items of jobs by what became of them."""
        counted = select(I.c.job_id, I.c.state, func.count().label("number")).where(I.c.job_id.in_(job_ids))
        found: dict[str, dict[JobItemState, int]] = {job_id: {} for job_id in job_ids}
        for each in await rows(self._run, counted.group_by(I.c.job_id, I.c.state)):
            found[each["job_id"]][each["state"]] = int(each["number"])
        return found

    async def moneys(self, job_ids: Sequence[str]) -> dict[str, list[MoneyMoved]]:
        """Add up what jobs did in money, by currency; what was undone counts no more."""
        halves = [half.label(f"{name}_{n}") for name in SUMMED for n, half in enumerate(halves_of(I.c[name]))]
        summed = select(I.c.job_id, I.c.currency, *halves).where(I.c.job_id.in_(job_ids), I.c.currency != "")
        summed = summed.where(I.c.state == JobItemState.DONE).group_by(I.c.job_id, I.c.currency)
        found: dict[str, list[MoneyMoved]] = {job_id: [] for job_id in job_ids}
        for each in sorted(await rows(self._run, summed), key=lambda one: str(one["currency"])):
            sums = {name: whole(each[f"{name}_0"], each[f"{name}_1"]) for name in SUMMED}
            found[each["job_id"]].append(MoneyMoved(each["currency"], **sums))
        return found

    async def items(
        self, job_id: str, states: Sequence[JobItemState] | None, first: int, cursor: str | None
    ) -> Page[JobItemView]:
        """List a job's items in order."""
        listed = select(I).where(I.c.job_id == job_id, I.c.environment_id == self._env)
        if states is not None:
            listed = listed.where(I.c.state.in_(states))
        if cursor is not None:
            listed = after(listed, (Key(I.c.position),), (number_in(cursor),))
        found = await rows(self._run, listed.order_by(I.c.position).limit(first + 1))
        return page_of(found, first, lambda each: cursor_of((each["position"],)), item_view, began=cursor is not None)

    async def item_of(self, job_id: str, subject_id: str) -> JobItemView | None:
        """Find a job's item about one subject."""
        there = select(I).where(I.c.job_id == job_id, I.c.environment_id == self._env, I.c.subject_id == subject_id)
        found = await row(self._run, there)
        return item_view(found) if found else None

    async def start(self, job_id: str, at: datetime) -> bool:
        """Begin a job that waits; False where it does not wait any more."""
        begun = update(J).where(J.c.id == job_id, J.c.state == JobState.QUEUED)
        return await changed(self._run, begun.values(state=JobState.RUNNING, started_at=at)) == 1

    async def list_items(self, job: JobView, found: Sequence[tuple[str, str]], to: str, *, last: bool) -> bool:
        """Keep the next (customer, subject) pairs; False where another worker listed these, or the job was stopped."""
        listed = update(J).where(
            J.c.id == job.id, J.c.state == JobState.RUNNING, J.c.listed_to == job.listed_to, J.c.total == job.total
        )
        values = {"listed_to": to, "listed": last, "total": job.total + len(found)}
        if await changed(self._run, listed.where(J.c.listed == False).values(values)) != 1:  # noqa: E712  (SQL)
            return False
        items = [
            JobItemRow(
                job_id=job.id,
                position=job.total + place,
                environment_id=self._env,
                customer_id=customer_id,
                subject_id=subject_id,
            )
            for place, (customer_id, subject_id) in enumerate(found, 1)
        ]
        await add(self._run, *items)
        return True

    async def claim(
        self, job_id: str, state: JobItemState, now: datetime, until: datetime, limit: int
    ) -> list[JobItemView]:
        """Take up to `limit` items that nobody holds, lowest position first, until a real instant.

        They are chosen by a statement of their own: within the other's condition, PostgreSQL may choose anew for each
        item that it looks at, passes over those that this transaction holds already, and takes all.
        """
        free = or_(I.c.claimed_until.is_(None), I.c.claimed_until <= now)
        chosen = select(I.c.position).where(I.c.job_id == job_id, I.c.state == state, I.c.code == "", free)
        chosen = chosen.order_by(I.c.position).limit(limit).with_for_update(skip_locked=True)
        positions = [each["position"] for each in await rows(self._run, chosen)]
        if not positions:
            return []
        taken = update(I).where(I.c.job_id == job_id, I.c.position.in_(positions)).values(claimed_until=until)
        found = await rows(self._run, taken.returning(I))
        return sorted((item_view(each) for each in found), key=lambda item: item.position)

    async def settle_item(
        self,
        item: JobItemView,
        state: JobItemState,
        at: datetime,
        *,
        code: str = "",
        message: str = "",
        result: Mapping[str, Any] | None = None,
        money: MoneyMoved | None = None,
    ) -> bool:
        """Say what became of an item, once: False where somebody has said so since it was claimed."""
        there = (I.c.job_id == item.job_id, I.c.position == item.position, I.c.state == item.state, I.c.code == "")
        values = {
            "state": state,
            "code": code,
            "message": message,
            "result": dict(item.result if result is None else result),
            "claimed_until": None,
            "settled_at": at,
            **asdict(item.money if money is None else money),
        }
        return await changed(self._run, update(I).where(*there).values(values)) == 1

    async def tell_item(
        self,
        item: JobItemView,
        at: datetime,
        *,
        state: JobItemState,
        result: Mapping[str, Any],
        code: str = "",
        message: str = "",
        money: MoneyMoved = NOTHING,
    ) -> None:
        """Write down the outcome of an item that this same transaction has taken."""
        values = {"state": state, "code": code, "message": message, "result": dict(result), "settled_at": at}
        values |= asdict(money)
        await self._run.execute(
            update(I).where(I.c.job_id == item.job_id, I.c.position == item.position).values(values)
        )

    async def waits(self, job_id: str, state: JobItemState) -> bool:
        """Whether an item is still to be worked on."""
        waiting = select(I.c.position).where(I.c.job_id == job_id, I.c.state == state, I.c.code == "").limit(1)
        return await value(self._run, waiting) is not None

    async def end(self, job_id: str, state: JobState, at: datetime, *, failure: str = "") -> bool:
        """End a job that is open; False where it has ended."""
        ended = update(J).where(J.c.id == job_id, J.c.environment_id == self._env, J.c.state.in_(OPEN))
        return await changed(self._run, ended.values(state=state, ended_at=at, failure=failure)) == 1

    async def undo(self, job_id: str, at: datetime) -> bool:
        """Ask for what was done to be taken back; False where it was asked for before."""
        undone = update(J).where(J.c.id == job_id, J.c.environment_id == self._env, J.c.undo_at.is_(None))
        values = {"state": JobState.RUNNING, "undo_at": at, "ended_at": None, "listed": True}
        return await changed(self._run, undone.values(values)) == 1


class OpenJobs:
    """What is still to be done, in every environment: the worker's question."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection or session."""
        self._run = run

    async def every(self) -> list[JobView]:
        """List the open jobs, oldest first."""
        listed = select(J).where(J.c.state.in_(OPEN)).order_by(J.c.created_at, J.c.id)
        return [job_view(found) for found in await rows(self._run, listed)]


def job_view(found: Mapping[str, Any]) -> JobView:
    """Read a job."""
    return JobView(**{name: found[name] for name in JobView.__dataclass_fields__})


def item_view(found: Mapping[str, Any]) -> JobItemView:
    """Read an item."""
    money = MoneyMoved(**{name: found[name] for name in MoneyMoved.__dataclass_fields__})
    kept = {name: found[name] for name in JobItemView.__dataclass_fields__ if name != "money"}
    return JobItemView(**kept, money=money)
