"""What GraphQL costs beside the same reads without it: `python -m benchmarks.reads`.

An entitlement check, a portal's document and a catalogue are asked of the endpoint, compiled and interpreted, and of
the same resolvers by hand, with the credential looked up each time: same database, same statements, same JSON. No HTTP
server is between: requests go to the ASGI application. The ways take turns; their answers are compared first.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from benchmarks.ground import ground, machine, postgresql, postgresql_version, spread, sqlite
from billing.amounts import format_amount
from billing.calendar import Interval, IntervalUnit
from models.choices import SubscriptionOrder
from plangate.auth import Doorkeeper
from plangate.execution.endpoint import GraphQLEndpoint
from plangate.execution.limits import ExecutionLimits
from plangate.http.head import Head
from resolvers.catalog import gives_of, plans, prices_of
from resolvers.customer_upsert import CustomerUpsert, upsert
from resolvers.customers import customer
from resolvers.entitlements import entitlement
from resolvers.inputs import CustomerRef, PageOf
from resolvers.invoices import InvoiceFilter, invoices
from resolvers.loaders import OfVersion
from resolvers.subscription_create import SubscriptionCreate, create
from resolvers.subscriptions import SubscriptionFilter, subscriptions
from schema.build import schema

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from graphql import OperationDefinitionNode

    from benchmarks.ground import Ground
    from plangate.execution.documents import Document
    from plangate.execution.measure import Measure
    from plangate.execution.plans import Plan
    from resolvers.context import Context

FEATURE = "lfs_bandwidth"
CHECK = """query($c: CustomerRef!, $f: String!) { entitlement(customer: $c, feature: $f) {
  ... on Entitlement { hasAccess used limit } } }"""
PORTAL = """query($c: CustomerRef!) {
  customer(ref: $c) { id externalId }
  subscriptions(filter: {customer: $c}, first: 2) { edges { node { id status plan { key name } } } }
  invoices(filter: {customer: $c}, first: 5) { edges { node { id number status } } } }"""
CATALOGUE = "{ plans { key name prices { key currency } entitlements { granted feature { key } } } }"


class Interpreting(GraphQLEndpoint):
    """The endpoint with graphql-core for every operation."""

    def _made(self, document: Document, operation: OperationDefinitionNode, measure: Measure) -> Plan:
        return self._interpreted(document, operation, measure)


@dataclass(frozen=True, slots=True)
class Way:
    """A question asked in one way: its `data` as JSON."""

    name: str
    ask: Callable[[str], Awaitable[Any]]


async def check(ctx: Context, named: str) -> Any:  # noqa: ANN401  (JSON)
    """Check an entitlement, as a handler without GraphQL would."""
    found = await entitlement(ctx, CustomerRef(external_id=named), FEATURE)
    decision, scale = found.decision, found.feature.scale if found.feature else 0
    limit = None if decision.limit is None else format_amount(decision.limit, scale)
    told = {"hasAccess": decision.has_access, "used": format_amount(decision.used or 0, scale), "limit": limit}
    return {"entitlement": told}


async def portal(ctx: Context, named: str) -> Any:  # noqa: ANN401  (JSON)
    """Put a portal's document together by hand."""
    ref = CustomerRef(external_id=named)
    who, held, billed = await asyncio.gather(
        customer(ctx, ref),
        subscriptions(ctx, SubscriptionFilter(customer=ref), SubscriptionOrder.CREATED_DESC, PageOf(2)),
        invoices(ctx, InvoiceFilter(customer=ref), PageOf(5)),
    )
    subscribed, sent = [view for _, view in held.rows], [view for _, view in billed.rows]
    of = await asyncio.gather(
        *(ctx.loaders.plan_version.load(OfVersion(each.facts.plan_version_id)) for each in subscribed)
    )
    nodes: list[Any] = [
        {"id": each.id, "status": each.facts.status.name, "plan": {"key": plan.key, "name": plan.name}}
        for each, plan in zip(subscribed, of, strict=True)
        if plan is not None
    ]
    return {
        "customer": {"id": who.id, "externalId": who.external_id} if who else None,
        "subscriptions": {"edges": [{"node": each} for each in nodes]},
        "invoices": {
            "edges": [{"node": {"id": each.id, "number": each.number, "status": each.status.name}} for each in sent]
        },
    }


async def catalogue(ctx: Context, _named: str) -> Any:  # noqa: ANN401  (JSON)
    """Put the catalogue together by hand."""
    listed = await plans(ctx)
    prices, gives = await asyncio.gather(
        prices_of(ctx, listed, frozenset({"key", "currency"})),
        gives_of(ctx, listed, frozenset({"granted", "feature.key"})),
    )
    return {
        "plans": [
            {
                "key": plan.key,
                "name": plan.name,
                "prices": [{"key": price.key, "currency": price.currency} for price in priced],
                "entitlements": [
                    {"granted": each.give.granted, "feature": {"key": each.feature.key}} for each in given
                ],
            }
            for plan, priced, given in zip(listed, prices, gives, strict=True)
        ]
    }


QUESTIONS = {"A, check": (CHECK, check), "B, portal": (PORTAL, portal), "C, catalogue": (CATALOGUE, catalogue)}


def over_graphql(at: Ground, endpoint: GraphQLEndpoint, document: str) -> Callable[[str], Awaitable[Any]]:
    """Ask the endpoint as a server would hand it a request."""
    headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer " + at.key.encode())]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b"", "path": "/graphql"}

    async def ask(named: str) -> bytes:
        variables: dict[str, object] = {"c": {"externalId": named}, "f": FEATURE}
        used = {name: given for name, given in variables.items() if f"${name}:" in document}
        body = orjson.dumps({"query": document, "variables": used})
        answered: list[bytes] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:  # noqa: ANN401  (an ASGI message)
            return waiting.pop() if waiting else await asyncio.Event().wait()

        async def send(message: Any) -> None:  # noqa: ANN401  (as above)
            if message["type"] == "http.response.body":
                answered.append(message["body"])

        await endpoint(scope, receive, send)
        return answered[0]

    return ask


def by_hand(
    at: Ground, doorkeeper: Doorkeeper, answer: Callable[[Context, str], Awaitable[Any]]
) -> Callable[[str], Awaitable[Any]]:
    """Ask without GraphQL: the credential, the reads, the JSON."""
    head = Head([(b"authorization", b"Bearer " + at.key.encode())])

    async def ask(named: str) -> bytes:
        ctx = await doorkeeper.identify(head)
        return orjson.dumps({"data": await answer(ctx, named)})

    return ask


async def peopled(at: Ground, customers: int) -> list[str]:
    """Subscribe so many customers."""
    names = [f"customer {number}" for number in range(customers)]
    monthly = Interval(IntervalUnit.MONTH)
    for name in names:
        await upsert(at.call(), CustomerUpsert(external_id=name))
        await create(
            at.call(), SubscriptionCreate(CustomerRef(external_id=name), "team", currency="USD", interval=monthly)
        )
    return names


async def rate(way: Way, names: list[str], asks: int, at_once: int) -> float:
    """Ask so often with so many at once; how many were answered a second."""
    waiting = iter(range(asks))

    async def client() -> None:
        for number in waiting:
            await way.ask(names[number % len(names)])

    began = perf_counter()
    await asyncio.gather(*(client() for _ in range(at_once)))
    return asks / (perf_counter() - began)


async def compared(kind: str, at: Ground, chosen: argparse.Namespace) -> None:
    """Print the rows of one database."""
    names = await peopled(at, chosen.customers)
    doorkeeper, log = Doorkeeper(at.contexts, None), structlog.get_logger("bench")
    limits = ExecutionLimits(deadline_seconds=60.0)
    compiled = GraphQLEndpoint(schema, doorkeeper.identify, limits, page=None, log=log)
    interpreted = Interpreting(schema, doorkeeper.identify, limits, page=None, log=log)
    for name, (document, answer) in QUESTIONS.items():
        ways = [
            Way("no GraphQL", by_hand(at, doorkeeper, answer)),
            Way("compiled", over_graphql(at, compiled, document)),
            Way("interpreted", over_graphql(at, interpreted, document)),
        ]
        for _ in range(3):  # what is asked again is compiled
            said = [orjson.loads(await way.ask(names[0]))["data"] for way in ways]
            if said != said[:1] * len(said):
                sys.exit(f"{name}: the ways answer differently: {said}")
        rates: dict[str, list[float]] = {way.name: [] for way in ways}
        for _ in range(chosen.rounds):
            for way in ways:
                rates[way.name].append(await rate(way, names, chosen.asks, chosen.at_once))
        floor = statistics.median(rates["no GraphQL"])
        for how, found in rates.items():
            print(f"| {kind} | {name} | {how} | {spread(found)} | {statistics.median(found) / floor:.2f} |")


async def main(chosen: argparse.Namespace) -> None:
    """Print the table."""
    print(
        f"{machine()}; {chosen.rounds} rounds of {chosen.asks}, {chosen.at_once} at once, {chosen.customers} customers"
    )
    print("\n| database | asked | way | a second: median (least to most) | ratio to no GraphQL |")
    print("|---|---|---|--:|--:|")
    with sqlite() as url:
        async with ground(url) as at:
            await compared("SQLite", at, chosen)
    with postgresql() as url:
        async with ground(url) as at:
            await compared("PostgreSQL", at, chosen)
        print(f"\n{await postgresql_version(url)}; SQLite WAL, synchronous=FULL")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--asks", type=int, default=400, help="how often each is asked in a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that the ways take turns in")
    parser.add_argument("--at-once", type=int, default=8, help="clients at once")
    parser.add_argument("--customers", type=int, default=200, help="customers with a subscription each")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(options()))
