"""Carrying out what has to go out, one act at a time: taken, carried out, taken out; never while its channel is held.

At least once: a worker that dies on the way leaves the act to another, after `LEASE`. So whoever is called is given the
act's id, which is the same every time.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass
from models.stores.holds import Holds
from models.stores.outbox import Among, Open, Outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from models.choices import OutwardChannel
    from models.rows import Runner
    from models.session import Database
    from models.stores.outbox import Act

LEASE: Final = timedelta(minutes=1)
"""How long an act may take before another worker takes it up."""

LONGEST_PAUSE: Final = timedelta(hours=1)
"""The longest time between two attempts; they begin two seconds apart and double."""


ANY: Final = Among()
"""The acts of every environment, about everything."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """How acts of one kind go out, and through which channel."""

    channel: OutwardChannel
    carry: Callable[[Act], Awaitable[None]]


class CarryingFailed(Exception):  # noqa: N818  (what failed; it is tried again)
    """An act could not be carried out; the cause says why."""

    def __init__(self, act: Act, again_at: datetime) -> None:
        """Name the act and when it is tried again."""
        super().__init__(act.id)
        self.act = act
        self.again_at = again_at


async def carry_next(
    database: Database, carriers: Mapping[str, Carrier], now: Callable[[], datetime], among: Among = ANY
) -> bool:
    """Carry out the oldest act that may go out, of those meant; False where there is none. Raises CarryingFailed."""
    if not carriers:
        return False
    began = now()

    async def ready(run: Runner) -> bool:
        return await Outbox(run).ready(await open_to(run, carriers, among), began)

    async def take(run: Runner) -> Act | None:
        return await Outbox(run).take(await open_to(run, carriers, among), began, began + LEASE)

    if not await database.asked(ready):
        return False
    act = await database.worked(take)
    if act is None:
        return False
    try:
        async with asyncio.timeout((LEASE * 0.8).total_seconds()):
            await carriers[act.kind].carry(act)
    except Exception as problem:
        again_at = now() + min(timedelta(seconds=2 ** min(act.attempts, 20)), LONGEST_PAUSE)
        await database.worked(lambda run: Outbox(run).again(act, again_at))
        raise CarryingFailed(act, again_at) from problem
    await database.worked(lambda run: Outbox(run).done(act))
    return True


async def open_to(run: Runner, carriers: Mapping[str, Carrier], among: Among) -> Open:
    """Read the hold switch, where an act is looked for and again in the transaction that takes it."""
    standing = await Holds(run).standing()
    everywhere = {each.channel for each in standing if each.environment_id is None}
    kinds = [kind for kind, carrier in carriers.items() if carrier.channel not in everywhere]
    held = [
        (each.environment_id, kind)
        for each in standing
        for kind in kinds
        if each.environment_id is not None and carriers[kind].channel is each.channel
    ]
    return Open(kinds, held, among)
