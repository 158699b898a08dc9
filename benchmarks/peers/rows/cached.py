"""What a gateway weighs once each of many customers was asked for: what it remembers of them, whatever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.ground import sqlite
from benchmarks.peers.contestants import GATEWAY_HELD
from benchmarks.peers.estate import estate
from benchmarks.peers.load import measure
from benchmarks.peers.price_list import METERED
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.report import Line
from benchmarks.peers.servers import running

if TYPE_CHECKING:
    from benchmarks.peers.bench import Bench
    from benchmarks.peers.servers import Server

CUSTOMERS = 100_000
AT_ONCE = 2_000
SECONDS = 1.0
HEAD = "| customers asked for | MiB before | MiB after | bytes each |\n|--:|--:|--:|--:|"


async def rows(bench: Bench) -> None:
    """Ask for each customer once, at least."""
    question = QUESTIONS["A"]
    with sqlite() as url:
        async with (
            estate(url, CUSTOMERS, METERED[:1], invoiced=False) as filled,
            running(GATEWAY_HELD, filled) as server,
        ):
            asked = (question.asked(filled, number) | {"feature": METERED[0]} for number in range(CUSTOMERS))
            requests = [GATEWAY_HELD.request(question, each, filled.key) for each in asked]
            await _each(server, requests[:AT_ONCE])
            before = server.resident()
            for first in range(AT_ONCE, CUSTOMERS, AT_ONCE):
                await _each(server, requests[first : first + AT_ONCE])
            after = server.resident()
    each = (after - before) * 2**20 / (CUSTOMERS - AT_ONCE)
    bench.tables.append(f"{HEAD}\n| {CUSTOMERS:,} | {before:.0f} | {after:.0f} | {each:,.0f} |")
    bench.lines.append(Line(f"memory after {CUSTOMERS:,} customers", "itself", after, unit="MiB"))


async def _each(server: Server, requests: list[bytes]) -> None:
    answered, seconds = 0, SECONDS
    while answered < len(requests):
        measured = await measure(server.port, requests[answered:], seconds)
        answered += len(measured.latencies)
