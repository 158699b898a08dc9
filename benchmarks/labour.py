"""What a worker is given to do, and what it takes to do it: time, statements, memory."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from billing.calendar import Interval, IntervalUnit
from models.rows import value
from models.tables.base import table
from models.tables.subscription import SubscriptionRow
from plangate.clock import FixedClock
from plangate.worker import Worker
from resolvers.customer_upsert import CustomerUpsert, upsert
from resolvers.inputs import CustomerRef
from resolvers.subscription_create import SubscriptionCreate, create

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlmodel import SQLModel

    from benchmarks.ground import Ground

HEAD = "a second | ms of one core each | statements each | peak MB |"
MONTHLY = Interval(IntervalUnit.MONTH)


@dataclass(frozen=True, slots=True)
class Effort:
    """What some work took; `megabytes` is the most that the process ever held."""

    seconds: float
    processor: float
    statements: int
    megabytes: float

    def cells(self, acts: int) -> str:
        """Tell it for each of so many acts, as cells of a table."""
        each = f"{acts / self.seconds:,.0f} | {self.processor / acts * 1000:.1f} | {self.statements / acts:.1f}"
        return f"{each} | {self.megabytes:,.0f}"


async def subscribed(at: Ground, name: str) -> None:
    """Make a customer who pays monthly, by invoice."""
    await upsert(at.call(), CustomerUpsert(external_id=name))
    monthly = SubscriptionCreate(CustomerRef(external_id=name), "team", currency="USD", interval=MONTHLY)
    await create(at.call(), monthly)


async def worked(at: Ground, until: datetime) -> Effort:
    """Let a worker do all that is due at an instant."""
    database, counted = at.contexts.database, 0

    def count(_: str) -> None:
        nonlocal counted
        counted += 1

    database.heard_by(count)
    began, used = perf_counter(), process_time()
    await Worker(database, FixedClock(until), at.contexts.ids).catch_up()
    seconds, processor = perf_counter() - began, process_time() - used
    database.heard_by(lambda _: None)
    return Effort(seconds, processor, counted, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


async def counted(at: Ground, row: type[SQLModel], *conditions: ColumnElement[bool]) -> int:
    """Count rows."""
    async with at.contexts.database.reading() as connection:
        found = await value(connection, select(func.count()).select_from(table(row)).where(*conditions))
    return int(found)


async def live(at: Ground) -> int:
    """Count subscriptions that have not ended."""
    return await counted(at, SubscriptionRow, table(SubscriptionRow).c.ended_at.is_(None))
