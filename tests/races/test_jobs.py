"""A job's items are each carried out once: by two workers at once, and where a worker is killed half-way."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from models.tables.credit import CreditNoteRow
from models.tables.job import JobItemRow, JobRow
from models.tables.journal import EventRow
from plangate.worker import Worker
from tests.scenarios.cancelling_many import START as CANCEL
from tests.scenarios.migrating import INPUT, START

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.races.arena import Arena

ROOT = Path(__file__).parents[2]
MOVED = {"from": {"planId": "free"}, "to": {"planId": "team"}, "when": "NOW", "prices": "NEW"}
MANY, FEW = 50, 40
CANCELED = {"subscriptions": {"filter": {"planId": "team"}}, "timing": "IMMEDIATE", "prorate": True, "invoiceNow": True}


async def _begun(arena: Arena, customers: int) -> str:
    """Start a migration of so many customers from the free plan to another."""
    for number in range(customers):
        await arena.world.subscribed(f"customer {number}", "free", currency="USD")
    answered: dict[str, Any] = await arena.world.ask(START, input={**INPUT, **MOVED, "filter": None})
    job: str = answered["answer"]["job"]["id"]
    return job


async def _ending(arena: Arena, customers: int) -> str:
    """Start to cancel so many customers, who pay by invoice."""
    for number in range(customers):
        await arena.world.subscribed(f"customer {number}", "team", currency="USD", interval={"unit": "MONTH"})
    answered: dict[str, Any] = await arena.world.ask(CANCEL, input=CANCELED)
    job: str = answered["answer"]["job"]["id"]
    return job


async def _states(arena: Arena, job: str) -> Counter[str]:
    return Counter(each["state"].value for each in await arena.of(JobItemRow, job_id=job))


async def _moves(arena: Arena, kind: str = "subscription.plan_changed") -> Counter[int]:
    """How many subscriptions were moved, or else, how often."""
    events = await arena.of(EventRow, type=kind)
    return Counter(Counter(each["subject_id"] for each in events).values())


async def _ended(arena: Arena, job: str) -> str:
    (row,) = await arena.of(JobRow, id=job)
    state: str = row["state"].value
    return state


@pytest.mark.parametrize(("begin", "kind"), [(_begun, "subscription.plan_changed"), (_ending, "subscription.canceled")])
async def test_a_killed_worker_leaves_the_rest_to_another_and_nothing_is_done_twice(
    one: Arena, begin: Callable[[Arena, int], Awaitable[str]], kind: str
) -> None:
    job = await begin(one, MANY)
    settings = {"PLANGATE_DATABASE_URL": one.world.database.url, "PLANGATE_WORKER_IDLE_SECONDS": "0.01"}
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "plangate", "worker", cwd=ROOT, env={**os.environ, **settings}, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(60):
            while not (await _states(one, job))["DONE"]:
                assert worker.returncode is None
                await asyncio.sleep(0.005)
    finally:
        worker.kill()
        await worker.wait()
    half = await _states(one, job)
    assert half["DONE"]
    assert half["PENDING"]

    one.world.clock.at = datetime.now(UTC) + timedelta(minutes=5)
    await one.world.worker().catch_up()

    assert await _ended(one, job) == "DONE"
    assert await _states(one, job) == {"DONE": MANY}
    assert await _moves(one, kind) == {1: MANY}
    noted = Counter(each["invoice_id"] for each in await one.of(CreditNoteRow))
    assert Counter(noted.values()) == ({1: MANY} if begin is _ending else {})


async def test_two_workers_share_a_job_and_do_each_item_once(two: Arena) -> None:
    job = await _begun(two, FEW)

    def again(door: Any) -> Worker:
        return Worker(door.database, door.clock, door.contexts.ids, idle_seconds=0.01)

    await asyncio.gather(*(again(door).catch_up() for door in two.doors for _ in range(2)))
    await two.world.worker().catch_up()

    assert await _ended(two, job) == "DONE"
    assert await _states(two, job) == {"DONE": FEW}
    assert await _moves(two) == {1: FEW}
    assert len(await two.of(EventRow, type="job.done")) == 1
