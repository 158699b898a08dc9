"""`make fuzz`: Schemathesis's examples of every root field on both databases; exit code 1 for a wrong answer."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.databases import Files
from tests.faults.cluster import Cluster
from tests.fuzz.running import OPERATIONS, Reached, close_range, open_range

HEAD = f"{'root field':36}{'sent':>7}{'done':>7}{'refused':>9}{'invalid':>9}{'failed':>8}"


async def main() -> int:
    """Run on one database and then on the other."""
    asked = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    asked.add_argument("--examples", type=int, default=100)
    asked.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    given = asked.parse_args()
    with TemporaryDirectory(prefix="plangate-fuzz-") as name, Cluster() as cluster:
        folder = Path(name)
        failed = 0
        for url in (Files(folder).fresh(folder / "plangate.db"), cluster.server.fresh()):
            failed += await whole(url, folder, given.examples, given.seeds)
    tell("0 failures" if not failed else f"{failed} FAILURES")
    return 1 if failed else 0


async def whole(url: str, folder: Path, examples: int, seeds: list[int]) -> int:
    """Every root field under every seed; how many answers were wrong."""
    began = perf_counter()
    kind = url.partition("+")[0]
    tell(f"{kind}, {examples} examples, seeds {seeds}\n{HEAD}")
    opened = await open_range(url, folder)
    found: list[Reached] = []
    try:
        for name in OPERATIONS:
            each = [await opened.fire(name, examples, seed) for seed in seeds]
            found.append(together(each))
            say(found[-1])
    finally:
        await close_range(opened)
    say(together(found, "all"))
    unreached = [each.field for each in found if not each.done]
    tell(f"{kind}: {perf_counter() - began:.0f} seconds; never done: {', '.join(unreached) or 'none'}")
    return sum(len(each.failures) for each in found)


def together(several: list[Reached], name: str | None = None) -> Reached:
    """Add up."""
    total = Reached(name or several[0].field)
    for each in several:
        total.done += each.done
        total.refused += each.refused
        total.invalid += each.invalid
        total.failures += each.failures
        total.kinds.update(each.kinds)
    return total


def say(of: Reached) -> None:
    """Write a line of the table, and what was wrong."""
    tell(f"{of.field:36}{of.sent:7}{of.done:7}{of.refused:9}{of.invalid:9}{len(of.failures):8}")
    for failure in of.failures[:3] if of.field != "all" else ():
        tell(failure)


def tell(line: str) -> None:
    """Write a line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
