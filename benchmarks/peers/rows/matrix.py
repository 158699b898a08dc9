"""A hundred customers and a hundred metered features in one request, read through."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.ground import sqlite
from benchmarks.peers.contestants import GATEWAY
from benchmarks.peers.estate import estate
from benchmarks.peers.load import LoadFailed
from benchmarks.peers.price_list import LIMIT, PLANS
from benchmarks.peers.questions import request
from benchmarks.peers.report import Line
from benchmarks.peers.servers import Contestant, running, said

if TYPE_CHECKING:
    from benchmarks.peers.bench import Bench

MOST, SIZE, WARM = 75.0, 100, 3
FEATURES = tuple(f"metered_{number}" for number in range(SIZE))
DOCUMENT = """query Matrix($features: [String!]) { customers(first: 100) { edges { node {
  externalId entitlements(features: $features) { featureKey hasAccess used limit } } } } }"""
ALLOWED = {
    "PLANGATE_LIMITS__COST_SECRET": "100000000",
    "PLANGATE_LIMITS__ANSWER_MEMBERS": "100000",
    "PLANGATE_LIMITS__DEADLINE_SECONDS": "60",
    "PLANGATE_SHUTDOWN_SECONDS": "61",
}


async def rows(bench: Bench) -> None:
    """Ask a few times, one at a time."""
    with sqlite() as url:
        async with estate(url, SIZE, FEATURES) as filled:
            allowed = Contestant(GATEWAY.name, GATEWAY.command, environment={**GATEWAY.environment, **ALLOWED})
            async with running(allowed, filled) as server:
                body = orjson.dumps({"query": DOCUMENT, "variables": {"features": FEATURES}})
                asked, times, answer = request("/graphql", body, filled.key), list[float](), b""
                for number in range(WARM + bench.options.rounds):
                    began = time.perf_counter()
                    answer = await said(server, asked)
                    if number >= WARM:
                        times.append((time.perf_counter() - began) * 1e3)
    _demand_whole(orjson.loads(answer))
    why = f"{min(times):.0f} to {max(times):.0f}; OpenMeter publishes 12.5 to 25 s"
    work = f"{SIZE} customers, {SIZE} metered features in one request"
    bench.lines.append(Line(work, "itself", statistics.median(times), at_most=MOST, unit="ms", why=why))


def _demand_whole(answer: dict[str, Any]) -> None:
    """Look for every decision, and for the limit that stands."""
    told: list[Any] = answer["data"]["customers"]["edges"] if answer.get("data") else []
    found = [each["limit"] for edge in told for each in edge["node"]["entitlements"]]
    of_plan = found.count(str(LIMIT * len(PLANS)))
    if len(found) != SIZE * SIZE or of_plan < len(found) * 0.9:
        raise LoadFailed(str(answer)[:1_000])
