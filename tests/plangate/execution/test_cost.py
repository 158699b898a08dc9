"""What operations cost: by size and nesting, however they are written, and refused before anything is read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from graphql import get_introspection_query

from plangate.execution.cost import Cost, Pricing
from plangate.execution.documents import Documents
from plangate.execution.limits import ExecutionLimits
from plangate.execution.plans import core_schema
from plangate.execution.profile import DEVELOPMENT
from resolvers.principal import PrincipalKind
from schema.build import schema
from schema.costs import COSTS
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

PRICES = Pricing(core_schema(schema), COSTS)
LIMITS = ExecutionLimits()


def cost(document: str, name: str | None = None, **variables: Any) -> Cost:
    """What an operation costs."""
    prepared = Documents(core_schema(schema), LIMITS, DEVELOPMENT).get(document)
    return prepared.cost(name, PRICES).of(variables)


def points(document: str, **variables: Any) -> int:
    """How many points an operation costs."""
    return cost(document, **variables).requested


CUSTOMERS = "query($n: Int! = 7) { customers(first: $n) { edges { node { id name } } } }"


def page(first: int) -> int:
    """By hand: a page of customers with two fields each, from the price list."""
    connection, edge, customer = COSTS["Query.customers"], COSTS["edges"], 3
    return connection.points + connection.member * first + edge.points + first * (customer + 2)


@pytest.mark.parametrize(
    ("document", "variables", "first"),
    [
        ("{ customers(first: 5) { edges { node { id name } } } }", {}, 5),
        ("{ customers { edges { node { id name } } } }", {}, 20),
        (CUSTOMERS, {}, 7),
        (CUSTOMERS, {"n": 100}, 100),
        (CUSTOMERS, {"n": 100.0}, 100),
        (CUSTOMERS, {"n": 1}, 1),
        (CUSTOMERS, {"n": 10**9}, 100),
        (CUSTOMERS, {"n": -5}, 1),
        (CUSTOMERS, {"n": "100"}, 20),
        (CUSTOMERS, {"n": None}, 20),
    ],
)
def test_a_page_costs_by_how_many_are_asked_for(document: str, variables: dict[str, Any], first: int) -> None:
    assert cost(document, **variables).requested == page(first)


HISTORY = """query($since: Instant!, $until: Instant!, $bucket: IntervalUnit! = HOUR) {
  usageHistory(customer: {id: "c"}, feature: "f", since: $since, until: $until, bucket: $bucket) {
    ... on UsageHistory { buckets { amount } }
  }
}"""


@pytest.mark.parametrize(
    ("until", "more", "buckets"),
    [
        ("2024-01-02T00:00:00Z", {}, 26),
        ("2024-01-31T00:00:00Z", {"bucket": "DAY"}, 33),
        ("2024-01-31T00:00:00+00:00", {"bucket": "DAY"}, 33),
        ("2030-01-01T00:00:00Z", {}, 1_000),
        ("2023-01-01T00:00:00Z", {}, 2),
        ("some day", {}, 1_000),
        ("2024-01-02T00:00:00", {}, 1_000),
        (7, {"bucket": "AGE"}, 1_000),
    ],
)
def test_a_history_costs_by_its_buckets(until: object, more: dict[str, Any], buckets: int) -> None:
    history, listed = COSTS["Query.usageHistory"], COSTS["UsageHistory.buckets"]
    by_hand = history.points + history.member * buckets + listed.points + (listed.member + 1) * buckets

    assert points(HISTORY, since="2024-01-01T00:00:00Z", until=until, **more) == by_hand


ONE_REPORT = '{customer: {id: "c"}, feature: "f", value: "1", idempotencyKey: "k"}'
MANY = "usageReportMany(input: %s) { ... on UsageManyReported { results { __typename } } } }"
REPORTS = [{"feature": "f"}] * 7


@pytest.mark.parametrize(
    ("document", "variables", "reports"),
    [
        ("mutation($i: UsageReportManyInput!) { " + MANY % "$i", {"i": {"reports": REPORTS}}, 7),
        ("mutation($i: UsageReportManyInput!) { " + MANY % "$i", {"i": {"reports": REPORTS[:1]}}, 1),
        ("mutation($i: UsageReportManyInput!) { " + MANY % "$i", {"i": {"reports": REPORTS * 1_000}}, 1_000),
        ("mutation($i: UsageReportManyInput!) { " + MANY % "$i", {"i": {"reports": REPORTS[0]}}, 1),
        ("mutation($i: UsageReportManyInput!) { " + MANY % "$i", {"i": 5}, 1),
        ("mutation($r: [UsageReportInput!]!) { " + MANY % "{reports: $r}", {"r": REPORTS}, 7),
        ("mutation { " + MANY % f"{{reports: [{ONE_REPORT}]}}", {}, 1),
        ("mutation { " + MANY % f"{{reports: [{ONE_REPORT}, {ONE_REPORT}]}}", {}, 2),
    ],
)
def test_reports_in_bulk_cost_by_their_number_however_they_are_sent(
    document: str, variables: dict[str, Any], reports: int
) -> None:
    act, listed = COSTS["Mutation.usageReportMany"], COSTS["UsageManyReported.results"]
    by_hand = act.points + act.member * reports + listed.points + (listed.member + 1) * reports

    assert points(document, **variables) == by_hand


def test_a_call_with_more_rows_is_not_taken_for_one_with_fewer() -> None:
    documents = Documents(core_schema(schema), LIMITS, DEVELOPMENT)
    written = "mutation($r: [UsageReportInput!]!) { " + MANY % "{reports: $r}"
    remembered = documents.get(written).cost(None, PRICES)

    few, many = remembered.of({"r": REPORTS[:1]}), remembered.of({"r": REPORTS})

    assert many.requested > few.requested


ONE = "query($y: Boolean! = true) { plans { key ...F @include(if: $y) } } fragment F on Plan { prices { currency } }"
SAME = {
    "written out": "{ plans { key prices { currency } } }",
    "a fragment": "{ plans { ...F } } fragment F on Plan { key prices { currency } }",
    "the same fragment twice": "{ plans { ...F ...F } } fragment F on Plan { key prices { currency } }",
    "an inline fragment": "{ plans { ... on Plan { key } ... { prices { currency } } } }",
    "fields twice": "{ plans { key prices { currency } } plans { key prices { currency } } }",
    "a fragment of an interface": "{ plans { ... on Node { ... on Plan { key prices { currency } } } } }",
    "what is skipped": "{ plans { key prices { currency } name @skip(if: true) tiers: id @include(if: false) } }",
    "what a variable includes": ONE,
    "what another type would answer": "{ plans { key prices { currency } ... on Node { ... on Customer { name } } } }",
}


@pytest.mark.parametrize("written", list(SAME))
def test_what_is_asked_costs_the_same_however_it_is_written(written: str) -> None:
    assert points(SAME[written]) == points(SAME["written out"])


def test_aliases_cost_each_for_themselves() -> None:
    assert points("{ a: plans { key } b: plans { key } }") == 2 * points("{ plans { key } }")


def test_what_a_variable_takes_away_costs_nothing() -> None:
    assert points(ONE, y=False) == points("{ plans { key } }") < points(ONE, y=True)
    skipped = "query($y: Boolean!) { plans { key } features @skip(if: $y) { key } }"
    assert points(skipped, y=True) == points("{ plans { key } }") < points(skipped, y=False)


def test_a_union_costs_as_much_as_its_dearest_member() -> None:
    one = (
        'mutation { entitlementConsume(input: {customer: {id: "c"}, feature: "f", amount: "1", idempotencyKey: "k"}) {'
    )
    granted, denied = "... on EntitlementGranted { amount used }", "... on EntitlementDenied { reason feature { key } }"

    assert points(f"{one} {granted} {denied} }} }}") == max(
        points(f"{one} {granted} }} }}"), points(f"{one} {denied} }} }}")
    )


@pytest.mark.parametrize(
    ("document", "open_to"),
    [
        ("{ plans { key } }", {"PUBLIC", "PUBLISHABLE", "CUSTOMER", "SECRET"}),
        ("{ subscriptions { edges { cursor } } }", {"CUSTOMER", "SECRET"}),
        ("{ customers { edges { cursor } } }", {"SECRET"}),
        ("{ __typename }", set[str]()),
    ],
)
def test_what_is_closed_to_a_credential_costs_next_to_nothing_as_it_is_refused_at_once(
    document: str, open_to: set[str]
) -> None:
    prepared = Documents(core_schema(schema), LIMITS, DEVELOPMENT).get(document).cost(None, PRICES)

    assert {kind.value for kind in PrincipalKind if prepared.of({}, kind).requested > 1} == open_to


def test_the_operation_that_is_named_is_the_one_that_costs() -> None:
    both = "query A { plans { key } } query B { features { key } }"

    assert cost(both, "A").requested == points("{ plans { key } }")
    assert cost(both, "B").requested == points("{ features { key } }")


@pytest.mark.parametrize(
    ("document", "dearest"),
    [
        ("{ __typename }", None),
        ("{ plans { key } }", "plans"),
        ("{ products { plans { product { plans { key } } } } }", "products.plans.product.plans"),
        ("{ a: customers(first: 50) { edges { node { id } } } }", "a"),
        (
            "{ customers(first: 50) { edges { node { subs: subscriptions(first: 50) { edges { node { id } } } } } } }",
            "customers.edges.node.subs",
        ),
    ],
)
def test_the_dearest_list_is_named_as_a_path_of_the_answer(document: str, dearest: str | None) -> None:
    assert cost(document).dearest == dearest


def test_fragments_that_double_are_refused_before_they_are_priced_and_what_is_priced_is_priced_in_time() -> None:
    widest = " ".join(f"a{i}: node(id: {i}) {{ ...F }}" for i in range(30))
    kinds = ("Plan", "Product", "Customer", "Subscription", "Feature", "Event", "Grant", "Override")
    fields = " ".join(f"... on {kind} {{ id b: id c: id }}" for kind in kinds)
    document = Documents(core_schema(schema), ExecutionLimits(aliases=2_000), DEVELOPMENT).get(
        f"{{ {widest} }} fragment F on Node {{ {fields} }}"
    )
    began = time.process_time()

    found = document.cost(None, PRICES).of({})

    assert found.requested >= 30 * COSTS["Query.node"].points
    assert time.process_time() - began < 0.1


DEEP = "{ products { plans { " + "product { plans { " * 6 + "key" + " } }" * 6 + " } } }"


async def test_an_answer_tells_its_cost(sqlite_database: Database) -> None:
    world = await World.begin(sqlite_database)

    whole = await world.whole("{ plans { key } }", key="")
    by_secret = await world.whole(CUSTOMERS, n=3)
    wrong = await world.whole(CUSTOMERS, n="three")
    refused = await world.whole("{ plans { key } }", key="sk_wrong")

    assert whole["extensions"] == {
        "cost": {"requested": points("{ plans { key } }"), "limit": LIMITS.cost_public, "dearest": "plans"}
    }
    assert by_secret["extensions"] == {
        "cost": {"requested": page(3), "limit": LIMITS.cost_secret, "dearest": "customers"}
    }
    assert (wrong["errors"][0]["extensions"]["code"], wrong["extensions"]["cost"]["limit"]) == (
        "BAD_USER_INPUT",
        LIMITS.cost_secret,
    )
    assert refused == {
        "errors": [
            {"message": "This credential is not valid.", "extensions": {"code": "CREDENTIAL_INVALID"}},
        ]
    }


@pytest.mark.parametrize(
    ("key", "limit"),
    [
        ("", LIMITS.cost_public),
        ("pk_x", LIMITS.cost_public),
        ("e.y.J", LIMITS.cost_customer),
        (None, LIMITS.cost_secret),
    ],
)
async def test_what_is_too_dear_is_refused_before_anything_is_read(
    key: str | None, limit: int, sqlite_database: Database
) -> None:
    world = await World.begin(sqlite_database)
    statements: list[str] = []
    sqlite_database.heard_by(statements.append)

    answer: Any = await world.whole(DEEP, key=key)

    found: dict[str, Any] = {
        "requested": points(DEEP),
        "limit": limit,
        "dearest": ".".join(["products", *["plans.product"] * 6, "plans"]),
    }
    assert answer == {
        "errors": [
            {
                "message": (
                    f"This operation costs {found['requested']} points, and this credential may spend {limit} on one. "
                    f"Most of it is in `{found['dearest']}`: ask for fewer there, or in several requests."
                ),
                "extensions": {"code": "COST_LIMIT", **found},
            }
        ],
        "extensions": {"cost": found},
    }
    assert statements == []
    assert found["requested"] > limit


async def test_the_whole_schema_may_be_asked_for_with_a_secret_key_and_is_answered(sqlite_database: Database) -> None:
    world = await World.begin(sqlite_database)

    whole = await world.ask(get_introspection_query(input_value_deprecation=True))

    assert len(whole["__schema"]["types"]) > 300
