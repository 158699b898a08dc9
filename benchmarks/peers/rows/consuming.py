"""Consumptions that are on disk before they are answered: 32 clients, many customers, a real disk and a slow one."""

from __future__ import annotations

import sys
from itertools import count
from time import time_ns
from typing import TYPE_CHECKING

import orjson

from benchmarks.peers.bench import WARM_SECONDS, Rates
from benchmarks.peers.contestants import GATEWAY_HELD, WRITER
from benchmarks.peers.load import LoadFailed, measure
from benchmarks.peers.price_list import METERED
from benchmarks.peers.questions import request
from benchmarks.peers.report import Line
from benchmarks.peers.servers import Contestant, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.peers.bench import Bench
    from benchmarks.peers.estate import Estate
    from benchmarks.peers.load import Measured

DOCUMENT = """mutation Consume($input: EntitlementConsumeInput!) { entitlementConsume(input: $input) { __typename
  ... on EntitlementGranted { used } } }"""
SLOW_MILLISECONDS = 2
LEAST, LEAST_SLOW = 3.0, 8.0
A_SECOND = 8_000
"""More than anybody takes a second, so that no request is sent twice."""
CUSTOMERS, STEP = 1_000, 4
"""Those of the model whose limits are far away."""
HEAD = "| consume, durable | who | a second: median | least to most | µs of a core each (2) | the load's core |"


async def rows(bench: Bench) -> None:
    """Measure on the disk as it is, then with so much added to every fsync."""
    told = [HEAD, "|---|---|--:|--:|--:|--:|"]
    slow = [_slowed(each) for each in (GATEWAY_HELD, WRITER)]
    for name, field, least in (
        ("this disk", (GATEWAY_HELD, WRITER), LEAST),
        (f"{SLOW_MILLISECONDS} ms added to every fsync", slow, LEAST_SLOW),
    ):
        found = await _measured(bench, field)
        told += [f"| {name} | {who.name} | {rates.cells()} |" for who, rates in zip(field, found, strict=True)]
        ratio = found[0].median / found[1].median
        work = f"consume, durable, 32 clients, {name}"
        bench.lines.append(Line(work, "one commit per request, in one hop", ratio, least))
    told += ["", "(2) Where every fsync is slowed: of the program that slows it."]
    bench.tables.append("\n".join(told))


def _slowed(of: Contestant) -> Contestant:
    slow = [sys.executable, "-m", "benchmarks.peers.slow_disk", str(SLOW_MILLISECONDS)]
    return Contestant(of.name, lambda estate, port: [*slow, *of.command(estate, port)], of.graphql, of.environment)


async def _measured(bench: Bench, field: Sequence[Contestant]) -> list[Rates]:
    found, keys = [Rates() for _ in field], count(time_ns())
    async with running(field[0], bench.estate) as one, running(field[1], bench.estate) as other:
        for number in range(bench.options.rounds + 1):
            seconds = bench.options.seconds if number else WARM_SECONDS * 2
            for server, rates in zip((one, other), found, strict=True):
                written, used = _requests(bench.estate, server.of, seconds, keys), server.processor()
                measured = await measure(server.port, written, seconds)
                _demand_granted(measured, len(written))
                if number:
                    rates.add(measured, server.processor() - used)
    return found


def _requests(estate: Estate, of: Contestant, seconds: float, keys: Iterator[int]) -> list[bytes]:
    """Write as many as could be sent, each with a key of its own."""
    written: list[bytes] = []
    for number in range(int(A_SECOND * seconds)):
        key = f"{of.name} {next(keys)}"
        ref = {"externalId": estate.customer(number % CUSTOMERS * STEP)}
        if of.graphql:
            given = {"customer": ref, "feature": METERED[4], "idempotencyKey": key}
            body = orjson.dumps({"query": DOCUMENT, "variables": {"input": given}})
        else:
            body = orjson.dumps({"customer": ref, "key": key})
        written.append(request("/graphql", body, estate.key))
    return written


def _demand_granted(measured: Measured, written: int) -> None:
    """Look at what was answered under load."""
    for _, body in measured.samples:
        if orjson.loads(body)["data"]["entitlementConsume"]["__typename"] != "EntitlementGranted":
            raise LoadFailed(body[:1_000])
    if len(measured.latencies) > written:
        raise LoadFailed("requests were sent twice")
