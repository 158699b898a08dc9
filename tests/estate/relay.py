"""Eight writers, two workers of which one is killed, and a reader by position: does it see every event, once, in order?

`python -m tests.estate.relay --events 100000` asks that on both databases and prints how fast events were placed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from billing.lifecycle import Channel
from models.rows import row
from models.session import Database
from models.stores.journal import EventsWanted, Journal
from models.tables import SequenceRow
from models.work import Happening, Moment, Work
from plangate.clock import SystemClock
from plangate.ids import TimeOrderedIds
from resolvers.relaying import place_events
from tests.databases import Files, server
from tests.estate.running import Estate, estate
from tests.models.world import ENV, environment, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

WRITERS = 8
TOGETHER = 10
"""Events that a unit of work tells."""
PAGE = 500
PATIENCE = 600.0
IDLE = 0.02
"""Seconds that a reader and a worker rest when they find nothing."""


@dataclass(frozen=True)
class Read:
    """What the reader saw, by position, and how long it took until it had seen all."""

    seen: list[str]
    positions: list[int]
    seconds: float


async def write(database: Database, owner: str, count: int, ids: TimeOrderedIds) -> None:
    """Tell so many events of one owner, some in every unit of work."""
    now = SystemClock().now()
    for begin in range(0, count, TOGETHER):
        async with database.working() as session:
            work = Work(session, ENV, Moment(now, now, Channel.API), ids)
            await work.bump(owner)
            for number in range(begin, min(begin + TOGETHER, count)):
                await work.record(owner, Happening("thing.happened", f"{owner} {number}", {}, {}))
            await work.close()


async def read(database: Database, count: int, midway: asyncio.Event) -> Read:
    """Poll by position until so many were seen: a reader that only ever goes on from the last one it saw.

    It says when it is `midway`.
    """
    began, cursor = perf_counter(), None
    seen: list[str] = []
    positions: list[int] = []
    async with asyncio.timeout(PATIENCE):
        while len(seen) < count:
            async with database.reading() as connection:
                page = await Journal(connection, ENV).page(EventsWanted(), PAGE, cursor)
            for reached, view in page.rows:
                cursor = reached
                seen.append(view.subject_id)
                positions.append(view.position or 0)
            if len(seen) >= count // 3:
                midway.set()
            if not page.rows:
                await asyncio.sleep(IDLE)
    return Read(seen, positions, perf_counter() - began)


async def proved(opened: Estate, url: str, count: int) -> Read:
    """Write, relay, kill and read at once; raises AssertionError where an event was skipped, double or out of order."""
    owners = [f"owner{number}" for number in range(WRITERS)]
    each = count // WRITERS
    database, clock = Database(url, wait_seconds=60), SystemClock()
    await settle(database, *environment(), *(SequenceRow(owner_id=owner, environment_id=ENV) for owner in owners))
    midway = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        workers = await asyncio.to_thread(opened.workers, 2, WORKER_IDLE_SECONDS=str(IDLE))
        reading = group.create_task(read(database, each * WRITERS, midway))
        for owner in owners:
            group.create_task(write(database, owner, each, TimeOrderedIds(clock)))
        await midway.wait()
        workers[0].kill()
        await asyncio.to_thread(opened.workers, 1, WORKER_IDLE_SECONDS=str(IDLE))
    found = reading.result()
    demand_order(found, owners, each)
    async with database.reading() as connection:
        left = await row(
            connection, text("SELECT count(*) AS n, max(position) AS last FROM event WHERE position IS NOT NULL")
        )
        assert left == {"n": each * WRITERS, "last": each * WRITERS}
    await database.close()
    assert [line for running in opened.started for line in running.lines() if line["level"] == "error"] == []
    return found


def demand_order(found: Read, owners: Sequence[str], each: int) -> None:
    """Every event once, positions without a gap, an owner's in the order in which it wrote them."""
    assert found.positions == list(range(1, each * len(owners) + 1)), "a position was skipped, or seen out of order"
    for owner in owners:
        own = [name for name in found.seen if name.startswith(f"{owner} ")]
        assert own == [f"{owner} {number}" for number in range(each)], f"{owner}'s events are not in their order"


async def placing_rate(url: str, count: int) -> float:
    """How many events one relay places a second where so many wait."""
    database, ids = Database(url, wait_seconds=60), TimeOrderedIds(SystemClock())
    owners = [f"late{number}" for number in range(WRITERS)]
    await settle(database, *(SequenceRow(owner_id=owner, environment_id=ENV) for owner in owners))
    for owner in owners:
        await write(database, owner, count // WRITERS, ids)
    began = perf_counter()
    placed = 0
    while more := await place_events(database):
        placed += more
    seconds = perf_counter() - began
    await database.close()
    return placed / seconds


async def report(name: str, url: str, folder: Path, count: int) -> None:
    """Prove it on one database and print the figures."""
    with estate(url.replace("+asyncpg", ""), folder) as opened:
        found = await proved(opened, url, count)
    rate = await placing_rate(url, min(count, 20_000))
    through = len(found.seen) / found.seconds
    sys.stdout.write(
        f"{name}: {len(found.seen)} events of {WRITERS} writers read by position, 0 skipped, 0 twice, "
        f"one of two workers killed; {through:.0f} events/s written, placed and read; "
        f"a backlog is placed at {rate:.0f} events/s\n"
    )


def main() -> None:
    """Prove it on both databases."""
    given = argparse.ArgumentParser(description="Prove that a reader by position skips no event.")
    given.add_argument("--events", type=int, default=100_000)
    events: int = given.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        asyncio.run(report("sqlite", Files(place).fresh(place / "plangate.db"), place, events))
        postgresql = server()
        url = postgresql.fresh()
        asyncio.run(report("postgresql", url, place, events))
        postgresql.drop(url)
        postgresql.close()


if __name__ == "__main__":
    main()
