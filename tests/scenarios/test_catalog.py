"""The catalog of a running environment: what would change, for whom, and that nobody is moved or loses anything."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.catalog.changes import changes, settled
from models.choices import EnvironmentKind
from models.session import Database
from plangate.catalog.reading import parse_catalog, read_catalog
from plangate.catalog.writing import catalog_text
from resolvers.catalog_apply import catalog_apply
from resolvers.catalog_pull import catalog_pull
from resolvers.environment_create import EnvironmentCreate, environment_create
from tests.plangate.catalog.test_round_trip import PLANS, shop
from tests.world import CATALOG, OWNER, World

if TYPE_CHECKING:
    from pathlib import Path

    from billing.catalog.values import Catalog, PlanDef
    from resolvers.context import Context
    from tests.databases import Files

EXAMPLES = sorted(CATALOG.parent.glob("*.yaml"))
PLAN = """query($text: String!, $prune: Boolean! = false) {
  catalogPlan(input: {document: $text, prune: $prune}) {
    __typename
    ... on CatalogPlan { digest pending unchanged changes {
      kind section key version live versions { version live } fields { path before after live } } }
    ... on CatalogInvalid { message problems { message line path } }
    ... on UserError { code field } } }"""
APPLY = """mutation($input: CatalogApplyInput!) { catalogApply(input: $input) {
  __typename
  ... on CatalogApplied { changes { kind section key version } unchanged replayed }
  ... on CatalogInvalid { message problems { message line path } }
  ... on CatalogMoved { what digest }
  ... on UserError { code field } } }"""
PULL = "query($json: Boolean! = false) { catalog(json: $json) { document digest } }"
ARCHIVE = """mutation($id: ID!) { planArchive(input: {planId: $id}) {
  __typename ... on PlanArchiveDone { plan { key archivedAt } live } ... on UserError { code } } }"""
PRODUCT = """mutation($id: ID!) { productArchive(input: {productId: $id}) {
  __typename ... on ProductArchiveDone { product { key } live } ... on UserError { code } } }"""
FEATURE = """mutation($id: ID!) { featureArchive(input: {featureId: $id}) {
  __typename ... on FeatureArchiveDone { feature { key } } ... on FeatureInUse { live plans }
  ... on UserError { code } } }"""
CREATE = """mutation($input: SubscriptionCreateInput!) { subscriptionCreate(input: $input) {
  __typename ... on SubscriptionCreated { subscription { plan { key version } } }
  ... on PlanNotAvailable { reason } ... on UserError { code field } } }"""
CANCEL = """mutation($id: ID!) { subscriptionCancel(input: {subscriptionId: $id, timing: IMMEDIATE}) {
  __typename ... on UserError { code } } }"""
CHANGE = """mutation($id: ID!, $plan: ID!) { subscriptionChange(
  input: {subscriptionId: $id, planId: $plan, timing: END_OF_PERIOD}) { __typename ... on UserError { code } } }"""
EVENTS = """query($after: String) { events(first: 100, after: $after) {
  edges { node { type before after } } pageInfo { endCursor hasNextPage } } }"""
ENTERPRISE = ["enterprise", "enterprise_agreement"]
MONTHLY: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}}


@pytest.fixture
async def world(database: Database) -> World:
    return await World.begin(database)


async def pulled(world: World, **more: Any) -> str:
    text: str = (await world.ask(PULL, **more))["catalog"]["document"]
    return text


async def planned(world: World, document: str, **more: Any) -> Any:
    return (await world.ask(PLAN, text=document, **more))["catalogPlan"]


async def applied(world: World, document: str, **more: Any) -> Any:
    return (await world.ask(APPLY, input={"document": document, **more}))["catalogApply"]


async def told(world: World, kind: str) -> list[dict[str, Any]]:
    """The events of a kind, once they have their place."""
    await world.worker().catch_up()
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await world.ask(EVENTS, after=after))["events"]
        found += [each["node"] for each in page["edges"] if each["node"]["type"] == kind]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


async def empty(world: World, key: str) -> Context:
    """An environment without a catalog."""
    command = EnvironmentCreate(key, key, EnvironmentKind.TEST)
    contexts = world.contexts
    made = await environment_create(world.database, contexts.ids, contexts.tokens, command, at=world.clock.now())
    return contexts.make(OWNER, made)


async def test_a_plan_says_what_changes_and_for_whom_and_applying_it_moves_nobody(world: World) -> None:
    await world.subscribed("acme", "team", **MONTHLY)
    await world.subscribed("rival", "team", **MONTHLY)
    old = await pulled(world)
    new = old.replace("feature: seats, model: per_unit, amount: 4}", "feature: seats, model: per_unit, amount: 5}", 1)
    new = new.replace("actions_minutes: {limit: 3000, hard", "actions_minutes: {limit: 4000, hard", 1)

    plan = await planned(world, new)
    done = await applied(world, new, digest=plan["digest"])

    assert (plan["pending"], plan["unchanged"]) == (True, 29)
    assert plan["changes"] == [
        {
            "kind": "CHANGED",
            "section": "PLANS",
            "key": "team",
            "version": 2,
            "live": 2,
            "versions": [{"version": 1, "live": 2}],
            "fields": [
                {"path": ["prices", "usd_month_seats", "amount"], "before": "4", "after": "5", "live": None},
                {"path": ["entitlements", "actions_minutes", "limit"], "before": "3000", "after": "4000", "live": 2},
            ],
        }
    ]
    assert done == {
        "__typename": "CatalogApplied",
        "changes": [{"kind": "CHANGED", "section": "PLANS", "key": "team", "version": 2}],
        "unchanged": 29,
        "replayed": False,
    }
    after = await planned(world, new)
    assert (after["pending"], after["changes"]) == (False, [])
    back = await planned(world, old)
    assert back["changes"][0]["versions"] == [{"version": 1, "live": 2}]
    assert [field["live"] for field in back["changes"][0]["fields"]] == [None, 0]
    assert (await told(world, "plan.published"))[-1] == {
        "type": "plan.published",
        "before": {"prices.usd_month_seats.amount": "4", "entitlements.actions_minutes.limit": "3000"},
        "after": {"key": "team@2", "prices.usd_month_seats.amount": "5", "entitlements.actions_minutes.limit": "4000"},
    }


async def test_a_digest_is_of_one_state_and_one_document(world: World) -> None:
    old = await pulled(world)
    new, other = (old.replace("name: Team\n", f"name: {name}\n", 1) for name in ("Crew", "Gang"))
    digest = (await planned(world, new))["digest"]

    wrong = await applied(world, other, digest=digest)
    pruned = await applied(world, new, digest=digest, prune=True)
    await applied(world, other)
    late = await applied(world, new, digest=digest)

    assert [(each["code"], each["what"], each["field"]) for each in (wrong, pruned, late)] == [
        ("CATALOG_MOVED", "DOCUMENT", "digest"),
        ("CATALOG_MOVED", "DOCUMENT", "digest"),
        ("CATALOG_MOVED", "ENVIRONMENT", "digest"),
    ]
    assert "name: Gang" in await pulled(world)
    assert (await applied(world, new, digest=late["digest"]))["__typename"] == "CatalogApplied"


async def test_a_digest_is_of_what_would_be_done_where_that_depends_on_who_has_what(world: World) -> None:
    subscription = await world.subscribed("acme", "team", **MONTHLY)
    few = "catalog: 1\nproducts: {hosting: {name: Code hosting, description: x, default_plan: free}}\n"
    few += "plans: {free: {name: Free, product: hosting, kind: free}}\n"
    spared = await planned(world, few, prune=True)

    await world.ask(CANCEL, id=subscription)
    late = await applied(world, few, prune=True, digest=spared["digest"])

    assert (late["__typename"], late["what"]) == ("CatalogMoved", "ENVIRONMENT")
    now = await planned(world, few, prune=True)
    assert late["digest"] == now["digest"]
    kinds = [{each["key"]: each["kind"] for each in plan["changes"]}["seats"] for plan in (spared, now)]
    assert kinds == ["UNLISTED", "ARCHIVED"]
    done = await applied(world, few, prune=True, digest=now["digest"])
    assert {each["key"]: each["kind"] for each in done["changes"]}["seats"] == "ARCHIVED"


async def test_what_is_not_listed_stays_unless_pruned_and_comes_back_when_it_is_listed(world: World) -> None:
    await world.subscribed("acme", "team", **MONTHLY)
    whole = await pulled(world)
    few = "catalog: 1\nproducts: {hosting: {name: Code hosting, description: x, default_plan: free}}\n"
    few += "plans: {free: {name: Free, product: hosting, kind: free}}\n"

    kept = await planned(world, few)
    gone = await planned(world, few, prune=True)
    await applied(world, few, prune=True)
    again = await planned(world, whole)

    kinds = {each["key"]: each["kind"] for each in kept["changes"]}
    assert (kinds["team"], kinds["assistant"], kinds["seats"]) == ("UNLISTED", "UNLISTED", "UNLISTED")
    kinds = {each["key"]: each["kind"] for each in gone["changes"]}
    assert (kinds["team"], kinds["assistant"], kinds["uptime_promise"]) == ("ARCHIVED", "ARCHIVED", "ARCHIVED")
    assert (kinds["seats"], kinds["free"]) == ("UNLISTED", "CHANGED")
    made = await world.ask(CREATE, input={"customer": {"externalId": "acme"}, "planId": "team", **MONTHLY})
    assert made["subscriptionCreate"]["reason"] == "ARCHIVED"
    kinds = {each["key"]: each["kind"] for each in again["changes"]}
    assert (kinds["team"], kinds["assistant"], kinds["uptime_promise"]) == ("RESTORED", "RESTORED", "RESTORED")
    assert {each["key"]: each["version"] for each in again["changes"]}["team"] is None
    await applied(world, whole)
    assert (await planned(world, whole))["pending"] is False


async def test_a_bad_document_is_refused_whole_by_line_and_path(world: World) -> None:
    before = await pulled(world)
    bad = "catalog: 1\nproducts:\n  app: {name: App}\nplans:\n  team:\n    name: 12\n    product: ap\n    kind: free\n"

    for refused in (await planned(world, bad), await applied(world, bad)):
        assert (refused["code"], refused["message"]) == (
            "CATALOG_INVALID",
            "document has 2 problems; nothing was changed.",
        )
        assert [(each["line"], each["path"]) for each in refused["problems"]] == [
            (6, "plans.team.name"),
            (7, "plans.team.product"),
        ]
    assert await pulled(world) == before


async def test_what_would_leave_the_rest_wrong_is_refused(world: World) -> None:
    features = "features: {support: {name: Support, kind: config, type: enum, values: [community, web]}}\n"
    kinds = "features: {seats: {name: Members, kind: metered, scale: 2}}\n"

    taken = await applied(world, f"catalog: 1\n{features}")
    other = await applied(world, f"catalog: 1\n{kinds}")
    used = await applied(world, "catalog: 1\nfeatures: {zz: {name: A, kind: boolean, archived: true}}\n")

    assert [each["path"] for each in taken["problems"]] == [
        "plans.enterprise.entitlements.support.value",
        "plans.enterprise_agreement.entitlements.support.value",
    ]
    assert [each["path"] for each in other["problems"]] == ["features.seats"]
    assert used["changes"] == [{"kind": "ADDED", "section": "FEATURES", "key": "zz", "version": None}]


async def test_archiving_touches_no_subscription_and_sells_nothing_new(world: World) -> None:
    await world.subscribed("acme", "team", **MONTHLY)

    archived = (await world.ask(ARCHIVE, id="team"))["planArchive"]
    again = (await world.ask(ARCHIVE, id="team"))["planArchive"]
    made = await world.ask(
        CREATE, input={"customer": {"externalId": "acme"}, "planId": "team", "resourceId": "b", **MONTHLY}
    )
    in_use = (await world.ask(FEATURE, id="seats"))["featureArchive"]
    sold = (await world.ask(FEATURE, id="uptime_promise"))["featureArchive"]
    for plan in ("enterprise", "enterprise_agreement"):
        await world.ask(ARCHIVE, id=plan)
    unused = (await world.ask(FEATURE, id="uptime_promise"))["featureArchive"]
    product = (await world.ask(PRODUCT, id="hosting"))["productArchive"]
    free = await world.ask(CREATE, input={"customer": {"externalId": "acme"}, "planId": "free", "resourceId": "b"})

    assert archived == {
        "__typename": "PlanArchiveDone",
        "plan": {"key": "team", "archivedAt": "2024-01-01T00:00:00Z"},
        "live": 1,
    }
    assert again == archived
    assert made["subscriptionCreate"] == {
        "__typename": "PlanNotAvailable",
        "reason": "ARCHIVED",
        "code": "PLAN_NOT_AVAILABLE",
        "field": "planId",
    }
    assert in_use == {
        "__typename": "FeatureInUse",
        "live": 1,
        "plans": ["free", *ENTERPRISE],
        "code": "FEATURE_IN_USE",
    }
    assert sold == {"__typename": "FeatureInUse", "live": 0, "plans": ENTERPRISE, "code": "FEATURE_IN_USE"}
    assert unused == {"__typename": "FeatureArchiveDone", "feature": {"key": "uptime_promise"}}
    assert product == {"__typename": "ProductArchiveDone", "product": {"key": "hosting"}, "live": 1}
    assert free["subscriptionCreate"]["reason"] == "PRODUCT_ARCHIVED"
    kinds = ("plan.archived", "feature.archived", "product.archived")
    assert [[each["after"] for each in await told(world, kind)] for kind in kinds] == [
        [{"key": plan} for plan in ("team", *ENTERPRISE)],
        [{"key": "uptime_promise"}],
        [{"key": "hosting"}],
    ]


async def test_a_feature_that_a_pending_change_brings_is_in_use(world: World) -> None:
    subscription = await world.subscribed("acme", "enterprise", **MONTHLY)
    await world.subscribed("beta", "team", **MONTHLY)
    await world.ask(CHANGE, id=subscription, plan="team")
    moving = await world.subscribed("gamma", "team", **MONTHLY)
    await world.ask(CHANGE, id=moving, plan="enterprise")
    for plan in ("team", "enterprise", "enterprise_agreement"):
        await world.ask(ARCHIVE, id=plan)

    promised = (await world.ask(FEATURE, id="uptime_promise"))["featureArchive"]
    document = (await pulled(world)).replace("  uptime_promise:\n", "  uptime_promise:\n    archived: true\n", 1)

    assert promised == {"__typename": "FeatureInUse", "live": 2, "plans": [], "code": "FEATURE_IN_USE"}
    refused = await applied(world, document)
    assert [(each["path"], each["message"]) for each in refused["problems"]] == [
        (
            "features.uptime_promise.archived",
            "2 live subscriptions have this feature, or will: publish plans without it and move them first.",
        )
    ]


async def test_a_document_that_archives_what_is_on_sale_is_refused_unless_it_takes_that_along(world: World) -> None:
    old = await pulled(world)
    archived = old.replace("  uptime_promise:\n", "  uptime_promise:\n    archived: true\n", 1)
    dropped = archived.replace("      uptime_promise: 99.9\n", "")
    aside = archived
    for plan in ENTERPRISE:
        aside = aside.replace(f"\n  {plan}:\n", f"\n  {plan}:\n    archived: true\n", 1)

    refused = [await planned(world, archived), await applied(world, archived)]
    still = await pulled(world)
    fits = [(await planned(world, each))["__typename"] for each in (dropped, aside)]
    done = await applied(world, aside)
    back = await applied(world, aside.replace("  enterprise:\n    archived: true\n", "  enterprise:\n", 1))
    whole = await applied(world, old)

    message = "what is on sale gives it (enterprise, enterprise_agreement): leave it out there, or archive that too"
    for each in refused:
        assert [(one["path"], one["message"]) for one in each["problems"]] == [
            ("features.uptime_promise.archived", message)
        ]
    assert still == old
    assert fits == ["CatalogPlan", "CatalogPlan"]
    assert {each["key"]: each["kind"] for each in done["changes"]} == dict.fromkeys(
        ["uptime_promise", *ENTERPRISE], "ARCHIVED"
    )
    assert [one["message"] for one in back["problems"]] == [
        "what is on sale gives it (enterprise): leave it out there, or archive that too"
    ]
    assert {each["kind"] for each in whole["changes"]} == {"RESTORED"}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
async def test_what_is_pulled_changes_nothing_and_makes_an_equal_catalog_elsewhere(world: World, file: Path) -> None:
    here, there = await empty(world, "here"), await empty(world, "there")
    wanted = read_catalog(file)
    await catalog_apply(here, wanted)

    text = catalog_text((await catalog_pull(here)).catalog)
    again = await catalog_apply(here, parse_catalog(text.encode()))
    await catalog_apply(there, parse_catalog(text.encode()))

    assert (again.changes, catalog_text((await catalog_pull(there)).catalog)) == ((), text)
    assert changes(settled(wanted), settled((await catalog_pull(there)).catalog)) == ()


@settings(max_examples=5, deadline=None)
@given(st.lists(PLANS, min_size=1, max_size=3))
def test_whatever_was_applied_one_after_the_other_is_pulled_and_made_again(
    sqlite_files: Files, tmp_path_factory: pytest.TempPathFactory, teams: list[PlanDef]
) -> None:
    url = sqlite_files.fresh(tmp_path_factory.mktemp("pulled") / "plangate.db")

    async def told() -> None:
        database = Database(url)
        world = await World.begin(database)
        here = await empty(world, "here")
        for number, catalog in enumerate(map(shop, teams)):
            await catalog_apply(here, without_base(catalog) if number % 2 else catalog)
            text = catalog_text((await catalog_pull(here)).catalog, as_json=number == 1)
            there = await empty(world, f"there-{number}")
            assert (await catalog_apply(here, parse_catalog(text.encode()))).changes == ()
            await catalog_apply(there, parse_catalog(text.encode()))
            one, other = [(await catalog_pull(each)).catalog for each in (here, there)]
            assert changes(settled(one), settled(other)) == ()
        await database.close()

    asyncio.run(told())


def without_base(catalog: Catalog) -> Catalog:
    """The catalog with its plans standing by themselves."""
    return replace(settled(catalog), plans=tuple(replace(plan, base=None) for plan in settled(catalog).plans))
