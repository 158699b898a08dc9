"""Two programs with one key at once: done once, and whoever is second gets the first answer or is told to ask again."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from billing.refusals import IdempotencyConflict, TemporarilyUnavailable
from models.session import Database
from models.tables.entitlement import GrantRow
from resolvers.grant_create import create_grant
from tests.races.arena import granting
from tests.races.test_consume import ROOT, heard, told

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator

    from resolvers.context import Context
    from tests.races.arena import Arena

KEY = "the one key"


@asynccontextmanager
async def keeper(arena: Arena, grant: str) -> AsyncGenerator[Process, None]:
    """Another program that is in the middle of an act under the key."""
    command = (sys.executable, "-m", "tests.races.keeper", arena.world.database.url, "acme", KEY, grant)
    started = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        async with asyncio.timeout(120):
            assert await heard(started) == "holds"
        yield started
        async with asyncio.timeout(60):
            assert await started.wait() == 0
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def first_grant(arena: Arena) -> str:
    """Make a customer with a grant, which the other program answers."""
    await arena.customer("acme")
    return (await create_grant(await arena.world.context(), granting("acme", None))).grant.id


async def impatient(arena: Arena) -> Context:
    """A call of this program that waits a second for the store."""
    return replace(await arena.world.context(), database=Database(arena.world.database.url, wait_seconds=1.0))


async def test_who_comes_while_the_first_is_at_work_gets_its_answer_and_a_conflict_for_another_input(
    one: Arena,
) -> None:
    grant = await first_grant(one)
    context = await one.world.context()
    async with keeper(one, grant) as other:
        second = asyncio.create_task(create_grant(context, granting("acme", KEY)))
        await asyncio.sleep(0.5)
        assert not second.done()
        told(other, "go on")
        answer = await second
    with pytest.raises(IdempotencyConflict):
        await create_grant(context, replace(granting("acme", KEY), amount="2"))

    assert (answer.grant.id, answer.replayed) == (grant, True)
    assert len(await one.of(GrantRow)) == 1


async def test_who_cannot_wait_so_long_is_told_that_nothing_was_done_and_gets_the_answer_later(one: Arena) -> None:
    grant = await first_grant(one)
    context = await impatient(one)
    async with keeper(one, grant) as other:
        with pytest.raises(TemporarilyUnavailable) as refused:
            await create_grant(context, granting("acme", KEY))
        told(other, "go on")
        assert await heard(other) == "done"
    again = await create_grant(context, granting("acme", KEY))
    await context.database.close()

    assert "nothing was done" in refused.value.message
    assert (again.grant.id, again.replayed) == (grant, True)
    assert len(await one.of(GrantRow)) == 1
