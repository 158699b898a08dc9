"""Whether acts come together, out of memory, or one by one, with everything read: the same answers, the same rows."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from billing.refusals import Refusal
from models.rows import rows
from models.session import Database
from resolvers.entitlement_consume import EntitlementConsume, consume
from resolvers.inputs import CustomerRef
from resolvers.usage_report import UsageReport, UsageReportKind, report
from tests.scenarios.templates import copied

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from resolvers.context import Context
    from tests.scenarios.templates import SqliteWorlds
    from tests.world import World

NAMES = ("acme", "beta", "gamma", "sites")
FEATURES = (
    "lfs_bandwidth",
    "lfs_bandwidth",
    "packages_transfer",
    "actions_minutes",
    "packages_storage",
    "seats",
    "none",
)
GRANT = "mutation($input: GrantCreateInput!) { grantCreate(input: $input) { __typename } }"
ROUNDS = 14


async def told(act: Coroutine[Any, Any, object]) -> object:
    """How an act ends, whichever way."""
    try:
        return await act
    except Refusal as refusal:
        return type(refusal), refusal.message


def act(context: Context, chance: random.Random, key: str) -> Coroutine[Any, Any, object]:
    """One of the acts that share units of work."""
    calls = replace(context)
    name = chance.choice(NAMES)
    ref, feature = CustomerRef(external_id=name), chance.choice(FEATURES)
    resource = chance.choice(("one", "two", "two", None)) if name == "sites" else None
    if chance.random() < 0.6:
        amount = chance.choice(("1", "1", "0.5", "4", "0"))
        return told(consume(calls, EntitlementConsume(ref, feature, resource, amount, key)))
    late = context.at - timedelta(hours=chance.choice((1, 700))) if chance.random() < 0.2 else None
    kind = chance.choice((UsageReportKind.DELTA, UsageReportKind.DELTA, UsageReportKind.SET))
    value = chance.choice(("1", "2", "-1", "0.25"))
    return told(
        report(
            calls,
            UsageReport(
                ref,
                feature,
                value,
                kind=kind,
                resource=resource,
                occurred_at=late,
                reason="a reason",
                idempotency_key=key,
            ),
        )
    )


async def walked(world: World, seed: int, *, together: bool) -> tuple[list[object], dict[str, list[str]]]:
    """Walk rounds of acts, between which time passes and grants are made; tell every answer, and then every row."""
    chance, ends, number = random.Random(seed), list[object](), 0
    for name in NAMES[:-1]:
        await world.subscribed(name, "free")
    for resource in ("one", "two"):
        await world.subscribed("sites", "free", resourceId=resource)
    for _ in range(ROUNDS):
        context = await world.context()
        several = range(number, number + chance.choice((1, 3, 20)))
        again = [chance.randrange(number + 1) if chance.random() < 0.1 and number else each for each in several]
        keys = [f"key {each}" for each in dict.fromkeys(again)]
        acts = [act(context, chance, each) for each in keys]
        number = several.stop
        ends += await asyncio.gather(*acts) if together else [await each for each in acts]
        if chance.random() < 0.3:
            about = {"customer": {"externalId": chance.choice(NAMES)}, "feature": "lfs_bandwidth", "amount": "3"}
            await world.ask(GRANT, input={**about, "priority": chance.choice((10, 90))})
        if chance.random() < 0.6:
            await world.advance(timedelta(hours=chance.choice((1, 30, 800))))
    return ends, await everything(world.database)


async def everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table, but for what counts transactions."""
    found: dict[str, list[str]] = {}
    async with database.reading() as run:
        for name, of in SQLModel.metadata.tables.items():
            listed = await rows(run, select(*(each for each in of.c if each.name != "taken")))
            found[name] = sorted(map(str, listed))
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_together_or_alone_out_of_memory_or_read_use_is_answered_and_written_alike(
    sqlite_worlds: SqliteWorlds, seed: int
) -> None:
    one = Database(sqlite_worlds.fresh("together"))
    other = Database(sqlite_worlds.fresh("alone"), snapshot_bytes=0)

    ends, books = await walked(copied(one, sqlite_worlds.places), seed, together=True)
    alone, read = await walked(copied(other, sqlite_worlds.places), seed, together=False)

    assert len(one.recollections) > 0
    assert ends == alone
    assert books == read
    assert len(books["usage"]) > 30
    await one.close()
    await other.close()
