"""Whom the costs are measured on: a hundred customers who hold and used what such customers hold and use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.resolvers.scene import holder
from tests.world import CATALOG, START

if TYPE_CHECKING:
    from tests.resolvers.scene import Holder
    from tests.world import World

CUSTOMERS: Final = 100
REPORTS: Final = 10
FEATURES: Final = ("lfs_bandwidth", "lfs_storage", "actions_minutes")
ORDERS: Final = ("CREATED_DESC", "CREATED_ASC", "PERIOD_END_ASC", "PERIOD_END_DESC")
SECOND: Final = """mutation($input: SubscriptionCreateInput!) { subscriptionCreate(input: $input) {
  __typename ... on UserError { code message } } }"""
GRANT: Final = """mutation($input: GrantCreateInput!) { grantCreate(input: $input) {
  __typename ... on UserError { code message } } }"""
OVERRIDE: Final = """mutation($input: OverrideSetInput!) { overrideSet(input: $input) {
  __typename ... on UserError { code message } } }"""
RESERVE: Final = """mutation($input: EntitlementReserveInput!) { entitlementReserve(input: $input) {
  __typename ... on UserError { code message } } }"""
REPORT: Final = """mutation($input: UsageReportManyInput!) { usageReportMany(input: $input) {
  ... on UsageManyReported { results { __typename ... on UserError { code message } } } ... on UserError { code } } }"""
KNOWN: Final = """{ customers(first: 100) { edges { node { id subscriptions { edges { node { id } } } } } }
  plans(addOns: true) { id key } features { id key } }"""
MONTHLY: Final[dict[str, Any]] = {"planId": "team", "currency": "USD", "interval": {"unit": "MONTH"}}


@dataclass(frozen=True)
class People:
    """A populated world: the ids that documents ask about."""

    world: World
    held: Holder
    customers: list[str]
    subscriptions: list[str]
    plans: list[str]
    features: list[str]

    @property
    def nodes(self) -> list[str]:
        """Objects of many kinds, each of another kind than the next."""
        held = self.held
        one_each = (held.grant, held.override, held.record, held.event, held.reservation, held.job, held.change)
        several = zip(
            self.customers, self.subscriptions, self.plans * CUSTOMERS, self.features * CUSTOMERS, strict=False
        )
        return [*one_each, *(each for four in several for each in four)]

    def named(self, number: int, first: int) -> dict[str, object]:
        """Fill the places of arguments: another thing for each number."""
        return {
            "first": first,
            "few": min(first, 50),
            "customer": _of(self.customers, number),
            "subscription": _of(self.subscriptions, number),
            "cancelling": self.held.cancelling,
            "plan": _of(self.plans, number),
            "feature": _of(FEATURES, number),
            "node": _of(self.nodes, number),
            "order": _of(ORDERS, number),
            "instant": (START + timedelta(days=1, minutes=number)).isoformat(),
            "day": START.isoformat(),
            "tomorrow": (START + timedelta(days=30, hours=number)).isoformat(),
            "catalog": json.dumps(CATALOG.read_text()),
        }


async def people(world: World, customers: int = CUSTOMERS) -> People:
    """Fill a world."""
    held = await holder(world, "main", "acme")
    for number in range(customers):
        await _one(world, f"customer-{number}")
    await world.advance(timedelta(days=2))
    known = await world.ask(KNOWN)
    found = [each["node"] for each in known["customers"]["edges"]]
    return People(
        world,
        held,
        customers=[each["id"] for each in found],
        subscriptions=[one["node"]["id"] for each in found for one in each["subscriptions"]["edges"]],
        plans=[each["id"] for each in known["plans"]],
        features=[each["id"] for each in known["features"]],
    )


async def _one(world: World, name: str) -> None:
    """Make a customer with two subscriptions, a grant, an override, a reservation and usage."""
    await world.subscribed(name, "team", **{each: what for each, what in MONTHLY.items() if each != "planId"})
    whose = {"customer": {"externalId": name}}
    await _done(world, SECOND, **whose, **MONTHLY, resourceId="b")
    about = {**whose, "feature": "lfs_bandwidth", "resource": "b"}
    await _done(world, GRANT, **about, amount="5")
    await _done(world, OVERRIDE, **about, limit="100")
    await _done(world, RESERVE, **about, amount="1", idempotencyKey=name)
    reports = [{**about, "value": "1", "idempotencyKey": f"{name} {each}"} for each in range(REPORTS)]
    told = await _done(world, REPORT, reports=reports)
    assert {each["__typename"] for each in told["results"]} == {"UsageReported"}, told


async def _done(world: World, document: str, **input_: Any) -> Any:
    (answered,) = (await world.ask(document, input=input_)).values()
    assert "code" not in answered, answered
    return answered


def _of(values: Any, number: int) -> Any:
    return values[number % len(values)]
