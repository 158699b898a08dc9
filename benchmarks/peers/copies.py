"""Many customers made out of a few by SQL alone: a million rows in seconds, the same on both databases.

A copy has ids and a number of its own, and has used a little more than the one before. Its events and bookings are not
copied: what is measured reads none of them.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import text

from models.files import file_of
from models.tables import (
    BalanceRow,
    CustomerRow,
    GrantRow,
    InvoiceLineRow,
    InvoiceRow,
    OverrideRow,
    SequenceRow,
    SubscriptionItemRow,
    SubscriptionRow,
    UsageCursorRow,
    UsageRow,
)
from models.tables.base import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Column, Table
    from sqlmodel import SQLModel

    from models.session import Database

AT_ONCE = 20_000
"""So many copies are made in one transaction on PostgreSQL."""
CACHE_KILOBYTES = 1_000_000
DIGITS = 7
KEPT = 4
"""So much stays at an id's end: ids of one millisecond differ nowhere else."""
OWN = frozenset(
    {"id", "customer_id", "owner_id", "subscription_id", "invoice_id", "credits_line_id", "external_id", "usage_id"}
)
"""The columns whose digits near the end are the copy's own."""
MORE = {"usage": ("amount", "limit_amount"), "balance": ("used",)}
"""What a copy has more of."""
OF_CUSTOMER = (SubscriptionRow, InvoiceRow, InvoiceLineRow, UsageRow, BalanceRow, GrantRow, OverrideRow)
OF_INVOICES = (InvoiceRow, InvoiceLineRow)
OF_SUBSCRIPTION = (SubscriptionItemRow, UsageCursorRow)


async def copied(database: Database, customer_id: str, numbers: range, *, invoiced: bool = True) -> None:
    """Copy a customer under these numbers, with invoices or without."""
    named: dict[str, object] = {"customer": customer_id}
    whose = "customer_id = :customer"
    held = "subscription_id IN (SELECT id FROM subscription WHERE customer_id = :customer)"
    wanted: list[tuple[type[SQLModel], str]] = [(CustomerRow, "id = :customer"), (SequenceRow, "owner_id = :customer")]
    wanted += [(each, whose) for each in OF_CUSTOMER] + [(each, held) for each in OF_SUBSCRIPTION]
    if not invoiced:
        wanted = [each for each in wanted if each[0] not in OF_INVOICES]
    copies = [_copy(table(row), where) for row, where in wanted]
    if file := file_of(database.url):
        await asyncio.to_thread(_copied_into, file, copies, named | _bounds(numbers))
        return
    for begin in range(0, len(numbers), AT_ONCE):
        given = named | _bounds(numbers[begin : begin + AT_ONCE])
        async with database.working() as connection:
            for copy in copies:
                await connection.execute(text(copy), given)


def _copied_into(file: Path, copies: Sequence[str], given: Mapping[str, object]) -> None:
    """Fill a SQLite file beside its owner: one transaction, a cache that holds it, and the disk is not waited for."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for setting in ("synchronous=OFF", f"cache_size=-{CACHE_KILOBYTES}", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("BEGIN IMMEDIATE")
        for copy in copies:
            connection.execute(copy, given)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _bounds(numbers: range) -> dict[str, object]:
    return {"first": numbers[0], "last": numbers[-1], "step": numbers.step}


def _copy(of: Table, where: str) -> str:
    names = ", ".join(f'"{each.name}"' for each in of.columns)
    values = ", ".join(_value(of.name, each) for each in of.columns)
    series = (
        "WITH RECURSIVE copy(n) AS (SELECT CAST(:first AS INTEGER) UNION ALL "
        "SELECT n + :step FROM copy WHERE n + :step <= :last) "
    )
    model = f'(SELECT * FROM "{of.name}" WHERE {where}) AS model'  # noqa: S608  (our own names)
    return f'INSERT INTO "{of.name}" ({names}) {series} SELECT {values} FROM {model} CROSS JOIN copy'  # noqa: S608  (as above)


def _value(of: str, column: Column[object]) -> str:
    name = f'model."{column.name}"'
    if column.name in OWN:
        padded = f"'{'0' * DIGITS}' || CAST(n AS TEXT)"
        ending = f"substr({padded}, length({padded}) - {DIGITS - 1})"
        kept = 0 if column.name == "external_id" else KEPT
        whole = f"substr({name}, 1, length({name}) - {DIGITS + kept}) || {ending}"
        if kept:
            whole += f" || substr({name}, length({name}) - {kept - 1})"
        return f"CASE WHEN length({name}) > {DIGITS + kept} THEN {whole} ELSE {name} END"
    if column.name == "number":
        return f"{name} || '.' || CAST(n AS TEXT)"
    return f"{name} + n % 100" if column.name in MORE.get(of, ()) else name
