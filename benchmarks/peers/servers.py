"""The contestants as processes: started on the server's core, asked once; the system tells their time and memory."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ground import SECRET
from benchmarks.peers.questions import over_graphql, plainly, request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
    from typing import IO, Any

    from benchmarks.peers.estate import Estate
    from benchmarks.peers.questions import Question

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
LOOK = 0.005
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVES, ASKS = {CORES[0]}, {CORES[-1]}
"""Which core serves, and which asks: the same where there is only one."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody who serves the three answers; `graphql` is how it is asked."""

    name: str
    command: Callable[[Estate, int], Sequence[str]]
    graphql: bool = True
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def request(self, question: Question, asked: Mapping[str, Any], key: str) -> bytes:
        """Write a question as this one is asked."""
        write = over_graphql if self.graphql else plainly
        return request(*write(question, asked), key)


@dataclass(frozen=True, slots=True)
class Server:
    """A contestant that runs."""

    of: Contestant
    port: int
    process: int
    began: float

    def processor(self) -> float:
        """Seconds of a core that it has used."""
        told = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> float:
        """MiB of memory."""
        told = Path(f"/proc/{self.process}/status").read_text().partition("VmRSS:")[2]
        return int(told.split()[0]) / 1024


@asynccontextmanager
async def running(
    contestant: Contestant, estate: Estate, *, on: set[int] | None = None
) -> AsyncGenerator[Server, None]:
    """Start a contestant on its core, and end it."""
    port = _free_port()
    ours = {"PLANGATE_DATABASE_URL": estate.url, "PLANGATE_SECRET": SECRET, "PLANGATE_LOG_LEVEL": "warning"}
    env = {**os.environ, **ours, **contestant.environment}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    pinned = on or SERVES
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603, ASYNC220  (our own words; nothing else runs meanwhile)
            contestant.command(estate, port),
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, pinned),  # noqa: PLW1509  (no thread runs here when servers start)
        )
        try:
            await _listening(process, port, log)
            yield Server(contestant, port, process.pid, began)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def said(server: Server, asked: bytes) -> bytes:
    """Ask once; the body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(asked.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
    async with asyncio.timeout(PATIENCE):
        heard = await reader.read()
    writer.close()
    head, _, body = heard.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(server.of.name, heard[:2_000])
    return body


async def _listening(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if process.poll() is not None:
                log.seek(0)
                raise RuntimeError("It ended before it served:", log.read().decode()[-3_000:])
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(LOOK)
                continue
            writer.close()
            return


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
