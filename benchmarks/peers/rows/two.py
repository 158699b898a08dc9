"""Whether two gateways on two cores answer twice as much as one: in process, since a load of its own needs a third."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from asyncio.subprocess import PIPE
from functools import partial
from typing import TYPE_CHECKING, cast

from benchmarks.peers.report import Line
from benchmarks.peers.servers import CORES, ROOT

if TYPE_CHECKING:
    from asyncio import StreamReader

    from benchmarks.peers.bench import Bench

LEAST, ASKS, NEEDED = 1.9, 6_000, 3


async def rows(bench: Bench) -> None:
    """Measure one on each core, then both at once."""
    work = "two gateway processes on two cores"
    if len(CORES) < 2:  # noqa: PLR2004  (two of them)
        bench.lines.append(Line(f"{work}, in process", "one", None, LEAST, why="there is one core"))
        return
    ratios, plain = list[float](), list[float]()
    for _ in range(bench.options.rounds):
        alone = [(await _rates(bench, [core]))[0] for core in CORES[:2]]
        both = await _rates(bench, CORES[:2])
        for found, which in ((ratios, 0), (plain, 1)):
            found.append(sum(each[which] for each in both) / statistics.mean(each[which] for each in alone))
    why = f"{min(ratios):.2f} to {max(ratios):.2f}; a plain loop on both cores {statistics.median(plain):.2f}"
    few = f"load and two servers need {NEEDED} cores" if len(CORES) < NEEDED else "is not written yet"
    bench.lines += [
        Line(f"{work}, in process", "one", statistics.median(ratios), LEAST, why=why),
        Line(f"{work}, over HTTP", "one", None, LEAST, why=few),
    ]


async def _rates(bench: Bench, cores: list[int]) -> list[tuple[float, float]]:
    """Ask in a process on each of these cores at once: checks and turns of a plain loop a second."""
    estate = bench.estate
    given = [estate.file, estate.key, str(estate.customers), str(ASKS)]
    command = [sys.executable, "-m", "benchmarks.peers.inside", *given]
    started = [
        await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdin=PIPE, stdout=PIPE, preexec_fn=partial(os.sched_setaffinity, 0, {core})
        )
        for core in cores
    ]
    for each in started:
        await cast("StreamReader", each.stdout).readline()
    told = await asyncio.gather(*(each.communicate(b"\n") for each in started))
    rates = [out.split() for out, _ in told]
    return [(float(checks), float(turns)) for checks, turns in rates]
