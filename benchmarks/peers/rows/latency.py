"""How long a check takes at half of what the gateway can: each connection asks at its instants, answered or not.

The most is found anew in each round, just before half of it is asked: on a machine that others use it changes.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.peers.bench import WARM_SECONDS
from benchmarks.peers.contestants import GATEWAY
from benchmarks.peers.load import measure
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.report import Line

if TYPE_CHECKING:
    from benchmarks.peers.bench import Bench

MOST = 5.0
WORK = "check latency at half of the maximum load, p99"
ITS_CORE = 0.8
"""What is found with less of a core than this is not the most that the gateway can."""
HEAD = (
    "| most a second | with so much of its core | asked a second | p50, ms | p99, ms | the load's lateness, p99, ms |\n"
    "|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A round: rates by the second, latencies in seconds."""

    most: float
    core: float
    """Which part of the time the gateway had its core while it did the most."""
    p50: float
    p99: float
    lateness: float

    def row(self) -> str:
        """Tell it."""
        times = " | ".join(f"{each * 1e3:.2f}" for each in (self.p50, self.p99, self.lateness))
        return f"| {self.most:,.0f} | {self.core:.0%} | {self.most / 2:,.0f} | {times} |"

    @property
    def counts(self) -> bool:
        """Whether the gateway had its core, and the load kept its instants."""
        return self.core >= ITS_CORE and self.lateness < self.p50


async def rows(bench: Bench) -> None:
    """Find the most and ask half of it, in turn."""
    question, server = QUESTIONS["A"], await bench.server(GATEWAY)
    requests = [GATEWAY.request(question, each, bench.estate.key) for each in bench.asked(question)]
    await measure(server.port, requests, WARM_SECONDS)
    found: list[Found] = []
    for _ in range(bench.options.rounds):
        used = server.processor()
        most = await measure(server.port, requests, bench.options.seconds)
        core = (server.processor() - used) / most.seconds
        half = await measure(server.port, requests, bench.options.seconds, rate=most.rate / 2)
        found.append(Found(most.rate, core, half.percentile(0.50), half.percentile(0.99), half.lateness))
    bench.tables.append("\n".join([HEAD, *(each.row() for each in found)]))
    kept = [each for each in found if each.counts]
    if not kept:
        why = "others used the machine: the gateway had less than its core, or the load did not keep its instants"
        bench.lines.append(Line(WORK, "p50", None, at_most=MOST, why=why))
        return
    ratio = statistics.median(each.p99 / each.p50 for each in kept)
    p50, p99 = (statistics.median(each) * 1e3 for each in zip(*((each.p50, each.p99) for each in kept), strict=True))
    why = f"{p50:.2f} and {p99:.2f} ms; the {len(kept)} of {len(found)} rounds with a core each"
    bench.lines.append(Line(WORK, "p50", ratio, at_most=MOST, why=why))
