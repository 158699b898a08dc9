"""Without GraphQL: an ASGI application by hand, `python -m benchmarks.peers.raw FILE PORT WAY`.

`hop` reads in the thread of an aiosqlite connection, one crossing for each request, so that a slow disk stops nobody
else; `loop` reads where it stands, as Node does; `held` answers from dictionaries that were filled at the beginning.
"""

from __future__ import annotations

import sys
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import aiosqlite
import orjson

from benchmarks.peers.reading import CACHED, PRAGMAS, Caller, Reads, Refused, opened, place
from benchmarks.peers.serving import application, served
from benchmarks.peers.snapshot import Snapshot

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from benchmarks.peers.serving import Ask


def in_loop(file: str) -> Ask:
    """Read where it stands."""
    reads = Reads(opened(file))

    async def ask(path: str, secret: str, body: bytes) -> bytes:
        return orjson.dumps({"data": reads.answer(path, secret, orjson.loads(body))})

    return ask


def by_hop(file: str) -> Ask:
    """Read in the connection's own thread."""
    held: list[Any] = []

    def answer(connection: sqlite3.Connection, path: str, secret: str, body: bytes) -> bytes:
        return orjson.dumps({"data": Reads(connection).answer(path, secret, orjson.loads(body))})

    async def ask(path: str, secret: str, body: bytes) -> bytes:
        if not held:
            held.append(await aiosqlite.connect(place(file), uri=True, isolation_level=None, cached_statements=CACHED))
            for each in PRAGMAS:
                await held[0].execute(f"PRAGMA {each}")
        driver = held[0]
        crossed: bytes = await driver._execute(answer, driver._conn, path, secret, body)  # noqa: SLF001  (its own methods cross once for each statement)
        return crossed

    return ask


def from_snapshot(file: str) -> Ask:
    """Answer from what was read at the beginning."""
    snapshot = Snapshot.of(opened(file))
    callers = snapshot.callers

    async def ask(path: str, secret: str, body: bytes) -> bytes:
        known = callers.get(sha256(secret.encode()).hexdigest())
        if known is None:
            raise Refused
        caller = Caller(known.environment, known.scopes, time.time_ns() // 1_000)
        return orjson.dumps({"data": snapshot.answer(path, caller, orjson.loads(body))})

    return ask


WAYS: Mapping[str, Callable[[str], Ask]] = {"loop": in_loop, "hop": by_hop, "held": from_snapshot}


if __name__ == "__main__":
    _, file, port, way = sys.argv
    served(application(WAYS[way](file)), int(port))
