"""Three workers over many due rows, one of them killed: is each done once, as a single worker would have done it?

`python -m tests.estate.due --rounds 10` asks that on both databases, each round with another seed and another death.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from models.rows import rows, value
from models.session import Database
from models.stores.backlog import backlog
from models.tables import EventRow, GrantRow, SequenceRow, SubscriptionHistoryRow, SubscriptionRow
from models.tables.base import table
from tests.databases import Files, server
from tests.estate.running import Estate, estate
from tests.world import START, World

if TYPE_CHECKING:
    from sqlmodel import SQLModel

WORKERS = 3
CUSTOMERS = 15
LATER = datetime(2025, 1, 20, tzinfo=UTC)
PATIENCE = 60.0
GRANT = """mutation($input: GrantCreateInput!) { grantCreate(input: $input) {
  __typename ... on UserError { code message } } }"""
CANCEL = """mutation($input: SubscriptionCancelInput!) { subscriptionCancel(input: $input) {
  __typename ... on UserError { code message } } }"""
E, Q, S = table(EventRow), table(SequenceRow), table(SubscriptionRow)
BY_TIME = select(func.count()).select_from(E).where(E.c.cause == "AUTOMATIC")
REAL = frozenset({"recorded_at", "position"})
"""What differs between two runs: the machine's time, and the order between customers."""


@dataclass(frozen=True)
class Done:
    """What a round did: events that time brought, how many of them stood when a worker died, how long all took."""

    events: int
    at_death: int
    seconds: float

    @property
    def half_way(self) -> bool:
        """Whether something was left to do when the worker died; a death after the work proves nothing."""
        return self.at_death < self.events


async def furnished(database: Database, seed: int) -> World:
    """Make customers whose subscriptions renew every month, some cancelled on the way, most with a grant that ends."""
    world, chance = await World.begin(database, seed=seed), random.Random(seed)
    for number in range(CUSTOMERS):
        name = f"customer-{number}"
        subscription = await world.subscribed(name, "free")
        if number % 3 == 0:
            ends = START + timedelta(days=chance.randint(40, 100))
            given = {"subscriptionId": subscription, "timing": "ON_DATE", "date": ends.isoformat()}
            told = await world.ask(CANCEL, input=given)
            assert told["subscriptionCancel"]["__typename"] == "SubscriptionCanceled", told
        for _ in range(chance.randint(0, 2)):
            ends = START + timedelta(days=chance.randint(1, 100))
            about = {"customer": {"externalId": name}, "feature": "lfs_bandwidth", "amount": "1"}
            told = await world.ask(GRANT, input={**about, "expiresAt": ends.isoformat()})
            assert told["grantCreate"]["__typename"] == "GrantCreated", told
    return world


async def books(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Everything that settling writes, without the machine's time and the ids that it makes."""
    return {
        "events": await _kept(database, EventRow, "owner_id", "seq", but=REAL | {"id"}),
        "history": await _kept(database, SubscriptionHistoryRow, "subscription_id", "seq", but=REAL | {"id"}),
        "subscriptions": await _kept(database, SubscriptionRow, "id"),
        "grants": await _kept(database, GrantRow, "id"),
        "sequences": await _kept(database, SequenceRow, "owner_id", but=REAL | {"taken"}),
    }


async def _kept(
    database: Database, row: type[SQLModel], *keys: str, but: frozenset[str] = REAL
) -> list[dict[str, Any]]:
    async with database.reading() as connection:
        found = await rows(connection, select(table(row)))
    kept = [{name: each[name] for name in each if name not in but} for each in found]
    return sorted(kept, key=lambda each: [each[key] for key in keys])


async def settled_by_one(twin: Database, seed: int) -> dict[str, list[dict[str, Any]]]:
    """What a single worker makes of the same world."""
    world = await furnished(twin, seed)
    await world.jump(LATER)
    await world.worker().catch_up()
    return await books(twin)


async def proved(opened: Estate, url: str, twin: str, seed: int) -> Done:
    """Let three workers settle a world and kill one; AssertionError where the books are not those of one worker."""
    alone, database = Database(twin), Database(url, wait_seconds=60)
    try:
        expected = await settled_by_one(alone, seed)
        done = await _settled_by_three(opened, database, sum(map(_automatic, expected["events"])), seed)
        demand_same(await books(database), expected)
    finally:
        await alone.close()
        await database.close()
    assert [line for each in opened.started for line in each.lines() if line["level"] == "error"] == []
    return done


async def _settled_by_three(opened: Estate, database: Database, brought: int, seed: int) -> Done:
    world, chance = await furnished(database, seed), random.Random(seed)
    running = await asyncio.to_thread(opened.workers, WORKERS, WORKER_IDLE_SECONDS="0.03")
    began = monotonic()
    await world.jump(LATER)
    await _until(database, chance.randint(1, brought // 2))
    chance.choice(running).kill()
    at_death = await _brought(database)
    await _until(database, brought)
    await _until_nothing_waits(database, world)
    seconds = monotonic() - began
    assert sorted([each.end() for each in running]) == [-9, 0, 0]
    return Done(brought, at_death, seconds)


def _automatic(event: dict[str, Any]) -> bool:
    return bool(event["cause"] == "AUTOMATIC")


def demand_same(found: dict[str, list[dict[str, Any]]], expected: dict[str, list[dict[str, Any]]]) -> None:
    """Each due row was done once and as by one worker; every owner's numbers are whole."""
    for name, wanted in expected.items():
        assert found[name] == wanted, f"{name} are not those of a single worker"
    numbers: dict[str, list[int]] = {}
    for each in found["events"]:
        numbers.setdefault(each["owner_id"], []).append(each["seq"])
    for owner, seen in numbers.items():
        assert seen == list(range(seen[0], seen[0] + len(seen))), f"a number of {owner} is missing or double"


async def _brought(database: Database) -> int:
    async with database.reading() as connection:
        return int(await value(connection, BY_TIME))


async def _until(database: Database, events: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await _brought(database) < events:  # noqa: ASYNC110  (another process tells no loop what it did)
            await asyncio.sleep(0.002)


async def _until_nothing_waits(database: Database, world: World) -> None:
    """Wait until nothing is due any more and every event has its place."""
    environment = world.places["main"].environment.id
    async with asyncio.timeout(PATIENCE):
        while True:
            async with database.reading() as connection:
                waits = await backlog(connection, environment, LATER)
            if (waits.overdue, waits.unplaced) == (0, 0):
                return
            await asyncio.sleep(0.01)


async def report(name: str, urls: tuple[str, str], folder: Path, seed: int) -> None:
    """Prove one round and print its figures."""
    url, twin = urls
    with estate(url.replace("+asyncpg", ""), folder) as opened:
        done = await proved(opened, url, twin, seed)
    sys.stdout.write(
        f"{name}, seed {seed}: {done.events} due events, one of {WORKERS} workers killed after {done.at_death}; "
        f"each done once, as by one worker; {done.seconds:.1f} s\n"
    )
    sys.stdout.flush()


def main() -> None:
    """Prove it on both databases, round after round."""
    given = argparse.ArgumentParser(description="Prove that each due row is done once, whoever dies.")
    given.add_argument("--rounds", type=int, default=10)
    given.add_argument("--seed", type=int, default=1)
    wanted = given.parse_args()
    postgresql = server()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        files = Files(place)
        for seed in range(wanted.seed, wanted.seed + wanted.rounds):
            twin, one = (files.fresh(place / f"{each}-{seed}.db") for each in ("twin", "one"))
            asyncio.run(report("sqlite", (one, twin), place, seed))
            url, twin = postgresql.fresh(), files.fresh(place / f"other-{seed}.db")
            asyncio.run(report("postgresql", (url, twin), place, seed))
            postgresql.drop(url)
    postgresql.close()


if __name__ == "__main__":
    main()
