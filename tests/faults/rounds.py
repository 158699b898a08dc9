"""Rounds of faults: a gateway at full speed, a fault at a moment that the seed chose, and what is found afterwards."""

from __future__ import annotations

import asyncio
import random
import shutil
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

from models.session import Database
from tests.databases import Files, sqlite
from tests.faults.books import Books, Found, check, retry
from tests.faults.disk import SHARED, Loss, lay
from tests.faults.gateway import PATIENCE, Gateway
from tests.faults.load import CALLERS, FEATURE, Act, Caller, callers, lives
from tests.faults.watch import Call, Kind, Verdict, Watch
from tests.world import World

if TYPE_CHECKING:
    from tests.faults.cluster import Cluster

OVERRIDE = """mutation($input: OverrideSetInput!) { overrideSet(input: $input) {
  ... on OverrideWasSet { override { id } } ... on UserError { code message } } }"""
PLENTY = "1000000"
LONGEST = 1_500
"""Calls about files that a round runs at most before the power goes: some 60 acts, and now and then a checkpoint."""


@dataclass
class Figures:
    """What some rounds showed."""

    fault: str
    rounds: int = 0
    found: Found = field(default_factory=Found)
    seconds: float = 0.0
    log: str = ""
    """The end of what the gateways logged, where something is amiss."""

    def end(self, began: float, folder: Path) -> None:
        """Take the time, and the log where it is wanted."""
        self.seconds = perf_counter() - began
        log = folder / "gateway.log"
        self.log = "" if self.found.clean else log.read_text(errors="replace")[-8_000:]


@dataclass
class Town:
    """A database with the customers of the load, and all that their callers did."""

    url: str
    callers: list[Caller]
    secret: str
    checked: int = 0

    @classmethod
    async def settle(cls, url: str, seed: str) -> Town:
        """Make it in a fresh database."""
        database = Database(url)
        try:
            world = await World.begin(database)
            names = [f"caller {number}" for number in range(CALLERS)]
            for name in names:
                await world.subscribed(name, "free")
                about = {"customer": {"externalId": name}, "feature": FEATURE, "limit": PLENTY}
                answer = await world.ask(OVERRIDE, input=about)
                assert "override" in answer["overrideSet"], answer
            secret = world.places["main"].secret
        finally:
            await database.close()
        return cls(url, callers(secret, seed, names), secret)

    def acts(self) -> list[Act]:
        """Everything that was asked."""
        return list(chain.from_iterable(each.acts for each in self.callers))

    def begin(self) -> list[int]:
        """Mark where each caller is."""
        for each in self.callers:
            each.resting = False
        return [len(each.acts) for each in self.callers]

    def since(self, marks: list[int]) -> list[Act]:
        """What was asked since then."""
        return list(
            chain.from_iterable(each.acts[mark:] for each, mark in zip(self.callers, marks, strict=True)),
        )


def moment(chance: random.Random) -> tuple[int, Kind | None]:
    """Choose after how many calls the power goes, and, in every other round, before a call of which kind."""
    return chance.randrange(1, LONGEST), chance.choice((None, None, Kind.SYNC, Kind.CUT))


@dataclass
class Breaker:
    """Lets the power go at a moment after it was armed."""

    after: int
    before: Kind | None
    armed: bool = False
    counted: int = 0

    def __call__(self, call: Call) -> Verdict:
        """Judge a call."""
        if not self.armed:
            return Verdict.DO
        self.counted += 1
        late = self.counted >= 2 * LONGEST
        due = self.counted >= self.after and (self.before is None or call.kind is self.before or late)
        return Verdict.POWER_CUT if due else Verdict.DO


@dataclass
class Trouble(Breaker):
    """As a breaker, but before that the disk is full, or a sync fails, for some calls; the gateway has to live on."""

    verdict: Verdict = Verdict.BROKEN
    begins: int = 0
    lasts: int = 1
    met: int = 0

    def __call__(self, call: Call) -> Verdict:
        """Judge a call."""
        said = super().__call__(call)
        kind = Kind.SYNC if self.verdict is Verdict.BROKEN else Kind.WRITE
        if said is Verdict.DO and self.counted >= self.begins and call.kind is kind and not call.name.endswith(SHARED):
            self.met += 1
            return self.verdict if self.armed and self.met <= self.lasts else said
        return said


def trouble(chance: random.Random, number: int) -> Trouble:
    """Choose what goes wrong and when, before the power goes too."""
    begins = chance.randrange(1, LONGEST // 2)
    verdict, longest = ((Verdict.BROKEN, 3), (Verdict.NO_SPACE, 60))[number % 2]
    last = begins + LONGEST // 2
    return Trouble(last, None, verdict=verdict, begins=begins, lasts=chance.randint(1, longest))


async def power_lost(rounds: int, seed: str, *, sloppy: bool = False, troubled: bool = False) -> Figures:
    """Cut the power under SQLite, so often; each round goes on from what the last one left.

    `troubled`: before that the disk is full for a while, or syncs fail.
    """
    before = "disk full or syncs failing, then " if troubled else ""
    figures = Figures(f"{before}power lost, SQLite{', synchronous=NORMAL' if sloppy else ''}")
    began = perf_counter()
    with TemporaryDirectory(prefix="plangate-faults-") as name:
        folder, disk = Path(name), Path(name) / "disk"
        disk.mkdir()
        town = await Town.settle(Files(folder).fresh(disk / "plangate.db"), seed)
        acts: list[Act] = []
        for number in range(rounds):
            chance = random.Random(f"{seed} power {number}")
            breaker = trouble(chance, number) if troubled else Breaker(*moment(chance))
            watch = Watch(disk, breaker)
            gateway = await asyncio.to_thread(Gateway.start, town.url, folder, watch=watch, sloppy=sloppy)
            figures.found.add(await retry(acts, await books_of(disk, folder), gateway.address, town.secret))
            marks = town.begin()
            breaker.armed = True
            await lives(town.callers, gateway.address)
            await asyncio.to_thread(gateway.ended)
            watch.demand_true()
            assert watch.cut, "the gateway ended before the power went"
            lay(disk, watch.disk.after(list(Loss)[number % len(Loss)], chance))
            acts = town.since(marks)
            figures.found.add(check(await books_of(disk, folder), acts))
            figures.rounds += 1
            if sloppy:
                break
        if not sloppy:
            await _last(figures, town, folder, await books_of(disk, folder), acts)
        figures.end(began, folder)
    return figures


async def killed(rounds: int, seed: str, cluster: Cluster | None = None) -> Figures:
    """Kill the gateway, so often; with a cluster on PostgreSQL, where in each third round the server is killed."""
    figures = Figures(
        "killed, " + ("SQLite: the gateway" if cluster is None else "PostgreSQL: the gateway or the server")
    )
    began = perf_counter()
    with TemporaryDirectory(prefix="plangate-faults-") as name:
        folder = Path(name)
        url = Files(folder).fresh(folder / "plangate.db") if cluster is None else cluster.server.fresh()
        town = await Town.settle(url, seed)
        acts: list[Act] = []
        for number in range(rounds):
            chance = random.Random(f"{seed} kill {number}")
            gateway = await asyncio.to_thread(Gateway.start, url, folder)
            try:
                figures.found.add(await retry(acts, await Books.read(url), gateway.address, town.secret))
                marks = town.begin()
                living = asyncio.create_task(lives(town.callers, gateway.address))
                await _answered(town, marks, chance.randrange(1, 60))
                await asyncio.sleep(chance.uniform(0, 0.05))
                if cluster is not None and number % 3 == 1:
                    await _server_dies(cluster, town, living)
            finally:
                await asyncio.to_thread(gateway.kill)
            await living
            acts = town.since(marks)
            figures.found.add(check(await Books.read(url), acts))
            figures.rounds += 1
        await _last(figures, town, folder, await Books.read(url), acts)
        figures.end(began, folder)
    return figures


async def _answered(town: Town, marks: list[int], wanted: int) -> None:
    """Wait until so many acts were answered: what a machine does in a second is no measure."""
    async with asyncio.timeout(PATIENCE):
        while sum(act.answer is not None for act in town.since(marks)) < wanted:  # noqa: ASYNC110  (many callers answer)
            await asyncio.sleep(0.002)


async def _server_dies(cluster: Cluster, town: Town, living: asyncio.Task[Any]) -> None:
    """Kill the server under the gateway, start it again, and let everybody come to rest: the gateway lives on."""
    await asyncio.to_thread(cluster.kill)
    await asyncio.to_thread(cluster.start)
    await asyncio.sleep(0.5)
    for each in town.callers:
        each.resting = True
    async with asyncio.timeout(30):
        await asyncio.shield(living)


async def _last(figures: Figures, town: Town, folder: Path, books: Books, acts: list[Act]) -> None:
    """Ask everything again, of all rounds, and read the books once more."""
    gateway = await asyncio.to_thread(Gateway.start, town.url, folder)
    try:
        figures.found.add(await retry(acts, books, gateway.address, town.secret))
        books = await Books.read(town.url)
        figures.found.add(await retry(town.acts(), books, gateway.address, town.secret))
    finally:
        await asyncio.to_thread(gateway.stop)
    after = check(await Books.read(town.url), town.acts())
    figures.found.lost += after.lost
    figures.found.doubled += after.doubled
    figures.found.wrong += after.wrong


async def books_of(disk: Path, folder: Path) -> Books:
    """Read the books of a copy: reading a database after a fault mends it, which is for the gateway to do."""
    with TemporaryDirectory(dir=folder) as name:
        shutil.copytree(disk, name, dirs_exist_ok=True)
        return await Books.read(sqlite(Path(name) / "plangate.db"))
