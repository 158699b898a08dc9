"""Plangate asked in process, without a server: `python -m benchmarks.peers.inside FILE KEY CUSTOMERS ASKS`.

The program says when it is ready, waits for a line, and prints how many checks it answered a second, and how many turns
of a plain loop it made a second before: what its core gives.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from pydantic import SecretStr

from benchmarks.ground import SECRET
from benchmarks.peers.estate import Estate
from benchmarks.peers.questions import QUESTIONS
from models.session import Database
from plangate.auth import Doorkeeper
from plangate.contexts import Contexts
from plangate.execution.endpoint import GraphQLEndpoint
from plangate.execution.limits import ExecutionLimits
from plangate.settings import Settings
from schema.build import schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.peers.questions import Question

STEP = 7_919
AT_ONCE = 8
WARM = 5
TURNS = 20_000_000


async def asked(
    filled: Estate, question: Question, asks: int, at_once: int = 1, ready: Callable[[], None] = lambda: None
) -> tuple[float, float]:
    """Ask so often of a gateway of its own, once it is `ready`; seconds of a core and statements for each."""
    settings = Settings(database_url=filled.url.replace("+aiosqlite", ""), secret=SecretStr(SECRET))
    database, heard = Database(filled.url, snapshot_bytes=0), Counter[str]()
    database.heard_by(lambda _: heard.update("x"))
    doorkeeper = Doorkeeper(Contexts.real(database, settings), None)
    limits, log = ExecutionLimits(deadline_seconds=60.0), structlog.get_logger("bench")
    endpoint = GraphQLEndpoint(schema, doorkeeper.identify, limits, page=None, log=log, stretch=database.stretch)
    bodies = [
        orjson.dumps({"query": question.document, "variables": question.asked(filled, number * STEP)})
        for number in range(asks)
    ]
    for body in bodies[:WARM]:
        await _ask(endpoint, filled.key, body)
    ready()
    heard.clear()
    waiting = iter(bodies)

    async def client() -> None:
        for body in waiting:
            await _ask(endpoint, filled.key, body)

    began = process_time()
    await asyncio.gather(*(client() for _ in range(at_once)))
    spent = (process_time() - began) / asks
    await database.close()
    return spent, heard.total() / asks


async def _ask(endpoint: GraphQLEndpoint, key: str, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer " + key.encode())]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b"", "path": "/graphql"}
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    status: list[int] = []

    async def receive() -> Any:  # noqa: ANN401  (an ASGI message)
        return waiting.pop() if waiting else await asyncio.Event().wait()

    async def send(message: Any) -> None:  # noqa: ANN401  (as above)
        if message["type"] == "http.response.start":
            status.append(message["status"])

    await endpoint(scope, receive, send)
    if status != [200]:
        raise RuntimeError(status)


def _plain() -> float:
    """Count turns of a loop a second."""
    began, total = perf_counter(), 0
    for turn in range(TURNS):
        total += turn
    return TURNS / (perf_counter() - began)


def _main(file: str, key: str, customers: str, asks: str) -> None:
    estate = Estate(f"sqlite+aiosqlite:///{file}", key, int(customers))
    told: list[float] = []
    began = 0.0

    def ready() -> None:
        nonlocal began
        gc.collect()
        gc.freeze()
        print("ready", flush=True)
        sys.stdin.readline()
        told.append(_plain())
        began = perf_counter()

    asyncio.run(asked(estate, QUESTIONS["A"], int(asks), AT_ONCE, ready))
    print(int(asks) / (perf_counter() - began), *told)


if __name__ == "__main__":
    _main(*sys.argv[1:])
