"""The playground as people use it: in a browser that reaches nobody else, with a mouse, a keyboard, a screen reader."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import orjson
import pytest
from playwright.async_api import expect

from tests.serving import served
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playwright.async_api import Browser, Page, Route

    from models.session import Database

pytestmark = pytest.mark.browser


class Visit:
    """A page in a browser that is cut off from every other site, and what it tried to reach there."""

    def __init__(self, page: Page, url: str, world: World) -> None:
        self.page = page
        self.url = url
        self.secret = world.places["main"].secret
        self.elsewhere: list[str] = []
        self.sent: list[str] = []

    async def begin(self) -> None:
        await self.page.context.route("**", self._pass)
        await self.page.goto(f"{self.url}/graphql")

    async def _pass(self, route: Route) -> None:
        address = route.request.url
        if not address.startswith((f"{self.url}/", "data:")):
            self.elsewhere.append(address)
            await route.abort()
            return
        if address == f"{self.url}/graphql" and route.request.method == "POST":
            self.sent.append(route.request.headers.get("authorization", ""))
        await route.continue_()

    async def act_as(self, role: str) -> None:
        """Choose who acts, with the world's secret key."""
        await self.page.get_by_role("radio", name=role, exact=True).check()
        await self.page.locator("#key").fill(self.secret)
        await self.page.locator("#key").blur()

    async def run(self, title: str) -> None:
        """Pick an operation and run it."""
        await self.page.get_by_role("button", name=title, exact=True).click()
        await self.page.get_by_role("button", name="Run", exact=True).click()


@asynccontextmanager
async def visiting(database: Database, chromium: Browser, *, dark: bool = False) -> AsyncGenerator[Visit, None]:
    """Visit the playground of a world where Birch has a subscription."""
    world = await World.begin(database)
    subscription = await world.subscribed("birch", "team", quantity=3, currency="USD", interval={"unit": "MONTH"})
    fill = {"subscription": subscription, "feature": "lfs_bandwidth", "plan": "free", "lowerPlan": "free"}
    async with served(database.url, clock=world.clock, fill=fill) as url:
        context = await chromium.new_context(
            viewport={"width": 1400, "height": 900}, color_scheme="dark" if dark else "light"
        )
        visit = Visit(await context.new_page(), url, world)
        await visit.begin()
        yield visit
        assert visit.elsewhere == []


async def test_an_operation_is_picked_run_and_answered_with_its_figures(
    sqlite_database: Database, chromium: Browser
) -> None:
    async with visiting(sqlite_database, chromium) as visit:
        await visit.act_as("Key or token")
        await expect(visit.page.locator("#acting")).to_have_text("SECRET key: everything.")
        await expect(visit.page.locator("#environment")).to_have_text("TEST · Main")
        await visit.run("Cancel at the period's end")
        await expect(visit.page.locator("#status")).to_have_text("Answered.")
        answer = orjson.loads(await visit.page.locator("#answer").inner_text())
        figures = await visit.page.locator("#figures dt").all_inner_texts()

    assert answer["data"]["subscriptionCancel"]["subscription"]["state"] == "PENDING_CANCELLATION"
    assert figures == ["Status", "Time", "Cost", "Size", "Request"]


async def test_a_refusal_is_said_in_words(sqlite_database: Database, chromium: Browser) -> None:
    async with visiting(sqlite_database, chromium) as visit:
        await visit.run("Keep it after all")
        await expect(visit.page.locator("#status")).to_contain_text("credential")
        await visit.act_as("Key or token")
        await visit.run("Keep it after all")
        await expect(visit.page.locator("#status")).to_contain_text("Refused, ")
        kind = await visit.page.locator("#status").get_attribute("data-kind")

    assert kind == "bad"


async def test_acting_as_a_customer_sends_a_token_and_never_the_key(
    sqlite_database: Database, chromium: Browser
) -> None:
    async with visiting(sqlite_database, chromium) as visit:
        await visit.act_as("A customer")
        await expect(visit.page.locator("#acting")).to_have_text("Operations are sent as birch.")
        await visit.run("Who am I here?")
        await expect(visit.page.locator("#answer")).to_contain_text('"kind": "CUSTOMER"')
        last = visit.sent[-1]

    assert last.startswith("Bearer ey")
    assert visit.secret not in last


async def test_the_key_is_gone_when_the_page_is_left(sqlite_database: Database, chromium: Browser) -> None:
    async with visiting(sqlite_database, chromium) as visit:
        await visit.act_as("Key or token")
        await expect(visit.page.locator("#acting")).to_contain_text("SECRET key")
        await visit.page.goto("about:blank")
        await visit.page.go_back()
        kept = await visit.page.locator("#key").input_value()
        stored = await visit.page.evaluate("[document.cookie, {...localStorage}, {...sessionStorage}, location.href]")

    assert (kept, stored) == ("", ["", {}, {}, f"{visit.url}/graphql"])


async def test_everything_can_be_done_with_the_keyboard(sqlite_database: Database, chromium: Browser) -> None:
    async with visiting(sqlite_database, chromium) as visit:
        keyboard = visit.page.keyboard
        await keyboard.press("Tab")
        await expect(visit.page.get_by_role("link", name="Skip to the operation")).to_be_focused()
        await keyboard.press("Enter")
        await expect(visit.page.locator("#query")).to_be_focused()
        await keyboard.press("Control+A")
        await keyboard.insert_text("{ __typename }")
        await keyboard.press("Control+Enter")
        await expect(visit.page.locator("#answer")).to_contain_text('"__typename": "Query"')
        await visit.page.get_by_role("button", name="Consume", exact=True).focus()
        await keyboard.press("Enter")
        await expect(visit.page.get_by_role("heading", level=1)).to_have_text("Consume")
        await visit.page.get_by_role("searchbox").focus()
        await keyboard.insert_text("entitlementConsume")
        await keyboard.press("Tab")
        await expect(visit.page.get_by_role("button", name="Mutation.entitlementConsume")).to_be_focused()
        await keyboard.press("Enter")
        await expect(visit.page.get_by_role("heading", name="type Mutation")).to_be_focused()
        await expect(visit.page.locator("#field-entitlementConsume")).to_be_in_viewport()


async def test_the_schema_is_searched_and_read(sqlite_database: Database, chromium: Browser) -> None:
    async with visiting(sqlite_database, chromium) as visit:
        search, entry = visit.page.get_by_role("searchbox"), visit.page.locator("#entry")
        await search.fill("nothing like this")
        await expect(visit.page.locator("#found")).to_have_text("Nothing found.")
        await search.fill("SubscriptionState")
        await visit.page.get_by_role("button", name="SubscriptionState", exact=True).click()
        await expect(entry).to_contain_text("PENDING_CANCELLATION")
        await search.fill("Customer")
        await visit.page.get_by_role("button", name="Customer", exact=True).click()
        await entry.get_by_role("button", name="CustomerKind", exact=True).click()
        await expect(entry.get_by_role("heading", level=3)).to_have_text("enum CustomerKind")
        await entry.get_by_role("button", name="Back to Customer").click()
        await expect(entry.get_by_role("heading", level=3)).to_have_text("type Customer")


async def test_a_copy_for_the_command_line_leaves_the_key_out(sqlite_database: Database, chromium: Browser) -> None:
    async with visiting(sqlite_database, chromium) as visit:
        await visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await visit.act_as("Key or token")
        await visit.page.get_by_role("button", name="Copy as curl").click()
        await expect(visit.page.locator("#status")).to_contain_text("Copied.")
        copied: str = await visit.page.evaluate("navigator.clipboard.readText()")

    assert copied.startswith(f"curl -s {visit.url}/graphql")
    assert '"Authorization: Bearer $PLANGATE_KEY"' in copied
    assert visit.secret not in copied


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_page_has_no_fault_that_axe_can_find(
    dark: bool, sqlite_database: Database, chromium: Browser, node_modules: Path
) -> None:
    async with visiting(sqlite_database, chromium, dark=dark) as visit:
        await visit.act_as("A customer")
        await expect(visit.page.locator("#acting")).to_contain_text("Operations are sent")
        await visit.run("The customer's page")
        await expect(visit.page.locator("#answer")).to_contain_text("availableActions")
        await visit.page.get_by_role("searchbox").fill("cancel")
        await visit.page.get_by_role("button", name="CancellationReason", exact=True).click()
        await visit.page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text())
        found = await visit.page.evaluate("axe.run().then(({ violations }) => violations)")

    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []
