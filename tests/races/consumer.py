"""A program that consumes: `python -m tests.races.consumer URL NAME` for each customer named on a line of its input.

It says `ready`, and after each line how its calls ended, as JSON. It ends with its input.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime

import orjson

from models.session import Database
from plangate.clock import FixedClock
from plangate.contexts import Contexts
from plangate.ids import TimeOrderedIds
from plangate.secrets import RealSecrets, Sealed
from plangate.tokens import RealTokens
from resolvers.context import Settings
from tests.races.arena import PATIENCE, take
from tests.world import World

CALLS = 75


async def main(url: str, name: str) -> None:
    """Open the database and consume as often as asked."""
    database = Database(url, wait_seconds=PATIENCE)
    clock = FixedClock(datetime(2024, 1, 1, tzinfo=UTC))
    tokens = RealTokens(Sealed("s" * 40))
    world = World(
        database,
        clock,
        Contexts(database, clock, TimeOrderedIds(clock), RealSecrets(), tokens, Settings("http://test")),
    )
    say("ready")
    while customer := (await asyncio.to_thread(sys.stdin.readline)).strip():
        context = await world.context()
        calls = (take(context, customer, f"{customer} {name} {number}") for number in range(CALLS))
        ended = await asyncio.gather(*calls, return_exceptions=True)
        say(orjson.dumps(Counter(each if isinstance(each, str) else type(each).__name__ for each in ended)).decode())
    await database.close()


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
