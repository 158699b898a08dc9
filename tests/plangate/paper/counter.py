"""A world with an invoice of a German customer, and the doors to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
from starlette.applications import Starlette

from models.tables.base import table
from models.tables.environment import EnvironmentRow
from plangate.paper.routes import routes
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

MONTHLY: dict[str, Any] = {"currency": "EUR", "interval": {"unit": "MONTH"}}
SITE = "http://testserver"
INVOICES = """query($of: ID!) { invoices(filter: {subscriptionId: $of}) {
  edges { node { id number status hostedUrl pdfUrl } } } }"""
BUYER = """mutation($input: CustomerUpsertInput!) { customerUpsert(input: $input) { __typename } }"""
SELLER = {"name": "Nordwind GmbH", "address": ["Hafenstraße 1"], "country": "DE", "tax_id": "DE123456789"}


@dataclass
class Counter:
    """A world with an invoice of a German customer, and the doors to it."""

    world: World
    subscription: str

    @classmethod
    async def begin(cls, database: Database) -> Counter:
        world = await World.begin(database)
        policy = {"seller": SELLER, "taxes": [{"name": "USt", "rate": "19", "country": "DE"}]}
        async with database.working() as session:
            await session.execute(table(EnvironmentRow).update().values(billing=policy))
        await world.ask(
            BUYER,
            input={
                "externalId": "acme",
                "name": "Acme AG",
                "country": "DE",
                "locale": "de",
                "address": {"line1": "Hauptstraße 5", "postalCode": "50667", "city": "Köln"},
                "taxIds": [{"type": "eu_vat", "value": "DE987654321"}],
            },
        )
        subscription = await world.subscribed("acme", "team", quantity=5, **MONTHLY)
        return cls(world, subscription)

    async def invoice(self) -> dict[str, Any]:
        """The latest invoice."""
        found = await self.world.ask(INVOICES, of=self.subscription)
        node: dict[str, Any] = found["invoices"]["edges"][0]["node"]
        return node

    async def link(self) -> str:
        """The path of its page."""
        url: str = (await self.invoice())["hostedUrl"]
        assert url.startswith(f"{SITE}/invoices/inv_"), url
        return url.removeprefix(SITE)

    async def get(self, path: str, method: str = "GET") -> httpx2.Response:
        """Open a path, with no cookie and no key."""
        app = Starlette(routes=list(routes(self.world.contexts)))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE) as client:
            return await client.request(method, path)
