"""What memory answers is fresh: what was done here at once, what another program did within 50 ms. (ADR 21)"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from decimal import Decimal
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from tests.races.arena import FEATURE, take
from tests.races.test_consume import ROOT, heard, told

if TYPE_CHECKING:
    from tests.races.arena import Arena
    from tests.world import World

USED = """query($of: CustomerRef!, $feature: String!, $fresh: Consistency!) {
  entitlement(customer: $of, feature: $feature, consistency: $fresh) { ... on Entitlement { used } } }"""
SOON = 0.05
"""So many seconds after another program's COMMIT everybody has to know."""
LATE = 5.0
"""So late nobody is, however busy the machine."""


async def used(world: World, name: str, fresh: str = "EVENTUAL") -> int:
    """How many are used, as this program answers it."""
    answer = await world.ask(USED, of={"externalId": name}, feature=FEATURE, fresh=fresh)
    return int(Decimal(answer["entitlement"]["used"]))


async def test_what_was_done_here_is_in_every_answer_from_then_on(one: Arena) -> None:
    await one.customer("acme", limit=1_000)
    await one.customer("rival", limit=1_000)
    context, done = await one.world.context(), 0

    async def client(number: int) -> None:
        nonlocal done
        for turn in range(8):
            assert await take(context, "acme", f"{number} {turn}") == "GRANTED"
            done += 1
            before = done
            assert await used(one.world, "acme") >= before
            assert await used(one.world, "rival") == 0

    await asyncio.gather(*(client(number) for number in range(6)))
    assert await used(one.world, "acme") == await used(one.world, "acme", "STRONG") == 48
    assert one.world.database.snapshots.counts.hits > (48 if one.world.database.sqlite else 30)


async def test_what_another_program_did_is_seen_soon(one: Arena, database_url: str) -> None:
    await one.customer("acme", limit=1_000)
    command = (sys.executable, "-m", "tests.races.taker", database_url)
    other = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    waited: list[float] = []
    try:
        async with asyncio.timeout(60):
            assert await heard(other) == "ready"
            for number in range(1, 16):
                assert await used(one.world, "acme") == await used(one.world, "acme") == number - 1
                told(other, f"acme key-{number}")
                assert await heard(other) == "GRANTED"
                began = perf_counter()
                while await used(one.world, "acme") != number:
                    assert perf_counter() - began < LATE
                waited.append(perf_counter() - began)
            other.stdin.close() if other.stdin else None
            assert await other.wait() == 0
    finally:
        if other.returncode is None:
            other.kill()
            await other.wait()
    assert median(waited) < SOON, waited
    assert one.world.database.snapshots.counts.hits >= 15


async def test_a_name_that_moved_leads_to_whom_it_names_now(two: Arena) -> None:
    """Another program takes a customer's external id and gives it to somebody else: no answer is of the former."""
    here, there = two.doors
    await two.customer("acme", limit=5)
    assert await take(await here.context(), "acme", "key") == "GRANTED"
    assert [await used(here, "acme") for _ in range(3)] == [1, 1, 1]
    found = await there.ask(ID, of={"externalId": "acme"})
    await there.ask(RENAME, input={"id": found["customer"]["id"], "externalId": "former"})
    await two.customer("acme", limit=5)
    await asyncio.sleep(SOON)
    assert (await used(here, "acme"), await used(here, "former")) == (0, 1)


ID = "query($of: CustomerRef!) { customer(ref: $of) { id } }"
RENAME = """mutation($input: CustomerUpsertInput!) { customerUpsert(input: $input) {
  ... on CustomerUpserted { created } ... on UserError { code } } }"""
