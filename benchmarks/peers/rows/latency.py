"""How long a check takes at half of what the gateway can: each connection asks at its instants, answered or not."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.peers.bench import WARM_SECONDS
from benchmarks.peers.contestants import GATEWAY
from benchmarks.peers.load import CONNECTIONS, measure
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.report import Line

if TYPE_CHECKING:
    from benchmarks.peers.bench import Bench

MOST = 5.0
HEAD = "| asked a second | p50, ms | p99, ms |\n|--:|--:|--:|"


async def rows(bench: Bench) -> None:
    """Find the most, then ask half of it."""
    question, server = QUESTIONS["A"], await bench.server(GATEWAY)
    requests = [GATEWAY.request(question, each, bench.estate.key) for each in bench.asked(question)]
    await measure(server.port, requests, WARM_SECONDS)
    most = [(await measure(server.port, requests, bench.options.seconds)).rate for _ in range(bench.options.rounds)]
    half = statistics.median(most) / 2
    found = [
        await measure(server.port, requests, bench.options.seconds, rate=half) for _ in range(bench.options.rounds)
    ]
    of = [(each.percentile(0.50) * 1e3, each.percentile(0.99) * 1e3) for each in found]
    bench.tables.append("\n".join([HEAD, *(f"| {half:,.0f} | {p50:.2f} | {p99:.2f} |" for p50, p99 in of)]))
    ratio: float | None = statistics.median([p99 / p50 for p50, p99 in of])
    why = ""
    if statistics.median([p50 for p50, _ in of]) / 1e3 > CONNECTIONS / 2 / half:
        ratio, why = None, "half of the connections waited: the machine did not keep up with half of its own rate"
    bench.lines.append(Line("check latency at half of the maximum load, p99", "p50", ratio, at_most=MOST, why=why))
