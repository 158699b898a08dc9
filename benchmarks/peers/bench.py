"""What rows share: the options, the estate, servers that run, and rounds that are interleaved."""

from __future__ import annotations

import statistics
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import time_ns
from typing import TYPE_CHECKING

import orjson

from benchmarks.peers.load import LoadFailed, measure
from benchmarks.peers.reading import Caller, Reads, opened
from benchmarks.peers.servers import running, said

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from benchmarks.peers.estate import Estate
    from benchmarks.peers.load import Measured
    from benchmarks.peers.questions import Question
    from benchmarks.peers.report import Line
    from benchmarks.peers.servers import Contestant, Server

REQUESTS = 2_000
STEP = 7_919
"""Customers are asked for in steps of this size, so that neighbours are not beside each other in the file."""
COMPARED = 40
"""So many answers of every contestant are compared before it is measured."""
WARM_SECONDS = 0.5
AT_ONCE = 100
"""So many questions who is to remember is asked at a time, before it is measured."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how often."""

    rounds: int
    seconds: float
    customers: int
    largest: int
    """Customers of the largest file that is made."""


@dataclass(slots=True)
class Rates:
    """What the rounds of one contestant found."""

    rates: list[float] = field(default_factory=list[float])
    processor: list[float] = field(default_factory=list[float])
    """Seconds of a core for each answer."""
    own: list[float] = field(default_factory=list[float])

    def add(self, measured: Measured, processor: float) -> None:
        """Note a round, and how many seconds of its core the server used."""
        self.rates.append(measured.rate)
        self.processor.append(processor / len(measured.latencies))
        self.own.append(measured.own)

    @property
    def median(self) -> float:
        """Answers a second."""
        return statistics.median(self.rates)

    @property
    def core(self) -> float:
        """Seconds of a core for each answer: steadier than a rate where others use the machine."""
        return statistics.median(self.processor)

    def cells(self) -> str:
        """Tell them: median, least, most; microseconds of a core for each; how busy the load was."""
        least, most = min(self.rates), max(self.rates)
        each, own = self.core * 1e6, statistics.median(self.own) * 100
        return f"{self.median:,.0f} | {least:,.0f} to {most:,.0f} | {each:,.0f} | {own:.0f} %"


@dataclass(slots=True)
class Bench:
    """A run: `estate` is the SQLite one; every row adds its lines and tables."""

    options: Options
    estate: Estate
    lines: list[Line] = field(default_factory=list["Line"])
    tables: list[str] = field(default_factory=list[str])
    bars: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    """Rates by question and contestant, for the picture."""
    closing: AsyncExitStack = field(default_factory=AsyncExitStack)
    servers: dict[str, Server] = field(default_factory=dict[str, "Server"])
    """Who runs already: a server that is not asked takes no time of its core."""

    async def server(self, contestant: Contestant) -> Server:
        """Give a contestant's server, which runs until the bench ends."""
        if contestant.name not in self.servers:
            started = await self.closing.enter_async_context(running(contestant, self.estate))
            self.servers[contestant.name] = started
        return self.servers[contestant.name]

    def asked(self, question: Question) -> list[dict[str, Any]]:
        """What is asked in turn."""
        return [question.asked(self.estate, number * STEP) for number in range(REQUESTS)]


async def interleaved(
    bench: Bench,
    question: Question,
    contestants: Sequence[Contestant],
    *,
    free: Sequence[Contestant] = (),
    held: Sequence[Contestant] = (),
) -> dict[str, Rates]:
    """Measure contestants in turn; those that are `free` may answer what they like, the others are compared.

    What is `held` in memory was asked for before.
    """
    asked = bench.asked(question)
    expected = _expected(bench.estate, question, asked)
    found = {each.name: Rates() for each in contestants}
    servers = [await bench.server(each) for each in contestants]
    written = {each.name: [each.request(question, one, bench.estate.key) for one in asked] for each in contestants}
    for server in servers:
        if server.of not in free:
            await _compare(server, written[server.of.name], expected)
        await measure(server.port, written[server.of.name], WARM_SECONDS)
        for first in range(0, REQUESTS, AT_ONCE) if server.of in held else ():
            await measure(server.port, written[server.of.name][first : first + AT_ONCE], WARM_SECONDS)
    for number in range(bench.options.rounds):
        turn = number % len(servers)
        for server in (*servers[turn:], *servers[:turn]):
            used = server.processor()
            measured = await measure(server.port, written[server.of.name], bench.options.seconds)
            if server.of not in free:
                checked(server, measured.samples, expected)
            found[server.of.name].add(measured, server.processor() - used)
    return found


def checked(server: Server, samples: Sequence[tuple[int, bytes]], expected: Sequence[Any]) -> None:
    """Compare what was answered under load."""
    for number, body in samples:
        if orjson.loads(body).get("data") != expected[number]:
            raise LoadFailed(server.of.name, body[:1_000], expected[number])


async def _compare(server: Server, written: Sequence[bytes], expected: Sequence[Any]) -> None:
    samples = [(number, await said(server, written[number])) for number in range(COMPARED)]
    checked(server, samples, expected)


def _expected(estate: Estate, question: Question, asked: Sequence[dict[str, Any]]) -> list[Any]:
    """What has to be answered, read by hand: that Plangate answers the same is compared as for everybody else."""
    connection = opened(estate.file)
    (environment,) = connection.execute("SELECT id FROM environment").fetchone()
    reads, caller = Reads(connection), Caller(environment, frozenset({"*"}), time_ns() // 1_000)
    found = [_answer(reads, caller, question.path, each) for each in asked]
    connection.close()
    return found


def _answer(reads: Reads, caller: Caller, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    if path == "/check":
        return reads.check(caller, asked["customer"]["externalId"], asked["feature"])
    if path == "/portal":
        return reads.portal(caller, asked["customer"]["externalId"], asked["features"])
    return reads.catalogue(caller)
