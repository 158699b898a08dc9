"""Whether a check costs more where there are many customers: the same gateway on a small file and on a large one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.ground import sqlite
from benchmarks.peers.bench import REQUESTS, STEP, WARM_SECONDS, Rates
from benchmarks.peers.contestants import GATEWAY
from benchmarks.peers.estate import estate
from benchmarks.peers.load import measure
from benchmarks.peers.price_list import METERED
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.report import Line
from benchmarks.peers.servers import running

if TYPE_CHECKING:
    from benchmarks.peers.bench import Bench
    from benchmarks.peers.estate import Estate

SMALL = 10_000
MOST = 1.15
HEAD = "| customers | checks a second | least to most | µs of a core each | the load's core |\n|--:|--:|--:|--:|--:|"


async def rows(bench: Bench) -> None:
    """Measure both in turn."""
    large = bench.options.largest
    with sqlite() as one, sqlite() as other:
        async with (
            estate(one, SMALL, METERED[:1], invoiced=False) as small_one,
            estate(other, large, METERED[:1], invoiced=False) as large_one,
            running(GATEWAY, small_one) as first,
            running(GATEWAY, large_one) as second,
        ):
            found = {SMALL: Rates(), large: Rates()}
            sides = ((first, small_one, found[SMALL]), (second, large_one, found[large]))
            for number in range(bench.options.rounds + 1):
                for server, filled, rates in sides:
                    used, seconds = server.processor(), bench.options.seconds if number else WARM_SECONDS
                    measured = await measure(server.port, _requests(filled), seconds)
                    if number:
                        rates.add(measured, server.processor() - used)
    bench.tables.append("\n".join([HEAD, *(f"| {size:,} | {rates.cells()} |" for size, rates in found.items())]))
    ratio = found[SMALL].median / found[large].median
    why = f"by time of a core {found[large].core / found[SMALL].core:.2f}"
    bench.lines.append(
        Line(f"check, {SMALL:,} to {large:,} customers", "itself", ratio, at_most=MOST, unit="slower", why=why)
    )


def _requests(filled: Estate) -> list[bytes]:
    question = QUESTIONS["A"]
    asked = [question.asked(filled, number * STEP) | {"feature": METERED[0]} for number in range(REQUESTS)]
    return [GATEWAY.request(question, each, filled.key) for each in asked]
