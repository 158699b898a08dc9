"""Consuming by hand, durable: `python -m benchmarks.peers.raw_consuming FILE PORT`, one commit for each request.

Everything of a request crosses to the connection's thread once: the bearer key, the idempotency key, the guarded
counter, the ledger, an event, COMMIT. No plans, grants or overrides are read: a floor, as in `benchmarks/raw.py`.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import aiosqlite
import orjson

from benchmarks.peers.reading import CACHED, Refused
from benchmarks.peers.serving import application, served
from benchmarks.peers.statements import KEY
from benchmarks.raw import KNOWN, TABLES, TAKE, WRITES

if TYPE_CHECKING:
    import sqlite3

    from benchmarks.peers.serving import Ask

BEGUN = """INSERT INTO raw_counter SELECT external_id, 0, 1000000 FROM estate.customer WHERE true
  ON CONFLICT DO NOTHING"""


def consuming(file: str) -> Ask:
    """Take one for each request."""
    held: list[Any] = []

    async def ask(_path: str, secret: str, body: bytes) -> bytes:
        if not held:
            held.append(await _opened(file))
        about = orjson.loads(body)
        driver = held[0]
        taken: int = await driver._execute(_taken, driver._conn, secret, about["customer"]["externalId"], about["key"])  # noqa: SLF001  (as in raw.py)
        return orjson.dumps({"data": {"entitlementConsume": {"__typename": "EntitlementGranted", "used": str(taken)}}})

    return ask


def _taken(connection: sqlite3.Connection, secret: str, customer: str, key: str) -> int:
    run = connection.execute
    run("BEGIN IMMEDIATE")
    try:
        if run(KEY, (sha256(secret.encode()).hexdigest(),)).fetchone() is None:
            raise Refused
        if run(KNOWN, (key,)).fetchone() is not None:
            return 0
        taken = run(TAKE, (customer,)).fetchone()
        if taken is None:
            raise Refused
        for statement in WRITES:
            run(statement, (key, customer))
        return int(taken[0])
    finally:
        run("COMMIT")


async def _opened(file: str) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(f"{file}.raw", isolation_level=None, cached_statements=CACHED)
    await connection.execute(f"ATTACH '{file}' AS estate")
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
        await connection.execute(statement)
    for table in TABLES:
        await connection.execute(table.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
    await connection.execute(BEGUN)
    return connection


if __name__ == "__main__":
    served(application(consuming(sys.argv[1])), int(sys.argv[2]))
