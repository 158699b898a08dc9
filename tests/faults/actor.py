"""Carries acts out, each in a process of its own, as told line by line: `python -m tests.faults.actor`.

It is run in the cage, so that such a process can be killed at the very call that makes its commit durable.
"""

from __future__ import annotations

import asyncio
import os
import sys
from random import Random
from typing import Any

import orjson

from models.session import Database
from plangate.clock import FixedClock
from plangate.contexts import Contexts
from plangate.ids import TimeOrderedIds
from plangate.secrets import InvoiceLinks, PreviewTokens, RealSecrets, Sealed
from plangate.tokens import RealTokens
from resolvers.context import Settings
from tests.world import START, World


def told() -> None:
    """Read lines; answer how each process ended: what was answered, or the signal that killed it."""
    for line in sys.stdin.buffer:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            _act(orjson.loads(line), writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as answered:
            said = answered.read()
        _, ended = os.waitpid(child, 0)
        killed = os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else None
        sys.stdout.buffer.write(orjson.dumps({"answer": said.decode(), "killed": killed}) + b"\n")
        sys.stdout.flush()


def _act(asked: dict[str, Any], writing: int) -> None:
    try:
        os.write(writing, orjson.dumps(asyncio.run(_answer(asked))))
    finally:
        os._exit(0)


async def _answer(asked: dict[str, Any]) -> Any:
    database = Database(asked["url"])
    clock = FixedClock(START)
    ids = TimeOrderedIds(clock, Random(asked["seed"]).getrandbits)
    tokens = RealTokens(Sealed("s" * 40))
    settings = Settings(public_url="http://testserver")
    world = World(
        database,
        clock,
        Contexts(
            database, clock, ids, RealSecrets(), tokens, InvoiceLinks("s" * 40), PreviewTokens("s" * 40), settings
        ),
    )
    return await world.post(asked["document"], key=asked["key"], **asked["variables"])


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    told()
