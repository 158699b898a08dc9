"""Acts of one customer that wait share a unit of work: few COMMITs, each act for itself, and all fail if that fails."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.refusals import Refusal
from models.session import Database
from tests.races.arena import SCALE, Accounts, arena, counted, take, told_of

if TYPE_CHECKING:
    from resolvers.context import Context
    from tests.races.arena import Arena


async def ended(context: Context, name: str, key: str, amount: str = "1") -> str:
    """Consume, and name how that ended; a refusal by its code."""
    try:
        return await take(context, name, key, amount)
    except Refusal as refusal:
        return refusal.code


async def waited(context: Context, key: str) -> tuple[str, bool]:
    """Consume, and say how that ended, and whether that took little more than a second."""
    began = time.monotonic()
    return await ended(context, "acme", key), time.monotonic() - began < 1.6


def commits(arena: Arena) -> list[None]:
    """A list that grows with every COMMIT of the arena's first door."""
    seen: list[None] = []

    def note(statement: str) -> None:
        if statement == "COMMIT":
            seen.append(None)

    arena.world.database.heard_by(note)
    return seen


async def test_who_waits_shares_a_commit(one: Arena) -> None:
    await one.customer("acme", limit=200)
    context = await one.world.context()
    seen = commits(one)

    ends = await asyncio.gather(*(ended(context, "acme", f"key {number}") for number in range(200)))
    gathered = len(seen)
    for number in range(3):
        await ended(context, "acme", f"denied {number}")

    assert counted(Counter(ends)) == {"GRANTED": 200}
    assert gathered <= 3
    assert len(seen) == gathered


async def test_in_a_group_each_act_ends_for_itself_and_only_what_was_granted_is_written(one: Arena) -> None:
    await one.customer("acme", grants=[5])
    context = await one.world.context()
    amounts = ["12", "4", "0", "0.00000001", "1", "-1", "11", "0.5", "9.5", "1"]

    ends = await asyncio.gather(
        *(ended(context, "acme", f"key {number}", amount) for number, amount in enumerate(amounts))
    )

    assert ends == [
        "GRANTED",
        "REQUESTED_EXCEEDS_LIMIT",
        "AMOUNT_OUT_OF_RANGE",
        "AMOUNT_OUT_OF_RANGE",
        "GRANTED",
        "AMOUNT_OUT_OF_RANGE",
        "REQUESTED_EXCEEDS_LIMIT",
        "GRANTED",
        "REQUESTED_EXCEEDS_LIMIT",
        "GRANTED",
    ]
    total = 14_500
    assert await one.accounts("acme") == Accounts(
        rows=4, total=total, of_limit=total - 5 * SCALE, burned=5 * SCALE, head=total - 5 * SCALE, keys=4
    )


async def test_each_call_of_a_group_knows_whether_its_own_act_was_done(one: Arena) -> None:
    await one.customer("acme", limit=3)
    calls = [await one.world.context() for _ in range(6)]

    ends = await asyncio.gather(*(ended(call, "acme", f"key {number}") for number, call in enumerate(calls)))

    assert ends == ["GRANTED"] * 3 + ["LIMIT_REACHED"] * 3
    assert [call.written for call in calls] == [True] * 3 + [False] * 3


async def test_a_unit_that_fails_fails_all_of_its_group_and_all_may_ask_again(one: Arena) -> None:
    await one.customer("acme", limit=100)
    context = await one.world.context()

    def fail(statement: str) -> None:
        if statement == "COMMIT":
            raise OSError("the disk is gone")

    one.world.database.heard_by(fail)
    ends = await asyncio.gather(*(ended(context, "acme", f"key {number}") for number in range(30)))
    one.world.database.heard_by(lambda _: None)

    assert counted(Counter(ends)) == {"TEMPORARILY_UNAVAILABLE": 30}
    assert (await one.accounts("acme")).rows == 0
    again = await asyncio.gather(*(ended(context, "acme", f"key {number}") for number in range(30)))
    assert counted(Counter(again)) == {"GRANTED": 30}
    assert (await one.accounts("acme")).head == 30 * SCALE


async def test_who_goes_away_takes_nobody_along(one: Arena) -> None:
    await one.customer("acme", limit=100)
    context = await one.world.context()
    calls = [asyncio.create_task(take(context, "acme", f"key {number}")) for number in range(40)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    await asyncio.wait(calls)
    await one.world.database.gathering.idle()

    assert [call.result() for call in calls[1::2]] == ["GRANTED"] * 20
    books = await one.accounts("acme")
    assert 20 <= books.rows <= 40
    assert (books.keys, books.head) == (books.rows, books.rows * SCALE)


async def test_who_has_to_go_apart_is_not_passed_by_a_later_act_of_the_same_customer(one: Arena) -> None:
    """The first call is of an instant before what acme did last, so that it has a unit of its own."""
    world = one.world
    await world.settle("live", None)
    for name in ("acme", "beta"):
        await world.subscribed(name, "free", place="live")
    early = await world.context("live")
    world.clock.move(timedelta(seconds=1))
    await ended(await world.context("live"), "acme", "before")
    world.clock.move(timedelta(seconds=1))
    late = await world.context("live")

    calls = [asyncio.create_task(take(early, name, f"early {name}", "9")) for name in ("acme", "beta")]
    for _ in range(4):
        await asyncio.sleep(0)
    calls += [asyncio.create_task(take(late, name, f"late {name}", "1")) for name in ("acme", "beta")]

    assert [await call for call in calls] == ["GRANTED", "GRANTED", "LIMIT_REACHED", "GRANTED"]


async def test_who_waits_while_another_program_writes_is_refused_in_time_and_nothing_of_it_is_written(
    sqlite_url: str,
) -> None:
    """Nobody waits for the patience of those before it as well."""
    async for opened in arena(sqlite_url, 1):
        await opened.customer("acme", limit=100)
        impatient = Database(sqlite_url, wait_seconds=1.0)
        context = replace(await opened.world.context(), database=impatient)

        async with opened.world.database.working():
            calls: list[asyncio.Task[tuple[str, bool]]] = []
            for number in range(12):
                calls.append(asyncio.create_task(waited(context, f"key {number}")))
                await asyncio.sleep(0.07)
            ends = [await call for call in calls]
        await impatient.gathering.idle()

        assert ends == [("TEMPORARILY_UNAVAILABLE", True)] * 12
        assert (await opened.accounts("acme")).rows == 0
        assert await waited(context, "key 0") == ("GRANTED", True)
        await impatient.close()


async def test_a_bulk_and_single_acts_share_a_group_in_order_of_arrival(one: Arena) -> None:
    await one.customer("acme", limit=10)
    context = await one.world.context()
    seen = commits(one)

    bulk = asyncio.create_task(told_of(context, "acme", "bulk", 8))
    for _ in range(10):
        await asyncio.sleep(0)
    ends = await asyncio.gather(bulk, *(ended(context, "acme", name) for name in ("one", "two", "three")))

    assert ends == ["8 REPORTED", "GRANTED", "GRANTED", "LIMIT_REACHED"]
    assert (await one.accounts("acme")).total == 10 * SCALE
    assert len(seen) <= 2
