"""A on PostgreSQL: Plangate beside the same reads by asyncpg, prepared on connections that are held.

The server of the database runs where the system puts it: with two cores it shares them with both.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import orjson

from benchmarks.ground import postgresql
from benchmarks.peers.bench import COMPARED, WARM_SECONDS, Rates
from benchmarks.peers.contestants import GATEWAY, RAW_POSTGRESQL
from benchmarks.peers.estate import estate
from benchmarks.peers.load import LoadFailed, measure
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.report import Line
from benchmarks.peers.servers import running, said

if TYPE_CHECKING:
    from benchmarks.peers.bench import Bench

LEAST = 0.95
FIELD = (GATEWAY, RAW_POSTGRESQL)
HEAD = """| A on PostgreSQL | a second: median | least to most | µs of a core each | the load's core |
|---|--:|--:|--:|--:|"""


async def rows(bench: Bench) -> None:
    """Fill a database there, compare the answers, and measure in turn."""
    question, found = QUESTIONS["A"], {each.name: Rates() for each in FIELD}
    with postgresql() as url:
        async with estate(url, bench.options.customers) as filled, AsyncExitStack() as closing:
            servers = [await closing.enter_async_context(running(each, filled)) for each in FIELD]
            asked = bench.asked(question)
            written = [[each.request(question, one, filled.key) for one in asked] for each in FIELD]
            for number in range(COMPARED):
                answers = [await said(server, of[number]) for server, of in zip(servers, written, strict=True)]
                told = [orjson.loads(each).get("data") for each in answers]
                if told[0] != told[1] or not told[0]:
                    raise LoadFailed(*answers)
            for number in range(bench.options.rounds + 1):
                for server, of in zip(servers, written, strict=True):
                    used, seconds = server.processor(), bench.options.seconds if number else WARM_SECONDS
                    measured = await measure(server.port, of, seconds)
                    if number:
                        found[server.of.name].add(measured, server.processor() - used)
    bench.tables.append("\n".join([HEAD, *(f"| {name} | {rates.cells()} |" for name, rates in found.items())]))
    ours, raw = found[GATEWAY.name], found[RAW_POSTGRESQL.name]
    why = f"by time of a core {raw.core / ours.core:.2f}"
    bench.lines.append(Line("A, check; PostgreSQL", RAW_POSTGRESQL.name, ours.median / raw.median, LEAST, why=why))
