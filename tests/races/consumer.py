"""A program that consumes: `python -m tests.races.consumer URL NAME` for each customer named on a line of its input.

With `mixed` as a third word it holds, settles, releases and corrects besides.
It says `ready`, and after each line how its calls ended, as JSON. It ends with its input.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from models.session import Database
from plangate.clock import FixedClock
from plangate.contexts import Contexts
from plangate.ids import TimeOrderedIds
from plangate.secrets import InvoiceLinks, PreviewTokens, RealSecrets, Sealed
from plangate.tokens import RealTokens
from resolvers.context import Settings
from tests.races.arena import PATIENCE, take
from tests.races.mixture import mixed
from tests.world import World

if TYPE_CHECKING:
    from resolvers.context import Context

CALLS = 75


async def main(url: str, name: str, what: str = "consumed") -> None:
    """Open the database and consume as often as asked."""
    world = entered(url)
    say("ready")
    while customer := (await asyncio.to_thread(sys.stdin.readline)).strip():
        context = await world.context()
        ends = await (mixed if what == "mixed" else consumed)(context, customer, name)
        say(orjson.dumps(ends).decode())
    await world.database.close()


def entered(url: str) -> World:
    """Open a database that others have made a world in."""
    database = Database(url, wait_seconds=PATIENCE)
    clock = FixedClock(datetime(2024, 1, 1, tzinfo=UTC))
    tokens = RealTokens(Sealed("s" * 40))
    return World(
        database,
        clock,
        Contexts(
            database,
            clock,
            TimeOrderedIds(clock),
            RealSecrets(),
            tokens,
            InvoiceLinks("s" * 40),
            PreviewTokens("s" * 40),
            Settings("http://test"),
        ),
    )


async def consumed(context: Context, customer: str, name: str) -> Counter[str]:
    """Consume all at once."""
    calls = (take(context, customer, f"{customer} {name} {number}") for number in range(CALLS))
    ended = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(each if isinstance(each, str) else type(each).__name__ for each in ended)


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
