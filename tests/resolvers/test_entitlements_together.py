"""What is decided about many customers together is what is decided about each alone, and anew after an act."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from plangate.catalog.reading import parse_catalog
from resolvers.catalog_apply import catalog_apply
from tests.scenarios.metered import CATALOG
from tests.world import START, World

if TYPE_CHECKING:
    from models.session import Database

TOLD = """featureKey resource hasAccess reason used limit remaining reserved allowanceLeft unlimited overBy
  windowStart resetsAt validUntil at explain { rule }"""
TOGETHER = f"""query($at: Instant, $features: [String!]) {{ customers {{ edges {{ node {{
  id entitlements(at: $at, features: $features) {{ {TOLD} }} }} }} }} }}"""
ALONE = f"""query($of: CustomerRef!, $feature: String!, $resource: String, $at: Instant) {{
  entitlement(customer: $of, feature: $feature, resource: $resource, at: $at) {{
    ... on Entitlement {{ {TOLD} }} }} }}"""
HERE = "{ subscriptions { edges { node { customer { id } resourceId entitlements { featureKey resource used } } } } }"
WHOSE = """query($of: CustomerRef!, $resource: String) {
  entitlements(customer: $of, resource: $resource) { featureKey resource used } }"""
MUTATION = "mutation($input: %sInput!) { %s(input: $input) { __typename ... on UserError { code message } } }"
MONTHLY: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}}


async def act(world: World, name: str, **input_: Any) -> None:
    """Do something that is not refused."""
    document = MUTATION % (f"{name[0].upper()}{name[1:]}", name)
    answered = (await world.ask(document, input=input_))[name]
    assert "code" not in answered, answered


async def used(world: World, customer: str, feature: str, amount: str, act_: str = "entitlementConsume") -> None:
    """Consume or reserve."""
    about: dict[str, Any] = {"customer": {"externalId": customer}, "feature": feature, "amount": amount}
    await act(world, act_, **about, idempotencyKey=world.fresh_key())


@pytest.fixture
async def world(database: Database) -> World:
    """Customers with windows of their own: rolled over, granted, overridden, reserved, of several resources."""
    made = await World.begin(database)
    await catalog_apply(await made.context(), parse_catalog(CATALOG.encode()))
    for number, (plan, quantity) in enumerate((("small", 1), ("soft", 2), ("small", 3), ("plain", 1), ("team", 1))):
        name = f"c{number}"
        await made.subscribed(name, plan, quantity=quantity, **MONTHLY)
        await used(made, name, "calls" if plan != "team" else "lfs_bandwidth", str(number + 3))
        await made.advance(timedelta(days=3, hours=number))
    about = {"customer": {"externalId": "c0"}, "feature": "calls"}
    await act(made, "grantCreate", **about, amount="5", priority=1)
    await act(made, "grantCreate", **{**about, "customer": {"externalId": "c2"}}, amount="4")
    await act(made, "overrideSet", **{**about, "customer": {"externalId": "c3"}}, limit="100")
    await act(made, "subscriptionCreate", customer={"externalId": "c4"}, planId="team", resourceId="b", **MONTHLY)
    await made.advance(timedelta(days=31))
    for name in ("c0", "c1", "c2", "c3"):
        await used(made, name, "calls", "2")
        await used(made, name, "calls", "1", "entitlementReserve")
    await act(made, "overrideClear", **{**about, "customer": {"externalId": "c3"}})
    return made


async def test_many_are_decided_as_each_alone_at_every_instant(world: World) -> None:
    present = (await world.context()).at
    instants = [None, *(START + timedelta(days=day, seconds=1) for day in (2, 14, 33, 46)), present]
    seen: list[Any] = []
    for at in [*instants, present + timedelta(days=70)]:
        moment = None if at is None else at.isoformat()
        for features in (None, ["calls", "lfs_bandwidth"]):
            page = (await world.ask(TOGETHER, at=moment, features=features))["customers"]["edges"]
            assert len(page) == 5
            for each in (edge["node"] for edge in page):
                for told in each["entitlements"]:
                    if features is None and told["featureKey"] != "lfs_storage":
                        continue
                    about: dict[str, Any] = {"feature": told["featureKey"], "resource": told["resource"], "at": moment}
                    alone = (await world.ask(ALONE, of={"id": each["id"]}, **about))["entitlement"]
                    assert told == alone
                    seen.append(told)
    assert len(seen) > 70
    for name in ("used", "reserved", "allowanceLeft", "limit"):
        assert len({told[name] for told in seen}) >= 2, name


async def test_those_of_subscriptions_are_those_of_their_resources(world: World) -> None:
    for edge in (await world.ask(HERE))["subscriptions"]["edges"]:
        held = edge["node"]
        asked = {"of": held["customer"], "resource": held["resourceId"]}
        assert held["entitlements"] == (await world.ask(WHOSE, **asked))["entitlements"]


async def test_what_is_asked_after_an_act_of_the_same_document_is_read_again(world: World) -> None:
    grant = """%s: grantCreate(input: {customer: {externalId: "c0"}, feature: "calls", amount: "1"}) {
      ... on GrantCreated { grant { customer { entitlements(features: ["calls"]) { remaining }
        subscriptions { edges { node { entitlements { featureKey remaining } } } } } } } }"""
    answered = await world.ask(f"mutation {{ {grant % 'first'} {grant % 'second'} }}")

    left = [answered[name]["grant"]["customer"]["entitlements"][0]["remaining"] for name in ("first", "second")]
    assert int(left[1]) == int(left[0]) + 1
