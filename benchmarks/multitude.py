"""A multitude of subscribers, made by copying the rows of one: what a benchmark needs 100,000 of is not made by calls.

A copy has ids of its own, and all its instants are a little later. Events and bookings are not copied: renewing reads
none of them, and a sequence goes on from where it stood.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from benchmarks.labour import subscribed
from models.rows import rows
from models.tables import (
    CustomerRow,
    InvoiceLineRow,
    InvoiceRow,
    SequenceRow,
    SubscriptionHistoryRow,
    SubscriptionItemRow,
    SubscriptionRow,
    UsageCursorRow,
)
from models.tables.base import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Table

    from benchmarks.ground import Ground
    from models.rows import Runner

AT_ONCE = 1_000
"""So many are written in one transaction."""

SPREAD = timedelta(hours=12)
"""Over so long a time renewals come in."""

OWN = frozenset(
    {"id", "customer_id", "owner_id", "subscription_id", "invoice_id", "credits_line_id", "external_id", "number"}
)
"""The columns of a copy's own."""

C, Q, S = table(CustomerRow), table(SequenceRow), table(SubscriptionRow)
OF_CUSTOMER = (S, table(InvoiceRow), table(InvoiceLineRow), table(SubscriptionHistoryRow))
OF_SUBSCRIPTION = (table(SubscriptionItemRow), table(UsageCursorRow))


async def multiplied(at: Ground, name: str, size: int) -> None:
    """Make so many subscribers who pay monthly, each a little after the one before."""
    database = at.contexts.database
    await subscribed(at, name)
    async with database.reading() as connection:
        model = await _model(connection, name)
    for first in range(1, size, AT_ONCE):
        copies = range(first, min(first + AT_ONCE, size))
        async with database.working() as connection:
            for of, found in model:
                values = [_copied(of, each, number, number * SPREAD / size) for number in copies for each in found]
                await connection.execute(insert(of), values)


async def _model(connection: Runner, name: str) -> list[tuple[Table, Sequence[Mapping[str, Any]]]]:
    """Read the rows of one, by table: what is referred to before what refers to it."""
    named = await rows(connection, select(C).where(C.c.external_id == name))
    ids = [each["id"] for each in named]
    read = [(C, named), (Q, await rows(connection, select(Q).where(Q.c.owner_id.in_(ids))))]
    read += [(of, await rows(connection, select(of).where(of.c.customer_id.in_(ids)))) for of in OF_CUSTOMER]
    held = [each["id"] for of, found in read for each in found if of is S]
    read += [(of, await rows(connection, select(of).where(of.c.subscription_id.in_(held)))) for of in OF_SUBSCRIPTION]
    return read


def _copied(of: Table, found: Mapping[str, Any], number: int, later: timedelta) -> dict[str, Any]:
    """Copy a row: with its own id and those of the copies beside it, its own name or number, and later."""
    copied = {column.name: _another(column.name, found[column.name], number) for column in of.columns}
    return {name: kept + later if isinstance(kept, datetime) else kept for name, kept in copied.items()}


def _another(column: str, kept: Any, number: int) -> Any:  # noqa: ANN401  (of any type)
    """What is a copy's own: the ids of what is copied, and what is unique."""
    return f"{kept}.{number}" if column in OWN and kept else kept
