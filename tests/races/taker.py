"""A program that consumes one for each line of its input: `python -m tests.races.taker URL`, and lines of `NAME KEY`.

It says `ready`, and after each line how that ended, once it is on disk.
"""

from __future__ import annotations

import asyncio
import sys

from tests.races.arena import take
from tests.races.consumer import entered, say


async def main(url: str) -> None:
    """Consume as often as asked."""
    world = entered(url)
    say("ready")
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        say(await take(await world.context(), *line.split(" ")))
    await world.database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
