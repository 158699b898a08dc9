"""What goes out goes out in order, at least once and by one worker at a time; what is held waits and goes out after."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import structlog
from structlog.testing import capture_logs

from models.choices import OutwardChannel
from models.session import Database
from models.stores.outbox import Outbox
from models.tables import EventRow, HoldRow, OutboxRow
from plangate.worker import Worker
from resolvers.carrying import LEASE, Carrier, carry_next
from resolvers.holding import Switch, hold, release
from tests.races.arena import Arena
from tests.world import START, World

if TYPE_CHECKING:
    from models.stores.outbox import Act

MAIL, PAYMENTS = OutwardChannel.MAIL, OutwardChannel.PAYMENTS


@dataclass
class Post:
    """A post office: letters and charges go out by it, unless their subject is one that it loses."""

    sent: list[str] = field(default_factory=list[str])
    loses: set[str] = field(default_factory=set[str])

    async def take(self, act: Act) -> None:
        await asyncio.sleep(0)
        if act.subject_id in self.loses:
            raise ConnectionError("the post office is closed")
        self.sent.append(act.id)

    @property
    def carriers(self) -> dict[str, Carrier]:
        return {"LETTER": Carrier(MAIL, self.take), "CHARGE": Carrier(PAYMENTS, self.take)}


@pytest.fixture
async def world(database: Database) -> World:
    """A world with two environments."""
    made = await World.begin(database)
    await made.settle("other", START)
    return made


def worker(world: World, post: Post, database: Database | None = None) -> Worker:
    """A worker whose letters the post office takes."""
    return Worker(
        database or world.database, world.clock, world.contexts.ids, idle_seconds=0.01, carriers=post.carriers
    )


async def decide(world: World, *acts: str, place: str = "main") -> None:
    """Decide acts: `LETTER a 1` is the first letter about a."""
    async with world.database.working() as session:
        for each in acts:
            kind, subject, number = each.split()
            made = OutboxRow(
                id=f"out_{number}{subject}{place}", environment_id=world.places[place].environment.id, kind=kind,
                subject_id=subject, due_at=world.clock.now(),
            )  # fmt: skip
            await Outbox(session).add(made)


async def switch(world: World, what: OutwardChannel, place: str | None = None) -> Switch:
    """Throw the switch, as somebody with a reason does."""
    thrown = Switch((what,), place, "ann", "a wrong text")
    await hold(world.database, world.contexts.ids, thrown, world.clock.now())
    return thrown


async def test_acts_go_out_oldest_first_and_once(world: World) -> None:
    post = Post()
    await decide(world, "LETTER b 2", "LETTER a 1", "CHARGE c 3")

    await worker(world, post).catch_up()
    await worker(world, post).catch_up()

    assert post.sent == ["out_1amain", "out_2bmain", "out_3cmain"]
    assert await Arena([world]).of(OutboxRow) == []


async def test_what_is_held_waits_and_goes_out_after_release_in_order_and_once(world: World) -> None:
    post = Post()
    thrown = await switch(world, MAIL)
    await decide(world, "LETTER a 1", "CHARGE a 2", "LETTER a 3")
    await decide(world, "LETTER b 4", place="other")

    await worker(world, post).catch_up()
    assert post.sent == ["out_2amain"]

    await release(world.database, world.contexts.ids, thrown, world.clock.now())
    await worker(world, post).catch_up()
    assert post.sent == ["out_2amain", "out_1amain", "out_3amain", "out_4bother"]


async def test_a_hold_of_one_environment_is_its_own_and_stands_beside_one_of_all(world: World) -> None:
    post = Post()
    of_main, of_all = await switch(world, MAIL, "main"), await switch(world, MAIL)
    await decide(world, "LETTER a 1")
    await decide(world, "LETTER b 2", place="other")

    await worker(world, post).catch_up()
    assert post.sent == []
    left = await release(world.database, world.contexts.ids, of_all, world.clock.now())
    await worker(world, post).catch_up()
    assert ([each.environment for each in left], post.sent) == (["main"], ["out_2bother"])
    assert await release(world.database, world.contexts.ids, of_main, world.clock.now()) == []
    await worker(world, post).catch_up()
    assert post.sent == ["out_2bother", "out_1amain"]


async def test_who_held_what_when_and_why_is_kept_and_told_in_every_environment(world: World) -> None:
    arena = Arena([world])
    thrown = await switch(world, MAIL)
    world.clock.move(timedelta(hours=1))
    await switch(world, MAIL)
    (kept,) = await arena.of(HoldRow)
    held = await arena.of(EventRow, type="channel.held")
    await release(world.database, world.contexts.ids, thrown, world.clock.now())
    (freed,) = await arena.of(HoldRow)

    assert (kept["held_by"], kept["reason"], kept["held_at"], kept["released_at"]) == (
        "ann",
        "a wrong text",
        START,
        None,
    )
    assert (freed["released_by"], freed["released_at"]) == ("ann", START + timedelta(hours=1))
    told = {"channel": "MAIL", "everywhere": True, "reason": "a wrong text"}
    assert sorted((each["owner_id"], each["actor"], each["channel"]) for each in held) == sorted(
        (place.environment.id, "ann", "CLI") for place in world.places.values()
    )
    assert [each["after"] for each in held] == [told, told]
    assert len(await arena.of(EventRow, type="channel.released")) == 2


async def test_an_act_that_fails_is_tried_again_and_holds_up_its_own_subject_only(world: World) -> None:
    post = Post(loses={"a"})
    await decide(world, "LETTER a 1", "LETTER a 2", "LETTER b 3")
    structlog.reset_defaults()

    with capture_logs() as lines:
        await worker(world, post).catch_up()
    assert post.sent == ["out_3bmain"]
    assert [(line["event"], line["act"], line["attempts"]) for line in lines] == [("outward_failed", "out_1amain", 1)]

    post.loses.clear()
    await worker(world, post).catch_up()
    assert post.sent == ["out_3bmain"]
    world.clock.move(timedelta(seconds=3))
    await worker(world, post).catch_up()
    assert post.sent == ["out_3bmain", "out_1amain", "out_2amain"]


async def test_what_a_dead_worker_had_taken_is_taken_up_by_another(world: World) -> None:
    post, dying = Post(), asyncio.Event()
    await decide(world, "LETTER a 1", "LETTER a 2")

    async def dies(_act: Act) -> None:
        dying.set()
        await asyncio.sleep(60)

    first = asyncio.create_task(carry_next(world.database, {"LETTER": Carrier(MAIL, dies)}, world.clock.now))
    await dying.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await worker(world, post).catch_up()
    assert post.sent == []
    world.clock.move(LEASE + timedelta(seconds=1))
    await worker(world, post).catch_up()

    assert post.sent == ["out_1amain", "out_2amain"]


async def test_several_workers_take_an_act_each(world: World, database_url: str) -> None:
    post, others = Post(), [Database(database_url) for _ in range(2)]
    await decide(world, *(f"LETTER {subject} {number}" for number, subject in enumerate("abcabcabcabc", 10)))

    await asyncio.gather(*(worker(world, post, each).catch_up() for each in (world.database, *others)))
    await worker(world, post).catch_up()

    assert sorted(post.sent) == sorted(set(post.sent))
    assert len(post.sent) == 12
    for subject in "abc":
        own = [each for each in post.sent if each[6] == subject]
        assert own == sorted(own)
    for each in others:
        await each.close()


async def test_a_worker_says_what_is_held_when_it_begins(world: World) -> None:
    await switch(world, MAIL, "main")
    await switch(world, PAYMENTS)
    stop = asyncio.Event()
    structlog.reset_defaults()

    with capture_logs() as lines:
        running = asyncio.create_task(worker(world, Post()).run(stop))
        await asyncio.sleep(0.1)
        stop.set()
        await running

    assert [line["channels"] for line in lines if line["event"] == "held"] == [["MAIL in main", "PAYMENTS"]]
