"""`make costs`: what each field takes of the processor for its price, asked for as greedily as can be.

Exit code 1 where something is refused, or takes longer than `docs/limits.md` says.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.ground import machine
from models.session import Database
from tests.costs.documents import targets
from tests.costs.measuring import ACTING, acts, bench, in_bulk
from tests.costs.people import people
from tests.databases import Files
from tests.world import START, World

if TYPE_CHECKING:
    from tests.costs.measuring import Taken

MOST = 10.0
"""Milliseconds of a thousand points, as `docs/limits.md` says."""
HEAD = f"{'field':46}{'asked for':38}{'points':>8}{'ms':>8}{'ms of 1,000':>13}"


async def main() -> int:
    """Make a world, measure every field on it, and tell."""
    asked = argparse.ArgumentParser(prog="tests.costs", description=__doc__)
    asked.add_argument("--fields", nargs="*", default=[])
    wanted = set(asked.parse_args().fields)
    tell(f"{machine()}\n{HEAD}")
    found: list[Taken] = []
    with TemporaryDirectory(prefix="plangate-costs-") as name:
        database = Database(Files(Path(name)).fresh(Path(name) / "plangate.db"))
        world = await World.begin(database)
        await world.settle(ACTING, START)
        measured = await bench(await people(world))
        for field, ways in targets().items():
            if not wanted or field in wanted:
                found.append(await measured.dearest(field, ways))
                say(found[-1])
        if not wanted or "Mutation" in wanted:
            for each in (*await acts(measured), *await in_bulk(measured)):
                found.append(each)
                say(each)
        await database.close()
    over = [each.field for each in found if each.of_a_thousand > MOST or each.refused]
    tell(f"too cheap or refused: {', '.join(over) or 'none'}; a request for nothing takes {measured.beside:.1f} ms")
    return 1 if over else 0


def say(taken: Taken) -> None:
    """Write a line of the table."""
    refused = f"  {', '.join(sorted(taken.refused))}" if taken.refused else ""
    numbers = f"{taken.points:8}{taken.milliseconds:8.0f}{taken.of_a_thousand:13.1f}"
    tell(f"{taken.field:46}{taken.shape:38}{numbers}{refused}")


def tell(line: str) -> None:
    """Write a line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
