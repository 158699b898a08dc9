"""Settling many customers in one transaction: each by a unit of work of its own, all of them abreast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.lifecycle import Channel
from models.abreast import Abreast
from models.stores.invoices import Invoices
from models.work import Moment, Work, numbered
from resolvers.due import settle_instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from models.ids import Ids
    from models.rows import Runner
    from models.session import Database
    from models.stores.due import Due


@dataclass(frozen=True, slots=True)
class Settling:
    """Where, and by which real time, due things are made permanent."""

    database: Database
    environment_id: str
    ids: Ids
    recorded_at: datetime

    async def together(self, due: Sequence[Due]) -> int:
        """Settle these customers up to the last of their instants; answers how many, without those somebody else is at.

        Up to there nobody else has anything due, so that numbers are given in the order of time. Nobody waits in a
        ring: the customers' sequences are taken without waiting, the environment's counters when all is done.
        """
        return await self.database.worked(lambda run: self._settled(run, due))

    async def _settled(self, run: Runner, due: Sequence[Due]) -> int:
        abreast, last = Abreast(run), due[-1].due_at
        moments = [Moment(each.due_at, self.recorded_at, Channel.WORKER) for each in due]
        works = [Work(abreast, self.environment_id, moment, self.ids) for moment in moments]
        settling = [_settled(work, each.customer_id, last) for work, each in zip(works, due, strict=True)]
        free = await abreast.together(settling)
        held = [work for work, ours in zip(works, free, strict=True) if ours]
        await abreast.together([work.usage.flush() for work in held])
        numbers = await numbered(Invoices(run, self.environment_id), held)
        await abreast.together([work.write(numbers) for work in held])
        return len(held)


async def _settled(work: Work, customer_id: str, last: datetime) -> bool:
    """Settle a customer, unless somebody else is at it: now, and what that makes due until the last instant.

    Where something is to be asked outside, that comes before the customer's time goes on.
    """
    if not await work.free(customer_id):
        return False
    await work.bump(customer_id, scheduled=True)
    await settle_instant(work, customer_id)
    while not work.outbox.filled and (due := await work.due.earliest(last, customer_id)) is not None:
        work.happen_at(due.due_at)
        await settle_instant(work, customer_id)
    return True
