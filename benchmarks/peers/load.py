"""The load: 32 connections of HTTP/1.1 that send bytes made before and read what comes, from a core of its own.

Against an answer that costs nothing it takes about 17 microseconds of its core for a request, which is less than
the fastest server here takes: `Measured.own` says how much of its core it used, so that a reader sees that it was not
what was waited for.
"""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONNECTIONS = 32
TIMERS = 0.002
"""Timers are trusted to be no later than so many seconds."""
SAMPLE = 50
"""Every so-manieth answer is kept and looked at afterwards."""
END, LENGTH, GOOD = b"\r\n\r\n", b"content-length:", b"HTTP/1.1 200"
PATIENCE = 30.0


@dataclass(slots=True)
class Measured:
    """What a round found. Latencies are in seconds, sorted; a sample is which request, and its answer's body."""

    seconds: float
    latencies: list[float] = field(default_factory=list[float])
    samples: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    late: list[float] = field(default_factory=list[float])
    """How late the load itself was for each request that had an instant of its own and a connection that was free."""
    own: float = 0.0
    """Which part of the time the load itself was computing."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, part: float) -> float:
        """The latency that so many had at most."""
        return _percentile(self.latencies, part)

    @property
    def lateness(self) -> float:
        """How late the load was, for 99 of 100."""
        return _percentile(self.late, 0.99) if self.late else 0.0


def _percentile(found: list[float], part: float) -> float:
    return found[min(len(found) - 1, int(len(found) * part))]


class LoadFailed(Exception):  # noqa: N818  (it ends the benchmark)
    """An answer was not what was expected."""


class Client(asyncio.Protocol):
    """One connection: sends the next request when the last was answered, or at the instants that it is given."""

    def __init__(self, round_: Round) -> None:
        """Take requests from the round."""
        self._round = round_
        self._pace: Iterator[float] | None = None
        self._heard = b""
        self._number = 0
        self._due = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the beginning."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by its class

    def begin(self, pace: Iterator[float] | None) -> None:
        """Send the first, and each at the instants of a pace if there is one."""
        self._pace = pace
        self._next(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        """Put an answer together; send the next."""
        heard = self._heard + data if self._heard else data
        end = heard.find(END)
        if end < 0:
            self._heard = heard
            return
        start = heard.find(LENGTH)
        if start < 0:
            start = heard[:end].lower().find(LENGTH)
        last = end + len(END) + int(heard[start + len(LENGTH) : heard.find(b"\r", start)])
        if len(heard) < last:
            self._heard = heard
            return
        self._heard = b""
        now = time.perf_counter()
        self._round.answered(self._number, heard, end, now - self._due)
        self._next(now)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self._round.left(exc)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _next(self, now: float) -> None:
        if now >= self._round.end:
            self._round.finished()
            return
        self._number, request = next(self._round.requests)
        if self._pace is None:
            self._due = now
        else:
            self._due = next(self._pace)
            if self._due > now:
                self._wait(self._due - now, request)
                return
        self._send(request)

    def _wait(self, seconds: float, request: bytes) -> None:
        """Wait for the instant: by the clock until it is near, then turn by turn, as timers come a millisecond late."""
        if seconds > TIMERS:
            self._round.loop.call_later(seconds - TIMERS, self._send_in_time, request)
        else:
            self._round.loop.call_soon(self._send_in_time, request)

    def _send_in_time(self, request: bytes) -> None:
        late = time.perf_counter() - self._due
        if late < 0:
            self._wait(-late, request)
            return
        self._round.measured.late.append(late)
        self._send(request)

    def _send(self, request: bytes) -> None:
        if self._transport is not None:
            self._transport.write(request)


class Round:
    """One round against one server."""

    def __init__(self, requests: Sequence[bytes], seconds: float, connections: int) -> None:
        """Send these requests in turn for so long."""
        self.loop = asyncio.get_running_loop()
        self.requests = cycle(enumerate(requests))
        self.measured = Measured(seconds)
        self.end = 0.0
        self._over = self.loop.create_future()
        self._running = connections

    def answered(self, number: int, heard: bytes, end: int, latency: float) -> None:
        """Note an answer."""
        latencies = self.measured.latencies
        latencies.append(latency)
        if not heard.startswith(GOOD):
            self.left(LoadFailed(heard[:500]))
        elif len(latencies) % SAMPLE == 0:
            self.measured.samples.append((number, heard[end + len(END) :]))

    def finished(self) -> None:
        """Note that a connection has sent its last."""
        self._running -= 1
        if not self._running and not self._over.done():
            self._over.set_result(None)

    def left(self, problem: Exception | None) -> None:
        """End with a problem, unless all is over."""
        if not self._over.done():
            self._over.set_exception(problem or LoadFailed("the server hung up"))

    async def over(self) -> Measured:
        """Wait for the end."""
        async with asyncio.timeout(self.measured.seconds + PATIENCE):
            await self._over
        return self.measured


async def measure(
    port: int, requests: Sequence[bytes], seconds: float, *, connections: int = CONNECTIONS, rate: float | None = None
) -> Measured:
    """Ask for so long, as fast as answers come or at a rate; a latency counts from when its request was due."""
    round_ = Round(requests, seconds, connections)
    clients: list[Client] = []
    for number in range(connections):
        clients.append(Client(round_))
        await round_.loop.create_connection(partial(clients.__getitem__, number), "127.0.0.1", port)
    gc.collect()
    gc.disable()
    try:
        began, used = time.perf_counter(), time.process_time()
        round_.end = began + seconds
        for number, client in enumerate(clients):
            client.begin(None if rate is None else _instants(began + number / rate, connections / rate))
        measured = await round_.over()
        measured.seconds = time.perf_counter() - began
        measured.own = (time.process_time() - used) / measured.seconds
    finally:
        gc.enable()
        for client in clients:
            client.close()
    measured.latencies.sort()
    measured.late.sort()
    return measured


def _instants(first: float, every: float) -> Iterator[float]:
    while True:
        yield first
        first += every
