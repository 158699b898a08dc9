"""A list of many needs as many statements as a list of few: what is nested is read together."""

from __future__ import annotations

import gc
from asyncio import gather
from typing import TYPE_CHECKING, Any

import pytest

from models.snapshots import Snapshots
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

FEW, MANY = 2, 9
CUSTOMERS = "query($n: Int!) { customers(first: $n) { edges { node { id %s } } } }"
SUBSCRIPTIONS = "query($n: Int!) { subscriptions(first: $n) { edges { node { id %s } } } }"
ACTIONS = "availableActions { kind enabled reasonCode label url }"
PLAN = "plan { key product { key plans { key } } prices { currency } entitlements { feature { key } limit } }"
DOCUMENTS = {
    "subscriptions of customers": CUSTOMERS % f"subscriptions(first: 3) {{ edges {{ node {{ {PLAN} {ACTIONS} }} }} }}",
    "grants of customers": CUSTOMERS % "grants { feature { key } amount customer { name } }",
    "grants of a feature": CUSTOMERS % 'grants(feature: "lfs_bandwidth", ended: true) { id }',
    "overrides of customers": CUSTOMERS % "overrides { feature { key } limit unlimited }",
    "plans of subscriptions": SUBSCRIPTIONS % PLAN,
    "items of subscriptions": SUBSCRIPTIONS % "items { plan { key } price { currency } } addOns { plan { key } }",
    "changes of subscriptions": SUBSCRIPTIONS % "scheduledChanges { plan { key } subscription { id } }",
    "actions of subscriptions": SUBSCRIPTIONS % ACTIONS,
    "customers of subscriptions": SUBSCRIPTIONS % "customer { name } product { name defaultPlan { key } }",
    "entitlements of customers": CUSTOMERS % "entitlements { featureKey used limit remaining hasAccess }",
    "entitlements then": CUSTOMERS % 'entitlements(at: "2024-01-01T00:00:01Z", features: ["lfs_bandwidth"]) { used }',
    "entitlements of subscriptions": SUBSCRIPTIONS % "entitlements { featureKey used explain { rule } }",
    "add-ons of plans": SUBSCRIPTIONS % "plan { addOns { key prices { currency } } includes { key } }",
}


@pytest.fixture
async def world(database: Database) -> World:
    """Nine customers with a subscription each; nothing is answered from memory."""
    database.snapshots = Snapshots(0, database._store, database.asked)
    made = await World.begin(database)
    for number in range(MANY):
        await made.subscribed(f"c{number}", "team", currency="USD", interval={"unit": "MONTH"}, quantity=2)
    return made


def heard(database: Database) -> list[str]:
    """Every statement from now on."""
    statements: list[str] = []
    database.heard_by(statements.append)
    return statements


async def test_a_list_of_many_takes_no_more_statements_than_one_of_few(world: World) -> None:
    statements = heard(world.database)
    counted: dict[str, list[int]] = {}
    for name, document in DOCUMENTS.items():
        for first in (FEW, MANY):
            statements.clear()
            answer = await world.ask(document, n=first)
            (page,) = answer.values()
            assert len(page["edges"]) == first
            counted.setdefault(name, []).append(len(statements))

    assert {name: few for name, (few, _) in counted.items()} == {name: many for name, (_, many) in counted.items()}
    assert max(many for _, many in counted.values()) <= 30
    assert max(many for name, (_, many) in counted.items() if "entitlements" in name) <= 21


async def test_many_scheduled_changes_take_no_more_statements_than_one(world: World) -> None:
    statements, counted = heard(world.database), list[int]()
    ids: list[str] = []
    for number in range(MANY):
        held = (await world.ask(HELD, of=f"c{number}"))["subscriptions"]["edges"][0]["node"]["id"]
        made = await world.ask(FEWER, input={"subscriptionId": held, "quantity": 1, "timing": "END_OF_PERIOD"})
        ids.append(made["subscriptionChange"]["change"]["id"])
    for wanted in (ids[:1], ids):
        context = await world.context()
        statements.clear()
        found = await gather(*(context.loaders.change.load(each) for each in wanted))
        counted.append(len(statements))
        assert [each and each.id for each in found] == wanted

    assert counted[0] == counted[1]


async def test_a_consumption_takes_three_statements_to_decide_or_two_and_one_for_each_table_that_it_writes(
    world: World,
) -> None:
    """What stands is read where another program, or another act, wrote about the customer since the last."""
    statements, taken = heard(world.database), list[list[str]]()
    asked = {"customer": {"externalId": "c1"}, "feature": "lfs_bandwidth"}
    for name in ("", "Another", ""):
        if name:
            await world.ask(RENAME, name=name)
        statements.clear()
        told = await world.ask(CONSUME, input={**asked, "idempotencyKey": world.fresh_key()})
        assert told["entitlementConsume"]["__typename"] == "EntitlementGranted"
        taken.append([" ".join(each.replace('"', "").split()[:3]) for each in statements])

    _, first, again = taken
    assert again == [each for each in first if each != "WITH asked AS"]
    assert first[:5] == [
        "SELECT api_key.id AS",
        "SELECT environment.clock_at, environment.clock_target",
        "SELECT CAST(json_extract(refs_rows.value, '$[0]')"
        if world.database.sqlite
        else "SELECT CAST((refs_rows.value ->>",
        "SELECT idempotency.mutation, idempotency.principal,",
        "WITH asked AS",
    ]
    assert again[4:] == [
        "INSERT INTO idempotency",
        "INSERT INTO usage",
        "UPDATE balance SET",
        "INSERT INTO event",
        "UPDATE sequence SET",
        "COMMIT",
    ]


HELD = """query($of: String!) { subscriptions(filter: {customer: {externalId: $of}}) { edges { node { id } } } }"""
FEWER = """mutation($input: SubscriptionChangeInput!) { subscriptionChange(input: $input) {
  ... on SubscriptionChanged { change { id } } ... on UserError { code message } } }"""


async def test_pages_that_are_read_together_are_those_that_are_read_alone(world: World) -> None:
    for resource in ("b", "c", "d"):
        await world.ask(CREATE, input=_another("c1", resource))
    seen = 0
    for by in ("CREATED_ASC", "CREATED_DESC", "PERIOD_END_ASC", "PERIOD_END_DESC"):
        after: str | None = None
        for _ in range(2):
            found: list[Any] = (await world.ask(NESTED, by=by, after=after))["customers"]["edges"]
            for each in found:
                expected = await world.ask(ALONE, of=each["node"]["id"], by=by, after=after)
                assert each["node"]["subscriptions"] == expected["subscriptions"]
                seen += len(each["node"]["subscriptions"]["edges"])
            after = next(
                each["node"]["subscriptions"]["pageInfo"]["endCursor"]
                for each in found
                if each["node"]["subscriptions"]["pageInfo"]["hasNextPage"] or after
            )
    assert seen > 4 * MANY


FOUND = "edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor }"
NESTED = f"""query($by: SubscriptionOrder!, $after: String) {{ customers {{ edges {{ node {{
  id subscriptions(first: 2, orderBy: $by, after: $after) {{ {FOUND} }} }} }} }} }}"""
ALONE = f"""query($of: ID!, $by: SubscriptionOrder!, $after: String) {{
  subscriptions(filter: {{customer: {{id: $of}}}}, first: 2, orderBy: $by, after: $after) {{ {FOUND} }} }}"""
CREATE = """mutation($input: SubscriptionCreateInput!) { subscriptionCreate(input: $input) {
  ... on SubscriptionCreated { subscription { id } } ... on UserError { code } } }"""


def _another(customer: str, resource: str) -> dict[str, Any]:
    terms: dict[str, Any] = {"planId": "team", "currency": "USD", "interval": {"unit": "MONTH"}}
    return {"customer": {"externalId": customer}, "resourceId": resource, **terms}


CHECK = """query($of: String!) { entitlement(customer: {externalId: $of}, feature: "lfs_bandwidth") {
  ... on Entitlement { hasAccess used limit reason } } }"""
PORTAL = """query($of: String!) {
  customer(ref: {externalId: $of}) { id externalId }
  subscriptions(filter: {customer: {externalId: $of}}, first: 2) { edges { node { id status plan { key name } } } }
  entitlements(customer: {externalId: $of}) { featureKey hasAccess used limit }
  invoices(filter: {customer: {externalId: $of}}, first: 5) { edges { node { id number status } } } }"""
CATALOGUE = "{ plans { key name prices { key currency } entitlements { granted feature { key } } } }"
RENAME = """mutation($name: String) { customerUpsert(input: {externalId: "c1", name: $name}) { __typename } }"""
CONSUME = """mutation($input: EntitlementConsumeInput!) { entitlementConsume(input: $input) { __typename } }"""
GRANT = """mutation($input: GrantCreateInput!) { grantCreate(input: $input) { __typename } }"""
SAVED = {
    "a check where nothing was used": (CHECK, "c0", 2),
    "a check where something was used": (CHECK, "c1", 2),
    "a check where something was granted": (CHECK, "c2", 4),
    "a check of nobody": (CHECK, "nobody", 2),
    "a portal's document": (PORTAL, "c1", 12),
    "a catalogue": (CATALOGUE, None, 5),
}
"""What a saved document may take, one of them for its credential."""
ANEW = {"a check where something was granted": 1}
"""So many PostgreSQL is asked again, where one statement was expected to do."""


async def test_saved_documents_take_no_more_statements_than_they_are_to(world: World) -> None:
    named = {"feature": "lfs_bandwidth", "amount": "1", "idempotencyKey": "k"}
    await world.ask(CONSUME, input={**named, "customer": {"externalId": "c1"}})
    await world.ask(GRANT, input={**named, "customer": {"externalId": "c2"}, "reason": "goodwill"})
    statements = heard(world.database)
    taken: dict[str, int] = {}
    for name, (document, customer, _) in SAVED.items():
        statements.clear()
        await world.ask(document, **({"of": customer} if customer else {}))
        taken[name] = len(statements)

    anew = {} if world.database.sqlite else ANEW
    assert taken == {name: most + anew.get(name, 0) for name, (_, _, most) in SAVED.items()}


OURS = frozenset({"billing", "models", "resolvers", "schema", "plangate"})


async def test_a_request_leaves_nothing_for_the_collector_of_garbage(world: World) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        *((document, {"of": customer} if customer else {}) for document, customer, _ in SAVED.values()),
        (NESTED, {"by": "CREATED_ASC"}),
    ]
    for _ in range(3):
        for document, variables in asked:
            await world.ask(document, **variables)
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for document, variables in asked:
            await world.ask(document, **variables)
        gc.collect()
        left = {type(each).__qualname__ for each in gc.garbage if type(each).__module__.partition(".")[0] in OURS}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()

    assert left == set()
