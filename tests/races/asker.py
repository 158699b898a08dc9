"""A program that asks all the time: `python -m tests.races.asker URL NAME`, and a line of input to end it.

Each line of its output is when a question began, by the clock that all programs share, and how many were used.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from time import perf_counter

import uvloop

from models.session import Database
from resolvers.entitlements import entitlement
from resolvers.inputs import CustomerRef
from tests.races.arena import FEATURE
from tests.races.consumer import entered, say


async def main(url: str, name: str) -> None:
    """Ask until told to end, of what this program remembers in its usual way."""
    world = entered(url)
    await world.database.close()
    world.database = Database(url, notice_seconds=None)
    world.contexts = replace(world.contexts, database=world.database)
    context, told = await world.context(), asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline))
    say("ready")
    while not told.done():
        began = perf_counter()
        view = await entitlement(context, CustomerRef(external_id=name), FEATURE)
        say(f"{began} {view.usage.used}")
        await asyncio.sleep(0)
    assert world.database.snapshots.counts.hits > 10
    await world.database.close()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
