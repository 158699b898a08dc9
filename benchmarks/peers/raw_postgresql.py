"""A check by hand out of PostgreSQL: `python -m benchmarks.peers.raw_postgresql URL PORT`, by the same statements.

Connections are held, not given back to a pool that resets them, and the statements are prepared on each.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson

from benchmarks.ground import plain
from benchmarks.peers.deciding import ALWAYS, About, Give, decided, put_beside
from benchmarks.peers.reading import Caller, Refused, listing
from benchmarks.peers.serving import application, served
from benchmarks.peers.statements import BESIDE, KEY, LEDGER, LIMITS

if TYPE_CHECKING:
    from benchmarks.peers.deciding import Window
    from benchmarks.peers.serving import Ask

CONNECTIONS = 8


def numbered(statement: str) -> str:
    """Number the places, as PostgreSQL wants them."""
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", statement)


class Held:
    """A connection with its statements."""

    def __init__(self, prepared: list[Any]) -> None:
        """Hold the statements."""
        self.key, self.limits, self.beside, self.ledger = prepared

    @classmethod
    async def of(cls, url: str) -> Held:
        """Connect and prepare."""
        connection = await asyncpg.connect(plain(url))
        texts = (KEY, LIMITS, listing(BESIDE, "features", 1), LEDGER)
        return cls([await connection.prepare(numbered(each)) for each in texts])

    async def check(self, secret: str, customer: str, feature: str) -> dict[str, Any]:
        """Look the key up and decide."""
        found = await self.key.fetchrow(sha256(secret.encode()).hexdigest())
        if found is None or found[2] is not None:
            raise Refused
        caller = Caller(found[0], frozenset(orjson.loads(found[1])), found[3] or time.time_ns() // 1_000)
        caller.demand("entitlements:read")
        rows = await self.limits.fetch(feature, caller.environment, customer)
        first = rows[0]
        about = About(first[0], first[2], first[3], None if first[6] is None else ((first[4], first[5]), first[6]))
        id_, of, now = first[18], first[0], caller.now
        for row in rows:
            if row[17] is not None:
                about.give(Give(*row[7:17]))
        beside = await self.beside.fetch(now, id_, of, now, now, id_, of, now, now, now, id_, of, now)
        put_beside({of: about}, [tuple(each) for each in beside])
        largest = about.largest()
        window: Window = largest.window if largest else (None, None)
        if about.kind == "METERED" and (about.counted is None or about.counted[0] != window):
            since, until = window[0] or -ALWAYS, window[1] or ALWAYS
            about.counted = (window, int(await self.ledger.fetchval(id_, of, since, until)))
        return {"entitlement": decided(about, _counted)}


def _counted(_feature_id: str, _window: Window) -> int:
    raise NotImplementedError


def checking(url: str) -> Ask:
    """Check, each request on a connection of its own."""
    free: asyncio.LifoQueue[Held] = asyncio.LifoQueue()
    opened: list[asyncio.Task[None]] = []

    async def open_all() -> None:
        for _ in range(CONNECTIONS):
            free.put_nowait(await Held.of(url))

    async def ask(_path: str, secret: str, body: bytes) -> bytes:
        if not opened:
            opened.append(asyncio.create_task(open_all()))
        held = await free.get()
        try:
            asked = orjson.loads(body)
            return orjson.dumps({"data": await held.check(secret, asked["customer"]["externalId"], asked["feature"])})
        finally:
            free.put_nowait(held)

    return ask


if __name__ == "__main__":
    served(application(checking(sys.argv[1])), int(sys.argv[2]))
