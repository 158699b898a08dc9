"""Customers to measure with: on a plan, with a limit of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from models.rows import value
from models.tables import CustomerRow, UsageRow
from models.tables.base import table
from resolvers.customer_upsert import CustomerUpsert, upsert
from resolvers.inputs import CustomerRef
from resolvers.override_set import OverrideSet, set_override
from resolvers.subscription_create import SubscriptionCreate, create

if TYPE_CHECKING:
    from benchmarks.ground import Ground

FEATURE, SCALE = "lfs_bandwidth", 1_000
C, U = table(CustomerRow), table(UsageRow)


async def made(at: Ground, customer: str, limit: int) -> None:
    """Make a customer that may use so much."""
    await upsert(at.call(), CustomerUpsert(external_id=customer))
    await create(at.call(), SubscriptionCreate(CustomerRef(external_id=customer), "free"))
    await set_override(at.call(), OverrideSet(CustomerRef(external_id=customer), FEATURE, limit=str(limit)))


async def used(at: Ground, customer: str) -> int:
    """Sum a customer's ledger."""
    summed = select(func.sum(U.c.amount)).join_from(U, C, C.c.id == U.c.customer_id).where(C.c.external_id == customer)
    async with at.contexts.database.reading() as connection:
        return int(await value(connection, summed) or 0) // SCALE
