"""What a browser shows: the page at /graphql asks and answers, and the portal opens behind its link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from playwright.async_api import expect

from tests.plangate.portal.visiting import LINK
from tests.serving import served
from tests.world import World

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from models.session import Database

pytestmark = pytest.mark.browser


def strangers(page: Page, site: str) -> list[str]:
    """The addresses that a page asks for outside its own site, as it goes."""
    asked: list[str] = []
    page.on("request", lambda request: None if request.url.startswith((site, "data:")) else asked.append(request.url))
    return asked


async def test_the_page_sends_a_query_and_shows_its_answer(sqlite_url: str, chromium: Browser) -> None:
    async with served(sqlite_url) as url:
        page = await (await chromium.new_context()).new_page()
        elsewhere = strangers(page, url)
        await page.goto(f"{url}/graphql")
        await page.locator("#query").fill("{ __typename }")
        await page.locator("#variables").fill("")
        await page.locator("#run").click()
        await expect(page.locator("#status")).to_have_attribute("data-kind", "good")
        answer = await page.locator("#answer").inner_text()

    assert (orjson.loads(answer)["data"], elsewhere) == ({"__typename": "Query"}, [])


async def test_a_customer_opens_the_portal_by_its_link(sqlite_database: Database, chromium: Browser) -> None:
    world = await World.begin(sqlite_database)
    await world.subscribed("acme", "team", quantity=5, currency="USD", interval={"unit": "MONTH"})
    async with served(sqlite_database.url, clock=world.clock) as url:
        made = await world.ask(LINK, input={"customer": {"externalId": "acme"}})
        link = made["billingPortalSessionCreate"]["url"].replace("http://testserver", url)
        page = await (await chromium.new_context()).new_page()
        elsewhere = strangers(page, url)
        await page.goto(link)
        await page.get_by_role("button").first.click()
        await expect(page).to_have_url(f"{url}/portal")
        title = await page.locator("h1").inner_text()
        text = await page.locator("main").inner_text()

    assert (title, "Team" in text, elsewhere) == ("Billing", True, [])
