"""How soon a server answers, and what it weighs then."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.peers.contestants import GATEWAY, MERCURIUS, fill_node
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.report import Line
from benchmarks.peers.servers import running, said

if TYPE_CHECKING:
    from benchmarks.peers.bench import Bench
    from benchmarks.peers.servers import Contestant

MOST_SECONDS, MOST_MEGABYTES = 1.0, 90.0
REST_SECONDS = 1.0
STARTS = 5
HEAD = "| who | start to first answer, s | of a core, s | idle, MiB |\n|---|--:|--:|--:|"


async def rows(bench: Bench) -> None:
    """Start each a few times."""
    fill_node()
    found = {each.name: await _started(bench, each) for each in (GATEWAY, MERCURIUS)}
    cells = [f"| {name} | {took:.2f} | {core:.2f} | {weight:.0f} |" for name, (took, core, weight) in found.items()]
    bench.tables.append("\n".join([HEAD, *cells]))
    seconds, core, weight = found[GATEWAY.name]
    why = f"median of {STARTS}; {core:.2f} s of a core; {MERCURIUS.name} {found[MERCURIUS.name][0]:.2f} s"
    bench.lines += [
        Line("start to first answer", "itself", seconds, at_most=MOST_SECONDS, unit="s", why=why),
        Line("idle memory", "itself", weight, at_most=MOST_MEGABYTES, unit="MiB"),
    ]


async def _started(bench: Bench, contestant: Contestant) -> tuple[float, float, float]:
    question, seconds, used, weights = QUESTIONS["A"], list[float](), list[float](), list[float]()
    asked = contestant.request(question, question.asked(bench.estate, 0), bench.estate.key)
    async with running(contestant, bench.estate):
        pass  # once before: whoever is installed has its bytecode
    for _ in range(STARTS):
        async with running(contestant, bench.estate) as server:
            await said(server, asked)
            seconds.append(time.perf_counter() - server.began)
            used.append(server.processor())
            await asyncio.sleep(REST_SECONDS)
            weights.append(server.resident())
    return statistics.median(seconds), statistics.median(used), statistics.median(weights)
