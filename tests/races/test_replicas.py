"""Two gateways on one PostgreSQL: what one does, the memory of the other knows within 50 ms. (ADR 25)"""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from billing.lifecycle import Channel
from models import lookout
from models.rows import row
from models.work import TAKE
from plangate.http.metrics import of_lookout
from resolvers.api_key_revoke import ApiKeyRevoke, revoke_key
from resolvers.keys import api_keys
from tests.races.arena import NOTICE, SCALE, arena, take
from tests.races.test_consume import ROOT, heard, told
from tests.races.test_snapshots import LATE, SOON, used
from tests.world import OWNER

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from models.lookout import Lookout
    from models.snapshots import Counts
    from resolvers.context import Context
    from tests.races.arena import Arena

pytestmark = pytest.mark.postgres
PUBLIC = "query { plans { key } }"
ID = "query($of: CustomerRef!) { customer(ref: $of) { id } }"
END = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE query LIKE '%pg_postmaster_start_time%' AND pid <> pg_backend_pid()"""
FLOOD = """INSERT INTO sequence (owner_id, environment_id, seq, taken)
SELECT 'cus_flood' || number, id, 1, CAST(CAST(pg_current_xact_id() AS text) AS bigint)
FROM environment, generate_series(1, 1100) AS number"""


class Replicas:
    """Somebody who answers from memory, and somebody else who writes."""

    def __init__(self, two: Arena, context: Context) -> None:
        self.arena = two
        self.here, self.there = two.doors
        self.context = context
        self.keys = 0

    @property
    def counts(self) -> Counts:
        """What became of the answers here."""
        return self.here.database.snapshots.counts

    @property
    def lookout(self) -> Lookout:
        """Who notices here."""
        assert self.here.database.lookout is not None
        return self.here.database.lookout

    async def take(self, name: str) -> None:
        """Take one there, and wait as long as it may take to be known here."""
        self.keys += 1
        assert await take(self.context, name, f"key {self.keys}") == "GRANTED"
        await asyncio.sleep(NOTICE)

    async def known(self, *names: str) -> list[int]:
        """How many each has used, as it is answered here."""
        return [await used(self.here, name) for name in names]

    async def beside(self, statement: str) -> None:
        """Do something there that is no act."""
        async with self.there.database.working() as run:
            await run.execute(text(statement))


@pytest.fixture
async def two(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Replicas]:
    """Two gateways, and two customers who are remembered in the first, which waits for a look as long as it takes."""
    monkeypatch.setattr(lookout, "PATIENCE", LATE)
    async for opened in arena(postgresql_url, 2):
        for name in ("acme", "rival"):
            await opened.customer(name, limit=1_000)
        replicas = Replicas(opened, await opened.doors[1].context())
        assert await replicas.known("acme", "rival") == [0, 0]
        yield replicas


async def test_of_what_another_gateway_did_only_those_are_read_again_whom_it_was_about(two: Replicas) -> None:
    for number in range(1, 6):
        await two.take("acme")
        assert await two.known("acme", "rival", "acme", "rival") == [number, 0, number, 0]
    assert (two.counts.changed, two.counts.confirmed, two.counts.hits) == (5, 0, 15)
    assert of_lookout(two.lookout)[0].value


async def test_what_was_begun_before_a_look_and_committed_after_it_is_noticed(two: Replicas) -> None:
    """Numbers of transactions are not in the order of their ends; one that is undone is noticed by nobody."""
    given = {"env": two.here.places["main"].environment.id, "now": two.context.at}
    acme = (await two.here.ask(ID, of={"externalId": "acme"}))["customer"]["id"]
    for ends in (True, False):
        async with two.there.database.working() as run:
            assert await row(run, TAKE, {**given, "owner": acme})
            for _ in range(3):
                await two.take("rival")
                await two.known("rival", "acme")
            before = two.counts.changed
            if not ends:
                await run.execute(text("ROLLBACK"))
        await asyncio.sleep(NOTICE)
        await two.known("acme", "rival")
        assert two.counts.changed - before == ends
    assert two.counts.confirmed == 0


async def test_after_an_act_about_very_many_everybody_is_compared_and_nobody_is_wrong(two: Replicas) -> None:
    async with two.there.database.working() as run:
        await run.execute(text(FLOOD))
    await two.take("acme")
    assert await two.known("acme", "rival") == [1, 0]
    assert (two.counts.changed, two.counts.confirmed) == (1, 1)
    assert await two.known("acme", "rival") == [1, 0]
    assert two.counts.confirmed == 1


async def test_where_nobody_can_be_asked_memory_is_emptied_and_read_past_until_he_can(two: Replicas) -> None:
    memory, noticing = two.here.database.snapshots, two.lookout
    kept = len(memory)
    await two.beside(END)
    await two.take("acme")
    await memory.look()
    assert (kept, len(memory), memory.bytes, noticing.lost, of_lookout(noticing)[0].value) == (2, 0, 0, 1, False)
    assert await two.known("acme", "rival") == [1, 0]
    began, hits = perf_counter(), two.counts.hits
    while two.counts.hits == hits:
        assert await two.known("acme", "rival") == [1, 0]
        assert perf_counter() - began < SOON * 100
        await asyncio.sleep(NOTICE)
    assert of_lookout(noticing)[0].value
    await two.take("acme")
    assert await two.known("acme", "rival") == [2, 0]


async def test_what_was_seen_on_another_server_is_not_believed(two: Replicas) -> None:
    """A pooler may lead to a server that took over, whose sequences may stand where others' stood."""
    noticing = two.lookout
    seen = noticing._seen
    assert seen is not None
    look = await two.here.database.snapshots.look()
    for other in (seen._replace(server=seen.server.replace(year=2020)), seen._replace(end=seen.end + 10**6)):
        noticing._seen = other
        await asyncio.sleep(NOTICE)
        await two.here.database.snapshots.look()
        assert len(two.here.database.snapshots) == 0
        await two.known("acme")
        assert len(two.here.database.snapshots) == 1
    assert look.seen < noticing.began


async def test_a_key_that_another_gateway_revoked_opens_nothing_from_then_on(two: Replicas) -> None:
    place = await two.here.settle("real", None)
    there = two.there.contexts.make(OWNER, place.environment, Channel.CLI)
    for _ in range(3):
        await two.here.ask(PUBLIC, place="real")
    assert two.here.database.keys.counts.hits == 2
    for key in await api_keys(there):
        await revoke_key(there, ApiKeyRevoke(key.id, actor="somebody"))
    await asyncio.sleep(NOTICE)
    answer = await two.here.whole(PUBLIC, place="real")
    assert answer["errors"][0]["extensions"]["code"] == "CREDENTIAL_REVOKED"


async def test_nothing_that_a_gateway_answers_is_older_than_promised_though_it_is_stopped(two: Replicas) -> None:
    """Every answer is held against what had been confirmed to the writer 50 ms before its question began."""
    command = (sys.executable, "-m", "tests.races.asker", two.here.database.url, "acme")
    asker = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    confirmed: list[float] = []
    try:
        async with asyncio.timeout(60):
            assert await heard(asker) == "ready"
            reading = asyncio.ensure_future(_answers(asker))
            for number in range(9):
                await asyncio.sleep(SOON)
                if number % 2:
                    asker.send_signal(signal.SIGSTOP)
                assert await take(two.context, "acme", f"key {number}") == "GRANTED"
                confirmed.append(perf_counter())
                await asyncio.sleep(SOON * (number % 3))
                asker.send_signal(signal.SIGCONT)
            await asyncio.sleep(2 * SOON)
            told(asker, "end")
            answers = await reading
            assert await asker.wait() == 0
    finally:
        if asker.returncode is None:
            asker.kill()
            await asker.wait()
    late = [(began, n) for began, n in answers if n < sum(began >= each + SOON for each in confirmed)]
    assert len(answers) > 50
    assert answers[-1][1] == 9
    assert late == []


async def _answers(asker: Process) -> list[tuple[float, int]]:
    found: list[tuple[float, int]] = []
    assert asker.stdout is not None
    async for line in asker.stdout:
        began, number = line.split()
        found.append((float(began), int(number) // SCALE))
    return found
