"""Walking an environment through its due instants, up to its present: one transaction each, in order."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from billing.lifecycle import Channel
from billing.refusals import TemporarilyUnavailable
from models.reader import Reader
from models.work import Moment, Work
from resolvers.due import settle_instant
from resolvers.paying.cashier import Waits
from resolvers.settling import Settling

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Sequence
    from datetime import datetime

    from models.crossing import Question
    from models.ids import Ids
    from models.rows import Runner
    from models.session import Database
    from models.stores.due import Due
    from resolvers.paying.cashier import Cashier


REST_SECONDS = 0.02
RESTS = 100
"""So often a walk waits for a payment that somebody else is at, and no longer: two seconds in all."""

MOST = 32
"""So much that is due is settled in one transaction: whoever else wants to write waits for no more than that."""

TRIES = 8
"""So often customers at whom somebody else is are passed over before a worker rests."""


class SettlingFailed(Exception):  # noqa: N818  (what failed, for the worker to go on without)
    """A customer's due things could not be made permanent; the cause says why."""

    def __init__(self, customer_id: str) -> None:
        """Name the customer."""
        super().__init__(customer_id)
        self.customer_id = customer_id


async def walk(
    cashier: Cashier,
    environment_id: str,
    recorded_at: datetime,
    *,
    within: Callable[[], bool] = lambda: True,
    skipping: Collection[str] = (),
) -> datetime | None:
    """Walk a test clock to its target and answer where it stands; None where there is no test clock.

    What is to be asked of payment providers is asked before the clock moves on, so that every attempt is made at its
    instant. `within` is asked before each step; when it says no, the rest is left to the next walk. The customers in
    `skipping` are passed over. Raises SettlingFailed for one who cannot be settled.
    """
    rests = 0
    while within() and rests < RESTS:
        now, target = await _clock(cashier.database, environment_id, recorded_at)
        if now is None or target is None:
            return now
        waits = await cashier.next_of(environment_id)
        if waits is Waits.NOTHING:
            await _step(cashier, environment_id, recorded_at, target, skipping=skipping)
        elif waits is Waits.BUSY:
            rests += 1
            await asyncio.sleep(REST_SECONDS)
    return await _now(cashier.database, environment_id, recorded_at)


async def settle_next(
    database: Database,
    environment_id: str,
    ids: Ids,
    until: datetime,
    recorded_at: datetime,
    *,
    skipping: Collection[str] = (),
    most: int = MOST,
) -> int:
    """Make the earliest that is due in an environment permanent, of many customers in one transaction.

    Answers of how many; 0 where nothing is due that nobody else is at. The customers in `skipping` are passed over.
    Where one of them cannot be settled, nothing was, and each is settled by itself. Raises SettlingFailed for that one.
    """
    passed = set(skipping)
    for _ in range(TRIES):
        due = await database.asked(_first(environment_id, until, most, passed))
        if not due:
            return 0
        settling = Settling(database, environment_id, ids, recorded_at)
        if settled := await _settled(settling, due):
            return settled
        passed |= {each.customer_id for each in due}
    return 0


async def _settled(settling: Settling, due: Sequence[Due]) -> int:
    """Settle all at once; where that fails, one after another up to the one with whom it fails."""
    try:
        return await settling.together(due)
    except Exception:  # noqa: BLE001  (it is raised again for the one whom it is about)
        settled = 0
        for each in due:
            with _named(each.customer_id):
                settled += await settling.together([each])
        return settled


@contextmanager
def _named(customer_id: str) -> Generator[None, None, None]:
    """Say who it was that could not be settled."""
    try:
        yield
    except TemporarilyUnavailable:
        raise
    except Exception as problem:
        raise SettlingFailed(customer_id) from problem


async def _step(
    cashier: Cashier,
    environment_id: str,
    recorded_at: datetime,
    target: datetime,
    *,
    skipping: Collection[str] = (),
) -> None:
    """Take one step towards a test clock's target: to the next due instant, or to the target itself.

    Others may walk and aim the same clock: a step towards a target that is not its target any more is not taken, nor
    one that would leave something behind that is to be asked of a payment provider.
    """

    async def unit(run: Runner) -> None:
        work = Work(run, environment_id, Moment(target, recorded_at, Channel.WORKER), cashier.ids)
        await work.environments.clock(environment_id, hold=True)
        if await cashier.waits(run, environment_id):
            return
        due = await work.due.earliest(target, skipping=skipping)
        if due is None:
            await work.environments.set_clock(environment_id, target, None, aimed=target)
            return
        now, _ = await work.environments.clock(environment_id)
        reached = due.due_at if now is None else max(now, due.due_at)  # what came late is settled at its own instant
        work.happen_at(due.due_at)
        aimed = await work.environments.set_clock(environment_id, reached, target, aimed=target)
        with _named(due.customer_id):
            if aimed and await work.bump(due.customer_id, scheduled=True):
                await settle_instant(work, due.customer_id)
            await work.close()

    await cashier.database.worked(unit)


async def _now(database: Database, environment_id: str, recorded_at: datetime) -> datetime | None:
    now, _ = await _clock(database, environment_id, recorded_at)
    return now


async def _clock(
    database: Database, environment_id: str, recorded_at: datetime
) -> tuple[datetime | None, datetime | None]:
    """Read where a test clock stands, and where it goes."""
    return await database.asked(lambda run: Reader(run, environment_id, recorded_at).environments.clock(environment_id))


def _first(environment_id: str, until: datetime, most: int, skipping: Collection[str]) -> Question[Sequence[Due]]:
    return lambda run: Reader(run, environment_id, until).due.first(until, most, skipping=skipping)
