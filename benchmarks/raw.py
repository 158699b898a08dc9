"""The least that the rule needs, without Plangate: key, guarded counter, ledger, event, one COMMIT for each act.

No subscriptions, plans, grants or overrides are read, nothing is settled, no sequence is kept: a floor, not a rival.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiosqlite
import asyncpg
from sqlalchemy import make_url

from benchmarks.ground import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLES = (
    "CREATE TABLE raw_counter (customer TEXT PRIMARY KEY, used BIGINT NOT NULL, most BIGINT NOT NULL)",
    "CREATE TABLE raw_key (key TEXT PRIMARY KEY, outcome TEXT NOT NULL)",
    "CREATE TABLE raw_usage (id TEXT PRIMARY KEY, customer TEXT NOT NULL, amount BIGINT NOT NULL)",
    "CREATE TABLE raw_event (id TEXT PRIMARY KEY, customer TEXT NOT NULL, told TEXT NOT NULL)",
)
KNOWN = "SELECT outcome FROM raw_key WHERE key = $1"
TAKE = "UPDATE raw_counter SET used = used + 1 WHERE customer = $1 AND used < most RETURNING used"
WRITES = (
    "INSERT INTO raw_usage VALUES ($1, $2, 1)",
    "INSERT INTO raw_event VALUES ($1, $2, '{}')",
    "INSERT INTO raw_key VALUES ($1, $2)",
)
BEGIN_CUSTOMER = "INSERT INTO raw_counter VALUES ($1, 0, $2)"
SUM = "SELECT count(*) FROM raw_usage WHERE customer = $1"


class RawPostgreSQL:
    """asyncpg with a pool of 16, prepared statements, a transaction for each act."""

    name = "raw asyncpg, one commit each"

    def __init__(self, url: str) -> None:
        """Nothing is opened yet."""
        self._url = plain(url)
        self._pool: asyncpg.Pool | None = None
        self._customer = ""

    @property
    def pool(self) -> asyncpg.Pool:
        """The open pool."""
        if self._pool is None:
            raise RuntimeError(self.name)
        return self._pool

    async def open(self) -> None:
        """Connect and make the tables."""
        self._pool = await asyncpg.create_pool(self._url, min_size=16, max_size=16)
        for table in TABLES:
            await self.pool.execute(table)

    async def begin(self, customer: str, limit: int) -> None:
        """Make a customer with a limit."""
        self._customer = customer
        await self.pool.execute(BEGIN_CUSTOMER, customer, limit)

    async def take(self, key: str) -> bool:
        """Take one."""
        async with self.pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(KNOWN, key) is not None:
                return True
            if await connection.fetchval(TAKE, self._customer) is None:
                return False
            for statement in WRITES:
                await connection.execute(statement, key, self._customer)
            return True

    async def ledger(self) -> int:
        """Sum what was taken."""
        return int(await self.pool.fetchval(SUM, self._customer))

    async def close(self) -> None:
        """Disconnect."""
        if self._pool is not None:
            await self._pool.close()


class RawSQLite:
    """aiosqlite with one connection, synchronous=FULL, a transaction for each act."""

    name = "raw aiosqlite, one commit each"

    def __init__(self, url: str) -> None:
        """Nothing is opened yet."""
        self._file = f"{make_url(url).database}.raw"
        self._connection: aiosqlite.Connection | None = None
        self._turn = asyncio.Lock()
        self._customer = ""

    @property
    def connection(self) -> aiosqlite.Connection:
        """The open connection."""
        if self._connection is None:
            raise RuntimeError(self.name)
        return self._connection

    async def open(self) -> None:
        """Open a file beside the benchmark's and make the tables."""
        self._connection = await aiosqlite.connect(self._file, isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", *TABLES):
            await self.connection.execute(statement)

    async def begin(self, customer: str, limit: int) -> None:
        """Make a customer with a limit."""
        self._customer = customer
        await self.connection.execute(BEGIN_CUSTOMER, (customer, limit))

    async def take(self, key: str) -> bool:
        """Take one."""
        async with self._turn:
            await self.connection.execute("BEGIN IMMEDIATE")
            granted = await self._first(KNOWN, (key,)) is not None
            if not granted and await self._first(TAKE, (self._customer,)) is not None:
                granted = True
                for statement in WRITES:
                    await self.connection.execute(statement, (key, self._customer))
            await self.connection.execute("COMMIT")
            return granted

    async def ledger(self) -> int:
        """Sum what was taken."""
        found = await self._first(SUM, (self._customer,))
        return int(str(found))

    async def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            await self._connection.close()

    async def _first(self, statement: str, given: Sequence[object]) -> object:
        rows = list(await self.connection.execute_fetchall(statement, given))
        return rows[0][0] if rows else None
