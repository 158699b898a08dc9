"""Giving events their environment-wide position, after commit and in order: only here, so that no reader skips one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.stores.environments import Environments
from models.stores.journal import Outbox

if TYPE_CHECKING:
    from models.session import Database

BATCH = 200


async def place_events(database: Database) -> bool:
    """Place a batch of committed events; False where there was none.

    An act that another relay has taken out is left alone, so two relays never place one event twice.
    """
    async with database.reading() as connection:
        if not await Outbox(connection).waits():
            return False
    async with database.working() as session:
        outbox, environments = Outbox(session), Environments(session)
        for waiting in await outbox.to_place(BATCH):
            if await outbox.done(waiting["id"]):
                position = await environments.next_position(waiting["environment_id"])
                await outbox.place(waiting["subject_id"], position)
    return True
