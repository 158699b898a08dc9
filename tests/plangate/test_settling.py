"""What is due for many is settled together: the same books as one after another, in the statements of one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import select

from models.rows import rows
from models.session import Database
from models.tables import BookingRow, EventRow, InvoiceLineRow, InvoiceRow, SequenceRow, SubscriptionRow
from models.tables.base import table
from resolvers.walking import settle_next
from tests.world import START, World

if TYPE_CHECKING:
    from pathlib import Path

    from sqlmodel import SQLModel

    from tests.databases import Files

ID = re.compile(rb"[a-z]{2,4}_[0-9a-z]{26}")
APART = timedelta(minutes=25)
"""Less than the hour for which a draft waits: what one renewal makes due comes between those of others."""

MANY = 20
RENEWAL, FINAL = 42, 30
"""Statements of settling the end of a period with a licensed and a metered price, and of its draft: of one or many."""

V = table(InvoiceRow)


async def shop(database: Database, customers: int) -> World:
    """Customers who pay monthly, one of them with another plan, each a while after the other."""
    world = await World.begin(database)
    for number in range(customers):
        await world.jump(START + number * APART)
        plan, quantity = ("enterprise", 2) if number == 1 else ("team", 1)
        monthly: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}, "quantity": quantity}
        await world.subscribed(f"c{number}", plan, **monthly)
    return world


async def settled(world: World, until: datetime, *, most: int) -> int:
    """Settle all that is due; answers in how many units of work."""
    contexts = world.contexts
    place = world.places["main"].environment.id
    units = 0
    while await settle_next(world.database, place, contexts.ids, until, contexts.clock.now(), most=most):
        units += 1
    return units


async def books(database: Database) -> dict[str, list[Any]]:
    """All that settling writes, without the ids that it makes or a server's, in an order that does not rest on them."""
    kept: dict[str, list[Any]] = {}
    of: tuple[type[SQLModel], ...] = (EventRow, SequenceRow, SubscriptionRow, InvoiceRow, InvoiceLineRow, BookingRow)
    async with database.reading() as connection:
        for each in of:
            found = await rows(connection, select(table(each)))
            told = [{name: value for name, value in one.items() if name != "taken"} for one in found]
            kept[each.__name__] = sorted(
                ID.sub(b"id", orjson.dumps(one, default=str, option=orjson.OPT_SORT_KEYS)) for one in told
            )
    return kept


async def numbers(database: Database) -> list[str]:
    """The numbers of final invoices, in order of time."""
    async with database.reading() as connection:
        final = select(V.c.number).where(V.c.finalized_at.is_not(None)).order_by(V.c.finalized_at)
        return [each["number"] for each in await rows(connection, final)]


async def test_settling_many_together_makes_the_books_of_settling_one_after_another(
    database: Database, sqlite_files: Files, tmp_path: Path
) -> None:
    twin = Database(sqlite_files.fresh(tmp_path / "twin.db"))
    until = datetime(2024, 4, 15, tzinfo=UTC)
    together, alone = await shop(database, 7), await shop(twin, 7)

    units = await settled(together, until, most=5), await settled(alone, until, most=1)

    assert await books(database) == await books(twin)
    assert await numbers(database) == [f"INV-{number:06d}" for number in range(1, 28)]
    assert units[0] * 3 < units[1]
    await twin.close()


async def test_many_renewals_take_as_many_statements_as_one(database: Database) -> None:
    world = await World.begin(database)
    for customers, began in ((1, START), (MANY, START + timedelta(days=1))):
        await world.jump(began)
        for number in range(customers):
            await world.subscribed(f"{number} of {customers}", "team", currency="USD", interval={"unit": "MONTH"})
    statements: list[str] = []
    database.heard_by(statements.append)
    counted: list[int] = []
    for days in (31, 32):
        for hours in (0, 1):
            statements.clear()
            assert await settled(world, START + timedelta(days=days, hours=hours), most=MANY) == 1
            counted.append(len([each for each in statements if not each.startswith("BEGIN")]))

    assert counted == [RENEWAL, FINAL, RENEWAL, FINAL]
    assert await numbers(database) == [f"INV-{number:06d}" for number in range(1, 2 * (MANY + 1) + 1)]
