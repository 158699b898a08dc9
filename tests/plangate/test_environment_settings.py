"""What is set of an environment holds for its customers at once, and only the command line sets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from billing.lifecycle import Channel
from billing.policies import CancellationMode
from billing.refusals import InvalidInput, MerchantOnly
from resolvers.environment_set import EnvironmentSet, EnvironmentSettings, environment_set, environment_settings
from tests.plangate.portal.visiting import MONTHLY, Portal
from tests.world import OWNER

if TYPE_CHECKING:
    from models.session import Database
    from tests.world import World

CANCEL = """mutation($id: ID!) { subscriptionCancel(input: {subscriptionId: $id}) {
  __typename
  ... on SubscriptionCanceled { subscription { state } }
  ... on ActionNotAllowed { code instructions } } }"""
LINK = """mutation($url: String) {
  billingPortalSessionCreate(input: {customer: {externalId: "acme"}, returnUrl: $url}) { __typename } }"""
EVENTS = """{ events(filter: {types: ["environment.updated"]}, first: 9) {
  edges { node { ownerId subjectId channel before after } } } }"""
WIDGETS = {"theme": {"light": {"accent": "#0A0"}}, "texts": {"de": {"action_cancel_now": "Kündigen"}}}


@pytest.fixture
async def portal(sqlite_database: Database) -> Portal:
    """A portal over a fresh SQLite file."""
    return await Portal.begin(sqlite_database)


async def settle(world: World, **given: Any) -> EnvironmentSettings:
    """Set something as the command line does."""
    ctx = world.contexts.make(OWNER, (await world.context()).env, Channel.CLI)
    return await environment_set(ctx, EnvironmentSet(**given))


async def canceled(world: World, customer: str, subscription: str) -> Any:
    """Cancel as the customer."""
    return (await world.ask(CANCEL, key=await world.token(customer), id=subscription))["subscriptionCancel"]


async def test_a_customers_cancellation_obeys_what_was_set(portal: Portal) -> None:
    world = portal.world
    acme = await world.subscribed("acme", "team", **MONTHLY)

    await settle(world, allow_cancel=False, instructions="Write to us.")
    refused = await canceled(world, "acme", acme)
    _, closed = await portal.visit()
    await settle(world, allow_cancel=True, mode=CancellationMode.IMMEDIATE, instructions="")
    _, opened = await portal.visit()
    done = await canceled(world, "acme", acme)

    assert refused == {
        "__typename": "ActionNotAllowed",
        "code": "ACTION_NOT_ALLOWED",
        "instructions": "Write to us.",
    }
    assert ([kind for kind in closed.kinds if "CANCEL" in kind], "Write to us." in closed.text) == ([], True)
    assert ("CANCEL_NOW" in opened.kinds, "Write to us." in opened.text) == (True, False)
    assert done == {"__typename": "SubscriptionCanceled", "subscription": {"state": "CANCELED"}}


async def test_the_portal_leads_back_to_the_addresses_of_the_list_alone(portal: Portal) -> None:
    world = portal.world
    await world.subscribed("acme", "team", **MONTHLY)

    async def answer(url: str) -> str:
        return str((await world.ask(LINK, url=url))["billingPortalSessionCreate"]["__typename"])

    before = await answer("https://shop.example/account")
    await settle(world, return_urls=("https://shop.example", "https://shop.example", "http://127.0.0.1:3000"))
    after = [await answer(f"{url}/account") for url in ("https://shop.example", "http://127.0.0.1:3000")]
    near = await answer("https://shop.example.evil.example/")
    emptied = await settle(world, return_urls=())

    assert (before, near) == ("ReturnUrlNotAllowed", "ReturnUrlNotAllowed")
    assert after == ["BillingPortalSessionCreated"] * 2
    assert emptied.environment.return_urls == ()
    assert await answer("https://shop.example/account") == "ReturnUrlNotAllowed"


async def test_the_portal_looks_and_speaks_as_it_was_set(portal: Portal) -> None:
    world = portal.world
    await world.subscribed("acme", "team", **MONTHLY)

    found = await settle(world, widgets=WIDGETS, mode=CancellationMode.IMMEDIATE, locale="de", name="Nordwind")
    _, home = await portal.visit(customer={"externalId": "acme"}, locale="de")

    assert found.environment.widgets == {**WIDGETS, "theme": {"light": {"accent": "#0a0"}}}
    assert home.button("CANCEL_NOW").text == "Kündigen"
    assert (await settle(world, widgets={})).environment.widgets == {}


async def test_what_changed_is_told_once_by_name(portal: Portal) -> None:
    world = portal.world
    first = await settle(world, require_actor=True, allow_change=False, zone="Europe/Berlin", name="Main")
    again = await settle(world, require_actor=True, allow_change=False, zone="Europe/Berlin")
    await settle(world, require_actor=False, idempotency_days=3650)
    await settle(world, billing={"days_until_due": 7})
    await settle(world, billing={"days_until_due": 7, "number_prefix": "INV-"})
    await world.worker().catch_up()

    environment = world.places["main"].environment.id
    told = [edge["node"] for edge in (await world.ask(EVENTS))["events"]["edges"]]
    assert sorted(told, key=str) == [
        {"ownerId": environment, "subjectId": environment, "channel": "CLI", "before": {}, "after": {"columns": names}}
        for names in (["allow_change", "require_actor", "zone"], ["billing"], ["idempotency_days", "require_actor"])
    ]
    assert again == first
    assert (await environment_settings(await world.context())).environment.idempotency_days == 3650


@pytest.mark.parametrize(
    ("given", "field"),
    [
        *(
            ({"return_urls": (url,)}, "returnUrls")
            for url in (
                "http://shop.example",
                "https://",
                "https://me@shop.example",
                "https://:@shop.example",
                "https://shop.example\\@evil.example",
                "https://shop.example:0",
                "https://shop.example:x",
                "https://[shop",
                "https://shop.example/ a",
                "javascript://localhost/",
                "http://localhost.evil.example",
                "/account",
                "",
                "https://shop.example/" + "a" * 2048,
            )
        ),
        ({"return_urls": tuple(f"https://{n}.example" for n in range(51))}, "returnUrls"),
        ({"widgets": {"colour": "red"}}, "widgets"),
        ({"widgets": {"texts": {"de": {"action_cancel_now": "a\x00b"}}}}, "widgets"),
        ({"widgets": {"support": {"text": "\ud800"}}}, "widgets"),
        ({"widgets": {"support": {"text": "a\x00b"}}}, "widgets"),
        ({"billing": {"colour": "red"}}, "billing"),
        ({"billing": {"taxes": [{"rate": 7.7}]}}, "billing"),
        ({"billing": {"seller": {"name": "a\x00b"}}}, "billing"),
        ({"instructions": "a" * 1001}, "instructions"),
        ({"instructions": "a\x00b"}, "instructions"),
        ({"idempotency_days": 29}, "idempotencyDays"),
        ({"idempotency_days": 3651}, "idempotencyDays"),
        ({"name": ""}, "name"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"locale": "?"}, "locale"),
        ({}, None),
    ],
)
async def test_what_cannot_be_is_refused_by_name_and_nothing_is_set(
    portal: Portal, given: dict[str, Any], field: str | None
) -> None:
    before = await environment_settings(await portal.world.context())

    with pytest.raises(InvalidInput) as refused:
        await settle(portal.world, **({**given, "allow_cancel": False} if given else {}))

    assert refused.value.field == field
    assert await environment_settings(await portal.world.context()) == before


async def test_only_the_command_line_sets_anything(portal: Portal) -> None:
    ctx = await portal.world.context()

    with pytest.raises(MerchantOnly):
        await environment_set(ctx, EnvironmentSet(allow_cancel=False))
