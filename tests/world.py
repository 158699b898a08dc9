"""A world for tests: an environment on a test clock with a real catalog, and a way to ask it over HTTP as anybody."""

from __future__ import annotations

import json
import os
import random
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import structlog

from billing.lifecycle import Channel
from models.choices import EnvironmentKind, KeyKind
from models.stores.environments import Environments
from plangate.auth import Doorkeeper
from plangate.catalog.reading import read_catalog
from plangate.clock import FixedClock
from plangate.contexts import Contexts
from plangate.execution.endpoint import GraphQLEndpoint
from plangate.execution.keeping import KeptAnswers
from plangate.execution.limits import ExecutionLimits
from plangate.ids import TimeOrderedIds
from plangate.secrets import InvoiceLinks, PreviewTokens, RealSecrets, Sealed
from plangate.tokens import RealTokens
from plangate.worker import Worker
from resolvers.api_key_create import ApiKeyCreate, create_key
from resolvers.catalog_apply import catalog_apply
from resolvers.context import Context, Settings
from resolvers.environment_create import EnvironmentCreate, environment_create
from resolvers.principal import Principal, PrincipalKind
from schema.build import schema
from tests.posting import posted
from tests.twins import TwinEndpoint

if TYPE_CHECKING:
    from billing.catalog.values import Catalog
    from models.session import Database
    from models.views import EnvironmentView
    from plangate.http.head import Head

CATALOG = Path(__file__).parent.parent / "examples" / "catalogs" / "code-hosting.yaml"
START = datetime(2024, 1, 1, tzinfo=UTC)
OWNER = Principal(PrincipalKind.SECRET, frozenset({"*"}))
TOKEN = """mutation($ref: CustomerRef!, $id: ID, $scopes: [String!]) {
  customerTokenCreate(input: {customer: $ref, subscriptionId: $id, scopes: $scopes}) {
    ... on CustomerTokenCreated { token } ... on UserError { code message } } }"""


@cache
def _catalog() -> Catalog:
    return read_catalog(CATALOG)


@cache
def _shared() -> GraphQLEndpoint:
    made = TwinEndpoint if os.environ.get("PLANGATE_TEST_TWINS") else GraphQLEndpoint
    log = structlog.get_logger("tests")
    return made(schema, _nobody, ExecutionLimits(deadline_seconds=30.0), page=None, log=log)


async def _nobody(head: Head) -> Context:
    raise AssertionError("Each world has a doorkeeper of its own.")


@dataclass
class Place:
    """One environment of the world and its secret key."""

    environment: EnvironmentView
    secret: str
    publishable: str


@dataclass
class World:
    """A database with environments, asked over HTTP through the real endpoint and doorkeeper."""

    database: Database
    clock: FixedClock
    contexts: Contexts
    places: dict[str, Place] = field(default_factory=dict[str, "Place"])
    keys: count[int] = field(default_factory=count)

    @classmethod
    async def begin(cls, database: Database, *, at: datetime = START, seed: int = 7) -> World:
        """Make a world with one environment `main` on a test clock."""
        clock = FixedClock(at)
        chance = random.Random(seed)
        contexts = Contexts(
            database,
            clock,
            TimeOrderedIds(clock, chance.getrandbits),
            RealSecrets(),
            RealTokens(Sealed("s" * 40)),
            InvoiceLinks("s" * 40),
            PreviewTokens("s" * 40),
            Settings(public_url="http://testserver"),
        )
        world = cls(database, clock, contexts)
        await world.settle("main", at)
        return world

    async def settle(self, key: str, at: datetime | None) -> Place:
        """Make an environment with the catalog and keys; `at` starts its test clock, None leaves it to the real one."""
        command = EnvironmentCreate(key, key.title(), EnvironmentKind.TEST, test_clock_at=at)
        environment = await environment_create(
            self.database,
            self.contexts.ids,
            self.contexts.tokens,
            command,
            at=self.clock.now(),
        )
        context = self.contexts.make(OWNER, environment, Channel.CLI)
        await catalog_apply(context, _catalog())
        secret = await create_key(context, ApiKeyCreate(KeyKind.SECRET, "tests", ("*",)))
        publishable = await create_key(context, ApiKeyCreate(KeyKind.PUBLISHABLE, "page"))
        self.places[key] = Place(environment, secret.secret or "", publishable.secret or "")
        return self.places[key]

    async def context(self, place: str = "main") -> Context:
        """Make the merchant's own context, at the environment's present."""
        async with self.database.reading() as connection:
            environment = await Environments(connection).by_key(place)
        return self.contexts.make(OWNER, environment)

    async def ask(self, document: str, *, key: str | None = None, place: str = "main", **variables: Any) -> Any:
        """Ask and answer `data`; errors of any kind fail the test."""
        answer = await self.post(document, key=key, place=place, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def post(self, document: str, *, key: str | None = None, place: str = "main", **variables: Any) -> Any:
        """Ask and answer the body without its cost; `key` None is the place's secret key, '' is nobody."""
        answer = await self.whole(document, key=key, place=place, **variables)
        answer.pop("extensions", None)
        return answer

    async def whole(self, document: str, *, key: str | None = None, place: str = "main", **variables: Any) -> Any:
        """Ask and answer the whole body."""
        return json.loads(await self.body(document, key=key, place=place, **variables))

    async def body(self, document: str, *, key: str | None = None, place: str = "main", **variables: Any) -> bytes:
        """Ask and give the bytes of the answer."""
        credential = self.places[place].secret if key is None else key
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        asked = {"query": document, "variables": variables}
        status, body = await posted(self.endpoint(), "/graphql", asked, headers)
        assert status < 500, body
        return body

    def client(self) -> httpx2.AsyncClient:
        """Make an HTTP client of the endpoint."""
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.endpoint()), base_url="http://testserver")

    def endpoint(self) -> GraphQLEndpoint:
        """Give the endpoint, made once; it plans with all others, because planning costs more than answering."""
        if not hasattr(self, "_endpoint"):
            self._endpoint = copy(_shared())
            self._endpoint._identify = Doorkeeper(self.contexts, None).identify
            self._endpoint._answers = KeptAnswers(self.database)
        return self._endpoint

    async def token(
        self,
        external_id: str,
        *,
        place: str = "main",
        subscription: str | None = None,
        scopes: list[str] | None = None,
    ) -> str:
        """Make a customer token."""
        made = await self.ask(TOKEN, place=place, ref={"externalId": external_id}, id=subscription, scopes=scopes)
        token: str = made["customerTokenCreate"]["token"]
        return token

    async def subscribed(self, external_id: str, plan: str, *, place: str = "main", **more: Any) -> str:
        """Make a customer with a subscription and answer the subscription's id."""
        made = await self.ask(SUBSCRIBED, place=place, external=external_id, first={"planId": plan, **more})
        upserted = made["customerUpsert"]
        assert upserted["__typename"] == "CustomerUpserted", upserted
        subscription: str = upserted["subscription"]["id"]
        return subscription

    async def advance(self, to: datetime | timedelta, *, place: str = "main") -> Any:
        """Move the environment's test clock."""
        if isinstance(to, timedelta):
            to = (await self.context(place)).at + to
        moved = await self.ask(ADVANCE, place=place, to=to.isoformat())
        return moved["testClockAdvance"]

    async def jump(self, to: datetime, *, place: str = "main") -> None:
        """Let time pass while no worker runs: the test clock stands at `to` and nothing was made permanent."""
        async with self.database.working() as session:
            await Environments(session).set_clock(self.places[place].environment.id, to, None)

    def worker(self) -> Worker:
        """Make a worker."""
        return Worker(self.database, self.clock, self.contexts.ids, idle_seconds=0.01)

    def fresh_key(self) -> str:
        """Make an idempotency key that was not used before."""
        return f"key-{next(self.keys)}"


SUBSCRIBED = """mutation($external: String!, $first: FirstSubscriptionInput!) {
  customerUpsert(input: {externalId: $external, subscription: $first}) {
    __typename
    ... on CustomerUpserted { subscription { id } }
    ... on UserError { code message field } } }"""
ADVANCE = """mutation($to: Instant!) { testClockAdvance(input: {to: $to}) {
  __typename ... on TestClockAdvanced { now target running } ... on UserError { code message } } }"""
