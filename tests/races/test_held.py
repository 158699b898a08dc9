"""Held and used never come to more than the limit, whoever takes, holds, settles and corrects at once."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from typing import TYPE_CHECKING

import orjson
import pytest

from models.choices import UsageKind
from tests.races.arena import SCALE
from tests.races.mixture import mixed, walked
from tests.races.test_consume import ROOT, heard, told

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from tests.races.arena import Arena

LIMIT = 100
GROWN_BY_REPORTS = {UsageKind.REPORT}
STANDS = """query($ref: CustomerRef!) { entitlement(customer: $ref, feature: "lfs_bandwidth") { ... on Entitlement {
  used reserved remaining overBy } } }"""


async def told_now(arena: Arena, name: str) -> dict[str, float]:
    """The numbers of a question."""
    found = (await arena.world.ask(STANDS, ref={"externalId": name}))["entitlement"]
    return {key: float(number or 0) for key, number in found.items()}


async def proven(arena: Arena, name: str, ends: Counter[str], *, reports: bool) -> None:
    """Check the order of events, then that all the books agree."""
    steps = await walked(arena, name)
    before = 0
    for kind, taken in steps:
        assert taken <= LIMIT * SCALE or taken <= before or (reports and kind in GROWN_BY_REPORTS), (kind, taken)
        before = taken
    done = Counter(kind for kind, _ in steps)
    assert (done["hold"], done["release"]) == (ends["HELD"], ends["RELEASED"])
    assert (done[UsageKind.SETTLE], done[UsageKind.CONSUME]) == (ends["SETTLED"], ends["GRANTED"])
    assert ends["HELD"] >= 10, "who came first was given"
    assert ends["LIMIT_REACHED"] + ends["NOT HELD"] + ends["DENIED"], "more was asked than there is"
    books, now = await arena.accounts(name), await told_now(arena, name)
    assert books.head == books.of_limit == books.total == now["used"] * SCALE
    assert (now["used"] + now["reserved"]) * SCALE == before
    assert now["remaining"] == max(0, LIMIT - before / SCALE)
    assert now["overBy"] == max(0, before / SCALE - LIMIT)


@pytest.mark.parametrize("reports", [0, 5])
async def test_one_program_holds_settles_and_consumes_up_to_the_limit(one: Arena, reports: int) -> None:
    await one.customer("acme", limit=LIMIT)
    context = await one.world.context()

    parts = await asyncio.gather(*(mixed(context, "acme", f"part {part}", reports) for part in range(2)))

    await proven(one, "acme", sum(parts, Counter[str]()), reports=bool(reports))


@pytest.fixture
async def other(database_url: str, one: Arena) -> AsyncIterator[Process]:
    """A second program on the arena's database."""
    command = (sys.executable, "-m", "tests.races.consumer", database_url, "other", "mixed")
    started = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        async with asyncio.timeout(120):
            assert await heard(started) == "ready"
        yield started
        assert started.stdin is not None
        started.stdin.close()
        async with asyncio.timeout(20):
            assert await started.wait() == 0
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def test_two_programs_hold_settle_and_consume_up_to_the_limit(one: Arena, other: Process) -> None:
    await one.customer("acme", limit=LIMIT)
    context = await one.world.context()
    told(other, "acme")

    mine = await mixed(context, "acme", "mine")
    theirs: dict[str, int] = orjson.loads(await heard(other))

    await proven(one, "acme", mine + Counter(theirs), reports=False)
