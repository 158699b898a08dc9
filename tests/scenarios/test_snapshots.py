"""Memory in any life: two programs act in turns, one answers from memory; and how much memory that is. (ADR 21)"""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from models.session import Database
from tests.recollections import Compared
from tests.scenarios.templates import copied
from tests.scenarios.test_machine import FIXED, LIVES, Life
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.scenarios.living import Line
    from tests.scenarios.story import Told
    from tests.scenarios.templates import PostgresWorlds, SqliteWorlds

ALL = """query($of: CustomerRef!) { entitlements(customer: $of) { featureKey } }"""
SUPPORT = """query($of: CustomerRef!) {
  entitlement(customer: $of, feature: "support") { ... on Entitlement { hasAccess } } }"""
ALL_SUPPORT = """query($of: CustomerRef!) { entitlements(customer: $of, features: ["support"]) { hasAccess } }"""
TAKEN_AWAY = """mutation($of: CustomerRef!) {
  overrideSet(input: {customer: $of, feature: "support", revoked: true}) { __typename } }"""
ONE = """query($of: CustomerRef!, $fresh: Consistency!) {
  entitlement(customer: $of, feature: "lfs_storage", consistency: $fresh) { __typename } }"""
CONSUME = "mutation($input: EntitlementConsumeInput!) { entitlementConsume(input: $input) { __typename } }"


class Shared(Life):
    """A life of which another program does every third act; who asks has done the rest."""

    def begin_with(self, *, hard: bool) -> None:
        """Subscribe, and let the other in."""
        super().begin_with(hard=hard)
        self.here, self.acts = self.story.world, 0
        database = Database(self.here.database.url)
        contexts = replace(self.here.contexts, database=database)  # ids too: of two grants at one instant they tell
        self.there = World(database, self.here.clock, contexts, self.here.places, self.here.keys)
        self.recollected = Compared.of_database(self.here.database)

    def act(self, document: str, **asked: Any) -> Told:
        """Do it here or there."""
        self.acts += 1
        self.story.world = self.there if self.acts % 3 == 1 else self.here
        try:
            return super().act(document, **asked)
        finally:
            self.story.world = self.here

    def take(self, line: Line, amount: int, *, named: bool = False) -> None:
        """Take one after another, so that a unit of work may begin where the former ended."""
        for _ in range(min(amount, 4) - 1):
            super().take(line, 1, named=named)
        super().take(line, max(1, amount - 3), named=named)

    def teardown(self) -> None:
        """Close both; memory was of use."""
        if hasattr(self, "there"):
            FOUND.append(self.here.database.snapshots.counts.hits)
            RECOLLECTED.append(self.recollected.compared)
            self.run(self.there.database.close())
        super().teardown()


FOUND: list[int] = []
RECOLLECTED: list[int] = []


def test_any_life_that_two_programs_share_is_answered_as_the_books_say(sqlite_worlds: SqliteWorlds) -> None:
    """On SQLite."""

    def fresh() -> World:
        return copied(Database(sqlite_worlds.fresh("shared")), sqlite_worlds.places)

    lived(fresh, lambda _: None, LIVES)


@pytest.mark.postgres
def test_any_life_that_two_replicas_share_is_answered_as_the_books_say(postgresql_worlds: PostgresWorlds) -> None:
    """On PostgreSQL."""

    def fresh() -> World:
        return copied(Database(postgresql_worlds.fresh()), postgresql_worlds.places)

    lived(fresh, postgresql_worlds.drop, (LIVES + 1) // 2)


def lived(fresh: Callable[[], World], gone: Callable[[str], None], lives: int) -> None:
    """Live some lives, each in a fresh world, and of use to memory."""
    FOUND.clear()
    RECOLLECTED.clear()
    calm = settings(
        max_examples=lives,
        stateful_step_count=30,
        deadline=None,
        derandomize=FIXED,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(cast("type[Shared]", lambda: Shared(fresh, gone)), settings=calm)
    assert sum(FOUND) > 5 * len(FOUND)
    assert sum(RECOLLECTED) > len(RECOLLECTED)


async def test_memory_is_bounded_and_reckoned_honestly(sqlite_worlds: SqliteWorlds) -> None:
    """What memory says it takes is what it takes; a small one forgets whom nobody asked about for longest."""
    large = Database(sqlite_worlds.fresh("bounded"))
    world, customers = copied(large, sqlite_worlds.places), [f"c{number}" for number in range(40)]
    for each in customers:
        await world.subscribed(each, "free")
    await world.ask(ALL, of={"externalId": customers[0]})
    reckoned, before = large.snapshots.bytes, begun()
    for each in customers[1:]:
        await world.ask(ALL, of={"externalId": each})
    of_one = (large.snapshots.bytes - reckoned) / (len(customers) - 1)
    ratio = of_one * (len(customers) - 1) / taken_since(before)
    assert 0.8 < ratio < 1.6
    await large.close()

    small = Database(large.url, snapshot_bytes=int(20 * of_one))
    world, kept = copied(small, sqlite_worlds.places), small.snapshots
    for each in customers:
        await world.ask(ALL, of={"externalId": each})
        assert kept.bytes <= kept.most
    assert 15 < len(kept) == len(customers) - kept.counts.evicted < 21
    await world.ask(ALL, of={"externalId": customers[-1]})
    await world.ask(ALL, of={"externalId": customers[0]})
    assert (kept.counts.hits, kept.counts.misses) == (1, len(customers) + 1)
    await small.close()


async def test_an_answer_from_what_another_program_has_just_changed_is_not_kept(sqlite_worlds: SqliteWorlds) -> None:
    """The sequences tell of the act and memory does not yet: what is answered meanwhile is forgotten once it does."""
    here = copied(Database(sqlite_worlds.fresh("noticed"), notice_seconds=600.0), sqlite_worlds.places)
    database = Database(here.database.url)
    there = World(database, here.clock, replace(here.contexts, database=database), here.places, here.keys)
    await here.subscribed("acme", "free")
    of = {"externalId": "acme"}
    before = [await here.ask(SUPPORT, of=of), await here.ask(ALL_SUPPORT, of=of)]
    told = await there.ask(TAKEN_AWAY, of=of)
    assert told["overrideSet"]["__typename"] == "OverrideWasSet"
    for _ in range(2):
        assert [await here.ask(SUPPORT, of=of), await here.ask(ALL_SUPPORT, of=of)] == before
    await here.subscribed("rival", "free")
    after = [await here.ask(SUPPORT, of=of), await here.ask(ALL_SUPPORT, of=of)]
    assert after == [await there.ask(SUPPORT, of=of), await there.ask(ALL_SUPPORT, of=of)] != before
    await database.close()
    await here.database.close()


async def test_a_body_is_not_answered_as_the_address_that_reads_alike(sqlite_worlds: SqliteWorlds) -> None:
    world = copied(Database(sqlite_worlds.fresh("alike")), sqlite_worlds.places)
    sent = "query=%7B%20products%20%7B%20key%20%7D%20%7D"
    secret = world.places["main"].secret
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "GraphQL-Require-Preflight": "1",
    }
    async with world.client() as client:
        for _ in range(3):
            assert (await client.get(f"/graphql?{sent}", headers=headers)).status_code == 200
        assert world.endpoint()._answers.given
        assert (await client.post("/graphql", content=sent, headers=headers)).status_code == 400
    await world.database.close()


def begun() -> int:
    """Begin to measure memory."""
    gc.collect()
    tracemalloc.start()
    return tracemalloc.get_traced_memory()[0]


def taken_since(before: int) -> int:
    """How much was taken since; the measuring ends."""
    gc.collect()
    now = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return now - before


async def test_strong_reads_and_what_is_kept_is_not_read(sqlite_worlds: SqliteWorlds) -> None:
    database = Database(sqlite_worlds.fresh("strong"))
    world = copied(database, sqlite_worlds.places)
    await world.subscribed("acme", "free")
    heard: list[str] = []
    database.heard_by(heard.append)

    async def statements(fresh: str) -> int:
        heard.clear()
        await world.ask(ONE, of={"externalId": "acme"}, fresh=fresh)
        return len(heard)

    read = await statements("STRONG")
    assert [await statements(each) for each in ("EVENTUAL", "STRONG")] == [read - 1, read]
    assert await statements("EVENTUAL") == read, "the decision is kept, and the sequences are read for the whole answer"
    assert [await statements(each) for each in ("EVENTUAL", "STRONG", "EVENTUAL")] == [read - 1, read, read - 1]
    await database.close()

    none = Database(database.url, snapshot_bytes=0)
    world = copied(none, sqlite_worlds.places)
    none.heard_by(heard.append)
    assert [await statements("EVENTUAL") for _ in range(3)] == [read] * 3
    await none.close()


async def test_what_units_of_work_left_is_bounded_and_reckoned_honestly(sqlite_worlds: SqliteWorlds) -> None:
    """A small memory forgets whom nobody used anything for longest; none at all changes no answer."""
    large = Database(sqlite_worlds.fresh("left"))
    world, customers = copied(large, sqlite_worlds.places), [f"c{number}" for number in range(20)]
    for each in customers:
        await world.subscribed(each, "free")
    await taken(world, customers[:1])
    reckoned, before = large.recollections.bytes, begun()
    await taken(world, customers[1:])
    of_one = (large.recollections.bytes - reckoned) / (len(customers) - 1)
    ratio = of_one * (len(customers) - 1) / taken_since(before)
    assert 0.8 < ratio < 2.5
    await large.close()

    for most, kept in ((int(17 * of_one), 17), (0, 0)):
        small = Database(large.url, snapshot_bytes=most)
        contexts = replace(world.contexts, database=small)
        await taken(World(small, world.clock, contexts, world.places, world.keys), customers)
        assert (len(small.recollections), small.recollections.bytes <= most) == (kept, True)
        await small.close()


async def taken(world: World, customers: Sequence[str]) -> None:
    """Take a little for each, twice."""
    for each in (*customers, *customers):
        use = {"customer": {"externalId": each}, "feature": "lfs_bandwidth", "amount": "0.001"}
        told = await world.ask(CONSUME, input={**use, "idempotencyKey": f"{each} {world.fresh_key()}"})
        assert told["entitlementConsume"]["__typename"] == "EntitlementGranted"
