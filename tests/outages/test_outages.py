"""A database that is down, slow, silent or gone in the middle: typed answers in time, and service soon afterwards.

`make outages` runs this with the settings as shipped and more rounds, and prints what it measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time

import pytest

from models.files import file_of
from models.postgresql import CONNECTIONS
from resolvers.context import UNREAD
from tests.outages.proxy import Proxy, Wire
from tests.outages.site import (
    COUNT,
    OF_DRIVERS,
    PATIENCE,
    PLACED,
    READ,
    ROUNDS,
    TYPED,
    WRITE,
    begun,
    site,
    tell,
)

UNCONFIRMED = "The store did not confirm this call: it may be done or not. Ask again under the same idempotency key."


@pytest.mark.postgres
@pytest.mark.parametrize("wire", [Wire.CUT, Wire.HOLE])
async def test_a_server_that_is_away_is_told_in_time_and_served_soon_after(postgresql_url: str, wire: Wire) -> None:
    key = await begun(postgresql_url)
    async with Proxy.before(postgresql_url) as proxy, site(proxy.url, key) as there:
        took = 0.0
        for number in range(2):
            await there.recovered(f"before-{number}")
            proxy.set(wire)
            await there.refused(f"during-{number}")
            assert await there.ready() == 503
            proxy.set(Wire.WHOLE)
            took = await there.recovered(f"after-{number}")
        tell(f"{wire.name}: slowest answer {there.slowest:.2f} s, recovered in {took:.2f} s")


@pytest.mark.postgres
async def test_a_server_that_is_slow_answers_late_or_is_told(postgresql_url: str) -> None:
    key = await begun(postgresql_url)
    async with Proxy.before(postgresql_url) as proxy, site(proxy.url, key) as there:
        await there.recovered("before")
        proxy.set(Wire.SLOW)
        asked = await asyncio.gather(there.ask(READ), *(there.ask(WRITE, key=f"w{i}", to="acme") for i in range(3)))
        proxy.set(Wire.WHOLE)
        took = await there.recovered("after")
        tell(f"SLOW: slowest answer {there.slowest:.2f} s, recovered in {took:.2f} s")

    assert [each.text for each in asked if not each.codes <= TYPED] == []
    assert max(each.seconds for each in asked) < PATIENCE


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("wire", "done", "told"),
    [(Wire.COMMIT_LOST, False, UNCONFIRMED), (Wire.ANSWER_LOST, True, UNCONFIRMED), (Wire.NEXT_LOST, True, UNREAD)],
)
async def test_a_commit_that_nobody_confirmed_is_neither_claimed_nor_denied(
    postgresql_url: str, wire: Wire, done: bool, told: str
) -> None:
    key = await begun(postgresql_url)
    async with Proxy.before(postgresql_url) as proxy, site(proxy.url, key) as there:
        await there.recovered("before")
        proxy.set(wire)
        uncertain = await there.ask(WRITE, key="one", to="new")
        proxy.set(Wire.WHOLE)
        await there.recovered("after")
        again = await there.ask(WRITE, key="one", to="new")
        customers = await there.ask(COUNT)

    said = uncertain.body["data"]["customerUpsert"]
    assert (said["code"], said["message"]) == ("TEMPORARILY_UNAVAILABLE", told)
    assert uncertain.seconds < PATIENCE
    assert again.body["data"]["customerUpsert"] == {"__typename": "CustomerUpserted", "replayed": done}
    found = [edge["node"]["externalId"] for edge in customers.body["data"]["customers"]["edges"]]
    assert sorted(found) == ["acme", "new"]


@pytest.mark.postgres
async def test_outage_after_outage_leaves_no_connection_behind(postgresql_url: str) -> None:
    key = await begun(postgresql_url)
    async with Proxy.before(postgresql_url) as proxy, site(proxy.url, key, database_wait_seconds=0.4) as there:
        for number in range(ROUNDS):
            asking = [asyncio.create_task(there.ask(READ)) for _ in range(2 * CONNECTIONS)]
            await asyncio.sleep(0.01)
            proxy.set(Wire.HOLE if number % 5 == 0 else Wire.CUT)
            await asyncio.gather(*asking)
            proxy.set(Wire.WHOLE)
        took = await there.recovered("after")
        together = await asyncio.gather(*(there.ask(READ) for _ in range(2 * CONNECTIONS)))
        tell(f"{ROUNDS} outages: recovered in {took:.2f} s, {proxy.open_calls} connections")

        assert [each.text for each in together if each.codes] == []
        assert proxy.open_calls <= 2 * CONNECTIONS + 1  # and that of the lookout


@pytest.mark.postgres
async def test_the_worker_goes_on_by_itself(postgresql_url: str) -> None:
    key = await begun(postgresql_url)
    working = {"worker_inside": True, "worker_idle_seconds": 0.05}
    async with Proxy.before(postgresql_url) as proxy, site(proxy.url, key, **working) as there:
        for wire in (Wire.CUT, Wire.HOLE):
            proxy.set(wire)
            await asyncio.sleep(1.0)
            proxy.set(Wire.WHOLE)
            await there.recovered(f"after-{wire.name}")
        await there.ask(WRITE, key="late", to="late")
        began = time.monotonic()
        while (await there.ask(PLACED)).text.count("customer.created") < 2:
            assert time.monotonic() - began < PATIENCE  # it may still be asking the silent one
            await asyncio.sleep(0.05)


async def test_a_sqlite_file_that_another_process_holds(sqlite_url: str) -> None:
    key = await begun(sqlite_url)
    async with site(sqlite_url, key) as there:
        await there.recovered("before")
        with contextlib.closing(sqlite3.connect(file_of(sqlite_url) or "", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            writes = await asyncio.gather(*(there.ask(WRITE, key=f"w{i}", to="acme") for i in range(4)))
            read = await there.ask(READ)
            assert await there.ready() == 200
            holder.execute("ROLLBACK")
        took = await there.recovered("after")
        tell(f"locked: slowest answer {there.slowest:.2f} s, recovered in {took:.2f} s")

    assert [each.text for each in writes if not each.codes or not each.codes <= TYPED] == []
    assert [each.text for each in writes if OF_DRIVERS.search(each.text)] == []
    assert max(each.seconds for each in writes) < PATIENCE
    assert read.body["data"] == {"customer": {"externalId": "acme"}}
