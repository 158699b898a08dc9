"""A served application whose database is in trouble, and somebody who asks it all the same."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

from models.session import Database
from tests.serving import served
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SHIPPED = bool(os.environ.get("PLANGATE_TEST_OUTAGES"))
"""As shipped, and in full."""
SHORT: dict[str, Any] = {"database_wait_seconds": 0.6, "limits": {"deadline_seconds": 1.2}, "shutdown_seconds": 3}
PATIENCE = 5.0 if SHIPPED else 2.2
"""Seconds within which everybody is answered."""
RECOVERY = 2.0
ROUNDS = 100 if SHIPPED else 25

READ = '{ customer(ref: {externalId: "acme"}) { externalId } }'
WRITE = """mutation($key: String!, $to: String!) {
  customerUpsert(input: {externalId: $to, name: "Acme", idempotencyKey: $key}) {
    __typename ... on CustomerUpserted { replayed } ... on UserError { code message } } }"""
COUNT = "{ customers(first: 100) { edges { node { externalId } } } }"
PLACED = "{ events(first: 100) { edges { node { type } } } }"
OF_DRIVERS = re.compile(
    r"asyncpg|psycopg|sqlalche|sqlite|aiosqlite|SELECT|UPDATE |INSERT|Errno|connection was|127\.0\.0\.1", re.IGNORECASE
)
TYPED = {"TEMPORARILY_UNAVAILABLE", "DEADLINE"}


@dataclass(slots=True)
class Asked:
    """An answer, and how long it took."""

    seconds: float
    status: int
    body: Any
    text: str

    @property
    def codes(self) -> set[str]:
        """The codes of what was refused."""
        found: Any = self.body.get("data") or {}
        upserted: dict[str, str] = found.get("customerUpsert") or {}
        told = {error["extensions"]["code"] for error in self.body.get("errors", [])}
        return told | ({upserted["code"]} if "code" in upserted else set[str]())


@dataclass
class Site:
    """A served application and somebody who asks it."""

    client: httpx2.AsyncClient
    slowest: float = 0.0

    async def ask(self, document: str, **variables: Any) -> Asked:
        """Ask once."""
        began = time.monotonic()
        response = await self.client.post("/graphql", json={"query": document, "variables": variables})
        asked = Asked(time.monotonic() - began, response.status_code, response.json(), response.text)
        self.slowest = max(self.slowest, asked.seconds)
        return asked

    async def refused(self, key: str) -> None:
        """Read and write while the store is away: typed, in time, and without a word of the driver's."""
        asked = await asyncio.gather(
            *(self.ask(READ) for _ in range(3)), *(self.ask(WRITE, key=f"{key}-{i}", to="acme") for i in range(3))
        )
        assert [each.text for each in asked if not each.codes or not each.codes <= TYPED] == []
        assert [each.text for each in asked if OF_DRIVERS.search(each.text)] == []
        assert max(each.seconds for each in asked) < PATIENCE

    async def ready(self) -> int:
        """What readiness says."""
        return (await self.client.get("/readyz")).status_code

    async def recovered(self, key: str) -> float:
        """Ask until a write is done, and say how long that took."""
        began = time.monotonic()
        while (asked := await self.ask(WRITE, key=key, to="acme")).codes:
            assert time.monotonic() - began < RECOVERY, asked.text
            await asyncio.sleep(0.05)
        assert await self.ready() == 200
        return time.monotonic() - began


@contextlib.asynccontextmanager
async def site(url: str, key: str, **wanted: Any) -> AsyncGenerator[Site, None]:
    """Serve the application, and be a merchant."""
    settings = ({} if SHIPPED else SHORT) | wanted
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        served(url, **settings) as address,
        httpx2.AsyncClient(base_url=address, headers=headers, timeout=20) as client,
    ):
        yield Site(client)


async def begun(url: str) -> str:
    """Make a world with a customer, and give its key."""
    database = Database(url)
    world = await World.begin(database)
    await world.subscribed("acme", "free")
    await database.close()
    return world.places["main"].secret


def tell(figures: str) -> None:
    """Print figures where they are asked for."""
    if SHIPPED:
        sys.stdout.write(f"\n{figures}\n")
