"""A program in the middle of an act under a key: `python -m tests.races.keeper URL CUSTOMER KEY GRANT`.

It says `holds` once its transaction has what everybody else waits for, goes on when it reads a line, and says `done`.
What it answers is a grant that is there already: beside the key it writes nothing.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from resolvers.acts import act, owner_customer
from tests.races.arena import granting
from tests.races.consumer import entered, say

if TYPE_CHECKING:
    from models.work import Work


async def main(url: str, customer: str, key: str, grant: str) -> None:
    """Begin, wait in the middle, and commit."""
    world = entered(url)
    context, command = await world.context(), granting(customer, key)

    async def body(_: Work) -> dict[str, Any]:
        say("holds")
        sys.stdin.readline()
        return {"grant_id": grant}

    await act(context, "grantCreate", command, owner_customer(context, command.customer), body)
    say("done")
    await world.database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
