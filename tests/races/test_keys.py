"""A key that another program uses at the same time for another customer concerns its own caller, and nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from billing.refusals import Refusal
from models.rows import value
from models.stores.journal import Journal, KeyUsed
from models.tables.entitlement import GrantRow
from resolvers.acts import MOST_UNITS, again_where_taken, idempotency_row
from tests.races.arena import GRANT, SCALE, arena, counted, take

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from resolvers.context import Context
    from tests.races.arena import Arena

pytestmark = pytest.mark.postgres
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
async def two(postgresql_url: str) -> AsyncIterator[Arena]:
    """Two programs on one PostgreSQL."""
    async for opened in arena(postgresql_url, 2):
        yield opened


@asynccontextmanager
async def elsewhere(arena: Arena, *keys: KeyUsed) -> AsyncGenerator[None, None]:
    """The second program has remembered keys and is about to commit; it does once somebody waits for it."""
    context = await arena.doors[1].context()
    async with context.database.working() as run:
        await Journal(run, context.env.id).remember(
            [idempotency_row(context, key, "of another act", {"record_id": ""}) for key in keys]
        )
        yield
        async with asyncio.timeout(20):
            while not await _waiting(arena):  # noqa: ASYNC110  (a server tells nobody that one waits)
                await asyncio.sleep(0.01)


async def _waiting(arena: Arena) -> bool:
    async with arena.doors[1].database.reading() as connection:
        return bool(await value(connection, WAITING))


async def ended(context: Context, key: str) -> str:
    """Consume one, and name how that ended; a refusal by its code."""
    try:
        return await take(context, "acme", key)
    except Refusal as refusal:
        return refusal.code


async def test_a_group_is_carried_out_but_for_the_key_that_is_used_elsewhere(two: Arena) -> None:
    await two.customer("acme", limit=100)
    context = await two.world.context()
    names = [*(f"before {number}" for number in range(5)), "taken", *(f"after {number}" for number in range(5))]

    async with elsewhere(two, KeyUsed("entitlementConsume", context.principal.name, "taken")):
        calls = asyncio.gather(*(ended(context, name) for name in names))
        await asyncio.sleep(0)
    ends = dict(zip(names, await calls, strict=True))

    assert ends.pop("taken") == "IDEMPOTENCY_CONFLICT"
    assert counted(Counter(ends.values())) == {"GRANTED": 10}
    books = await two.accounts("acme")
    assert (books.rows, books.head) == (10, 10 * SCALE)


async def test_groups_with_the_same_keys_in_another_order_do_not_wait_for_each_other(two: Arena) -> None:
    for name in ("acme", "beta"):
        await two.customer(name, limit=1_000)
    names = [f"key {number}" for number in range(60)]

    async def all_of(door: int, customer: str, order: list[str]) -> list[str]:
        context = await two.doors[door].context()

        async def one(name: str) -> str:
            try:
                return await take(context, customer, name)
            except Refusal as refusal:
                return refusal.code

        return await asyncio.gather(*map(one, order))

    one, other = await asyncio.gather(all_of(0, "acme", names), all_of(1, "beta", names[::-1]))

    assert counted(Counter(one + other)) == {"GRANTED": 60, "IDEMPOTENCY_CONFLICT": 60}
    first, second = [await two.accounts(name) for name in ("acme", "beta")]
    assert first.rows + second.rows == 60


async def test_a_single_act_is_told_of_the_key_that_is_used_elsewhere(two: Arena) -> None:
    await two.customer("acme")
    context = await two.world.context()
    about: dict[str, Any] = {"customer": {"externalId": "acme"}, "feature": "lfs_bandwidth", "amount": "1"}

    async with elsewhere(two, KeyUsed("grantCreate", context.principal.name, "taken")):
        call = asyncio.create_task(two.world.ask(GRANT, input={**about, "idempotencyKey": "taken"}))
        await asyncio.sleep(0)

    assert (await call)["grantCreate"]["code"] == "IDEMPOTENCY_CONFLICT"
    assert await two.of(GrantRow) == []


async def test_who_loses_every_time_is_refused_in_the_end(two: Arena) -> None:
    await two.customer("acme")
    context = await two.world.context()
    tries: list[None] = []

    def lost(context: Context) -> Callable[[], Any]:
        row = idempotency_row(context, KeyUsed("grantCreate", context.principal.name, "taken"), "another", {})

        async def unit() -> None:
            tries.append(None)
            await context.worked(lambda work: work.journal.remember([row]))

        return unit

    await again_where_taken(lost(context))
    tries.clear()

    with pytest.raises(Refusal) as refused:
        await again_where_taken(lost(context))

    assert refused.value.code == "TEMPORARILY_UNAVAILABLE"
    assert len(tries) == MOST_UNITS
