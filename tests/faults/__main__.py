"""`make faults`: rounds of faults on both databases, their figures, and the exit code 1 if anything was lost."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from tests.databases import Files, sqlite
from tests.faults.cluster import Cluster
from tests.faults.labour import Labour, books, settled
from tests.faults.rounds import Figures, killed, power_lost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AT_MOST = 4
"""A worker lives for so many commits at most."""
HEAD = ("fault", "rounds", "acknowledged", "no answer", "done", "refused", "lost", "doubled", "wrong", "seconds")


async def main() -> int:
    """Run them all."""
    asked = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    asked.add_argument("--rounds", type=int, default=30)
    asked.add_argument("--seed", default="1")
    given = asked.parse_args()
    tell(f"seed {given.seed}, {given.rounds} rounds each")
    say(*HEAD)
    clean = True
    async for figures, meant_to_lose in all_of_them(given.rounds, given.seed):
        found = figures.found
        counts = (found.acknowledged, found.unanswered, found.unanswered_done, found.refused)
        amiss = (len(found.lost), len(found.doubled), len(found.wrong))
        say(figures.fault, figures.rounds, *counts, *amiss, f"{figures.seconds:.0f}")
        if meant_to_lose:
            clean = clean and bool(found.lost)
            continue
        for line in (*found.lost, *found.doubled, *found.wrong)[:20]:
            tell(f"  {line}")
        if figures.log:
            tell(figures.log)
        clean = clean and found.clean and figures.rounds == given.rounds
    clean = await laboured(given.seed) and clean
    tell("0 lost, 0 doubled, and the proof can fail" if clean else "SOMETHING IS AMISS")
    return 0 if clean else 1


async def laboured(seed: str) -> bool:
    """Kill workers before or after one of their first commits on both databases, beside one that is left alone.

    A worker has to live past its first: who is killed as soon as it has claimed an act leaves only the claim.
    """
    alike = True
    with TemporaryDirectory(prefix="plangate-faults-") as name, Cluster() as cluster:
        left, killed = Path(name) / "left.db", Path(name) / "killed.db"
        first = Files(Path(name)).fresh(left), cluster.server.fresh()
        await settled(first[0])
        shutil.copyfile(left, killed)
        await settled(first[1])
        pairs = ((first[0], sqlite(killed)), (first[1], cluster.server.copied(first[1])))
        for undisturbed, disturbed in pairs:
            began = perf_counter()
            with Labour() as labour:
                await asyncio.to_thread(labour.undisturbed, undisturbed)
                await asyncio.to_thread(labour.interrupted, disturbed, Random(seed), AT_MOST)
            there, here = await books(undisturbed), await books(disturbed)
            wrong = [each for each in there if here[each] != there[each]]
            kind = "SQLite" if disturbed.startswith("sqlite") else "PostgreSQL"
            say(
                f"killed, {kind}: workers at a commit",
                labour.killed,
                *["-"] * 6,
                len(wrong),
                f"{perf_counter() - began:.0f}",
            )
            for each in wrong:
                tell(f"  {each}: {here[each]} instead of {there[each]}")
            alike = alike and not wrong
    return alike


async def all_of_them(rounds: int, seed: str) -> AsyncIterator[tuple[Figures, bool]]:
    """Each kind of fault, and whether it is one that has to lose."""
    yield await power_lost(rounds, seed), False
    yield await power_lost(1, seed, sloppy=True), True
    yield await power_lost(rounds, seed, troubled=True), False
    yield await killed(rounds, seed), False
    with Cluster() as cluster:
        yield await killed(rounds, seed, cluster), False


def say(*cells: object) -> None:
    """Write a line of the table."""
    first, *others = cells
    tell(f"{first!s:50}" + "".join(f"{each!s:>13}" for each in others))


def tell(line: str) -> None:
    """Write a line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
