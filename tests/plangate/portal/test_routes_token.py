"""What a customer token opened in the portal ends when the token does: by its time, and by being revoked."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.plangate.portal.visiting import LINK, MONTHLY, SITE, Browser, Portal, Shown

if TYPE_CHECKING:
    from models.session import Database

EXPIRED = "This link is no longer valid"
SIGNED_OUT = "You have been signed out"
TOKEN = """mutation { customerTokenCreate(input: {customer: {externalId: "acme"}, minutes: 15}) {
  ... on CustomerTokenCreated { token } ... on UserError { message } } }"""
REVOKE = """mutation($id: String) { customerTokenRevoke(input: {customer: {externalId: "acme"}, tokenId: $id}) {
  __typename ... on UserError { message } } }"""


@pytest.fixture
async def portal(sqlite_database: Database) -> Portal:
    portal = await Portal.begin(sqlite_database)
    await portal.world.subscribed("acme", "team", **MONTHLY)
    return portal


async def token(portal: Portal) -> dict[str, Any]:
    """A token of a quarter of an hour."""
    made = await portal.world.ask(TOKEN)
    signed: str = made["customerTokenCreate"]["token"]
    body = signed.split(".")[1]
    return {"token": signed, "tokenId": orjson.loads(base64.urlsafe_b64decode(body + "=="))["jti"]}


async def link(portal: Portal, made: dict[str, Any]) -> str:
    """A link that the token made."""
    answered = await portal.world.ask(LINK, key=made["token"], input={})
    url: str = answered["billingPortalSessionCreate"]["url"]
    return url.removeprefix(SITE)


async def opened(portal: Portal, made: dict[str, Any]) -> tuple[Browser, Shown]:
    browser = portal.browser()
    return browser, await browser.open(await link(portal, made))


async def test_a_visit_ends_with_the_token_and_not_an_hour_later(portal: Portal) -> None:
    made = await token(portal)
    portal.world.clock.move(timedelta(minutes=10))
    browser, home = await opened(portal, made)
    (cookie,) = browser.client.cookies.jar
    portal.world.clock.move(timedelta(minutes=4, seconds=59))
    still = await browser.get("/portal")
    portal.world.clock.move(timedelta(seconds=1))
    over = await browser.get("/portal")

    assert (home.status, still.status) == (200, 200)
    assert (over.status, over.title) == (403, SIGNED_OUT)
    assert cookie.name == "plangate_portal"


async def test_a_link_is_opened_no_later_than_the_token_ends(portal: Portal) -> None:
    path = await link(portal, await token(portal))
    stale = await portal.browser().get(path)
    portal.world.clock.move(timedelta(minutes=15))

    late = [await portal.browser().get(path), await portal.browser().send(stale, path)]

    assert [(page.status, page.title) for page in late] == [(410, EXPIRED)] * 2


async def test_a_revoked_token_takes_its_links_and_visits_along_and_no_others(portal: Portal) -> None:
    first, second = await token(portal), await token(portal)
    unopened = await link(portal, first)
    inside, _ = await opened(portal, first)
    other, _ = await opened(portal, second)
    merchants, _ = await portal.visit("acme")

    assert (await portal.world.ask(REVOKE, id=first["tokenId"]))["customerTokenRevoke"] == {
        "__typename": "CustomerTokensRevoked"
    }

    over, late = await inside.get("/portal"), await portal.browser().get(unopened)
    assert [(page.status, page.title) for page in (over, late)] == [(403, SIGNED_OUT), (410, EXPIRED)]
    assert [(await each.get("/portal")).status for each in (other, merchants)] == [200, 200]
