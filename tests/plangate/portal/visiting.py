"""A customer with a browser in front of the real portal: pages are read, links followed, forms sent, no script runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
from starlette.applications import Starlette

from models.stores.environments import Environments
from models.tables.base import table
from models.tables.environment import EnvironmentRow
from plangate.paper.routes import routes as invoice_routes
from plangate.portal.routes import routes
from tests.plangate.portal.reading import Element, read
from tests.world import World

if TYPE_CHECKING:
    from billing.policies import SelfServicePolicy
    from models.session import Database

SITE = "http://testserver"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LINK = """mutation($input: BillingPortalSessionCreateInput!) { billingPortalSessionCreate(input: $input) {
  __typename ... on BillingPortalSessionCreated { url } ... on UserError { code message } } }"""
CUSTOMER = """mutation($input: CustomerUpsertInput!) { customerUpsert(input: $input) {
  __typename ... on UserError { code message } } }"""
MONTHLY: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}, "quantity": 5}


@dataclass
class Shown:
    """A page as it came."""

    response: httpx2.Response
    root: Element = field(init=False)

    def __post_init__(self) -> None:
        self.root = read(self.response.text)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.url.path

    @property
    def title(self) -> str:
        return self.root.all("h1")[0].text

    @property
    def text(self) -> str:
        return self.root.all("main")[0].text

    @property
    def kinds(self) -> list[str]:
        return [each.attributes["data-kind"] for each in self.root.all() if "data-kind" in each.attributes]

    def button(self, kind: str) -> Element:
        return next(each for each in self.root.all() if each.attributes.get("data-kind") == kind)

    def form(self, ending: str) -> tuple[str, dict[str, str]]:
        """The address and the fields of the form whose address ends so."""
        found = next(each for each in self.root.all("form") if each.attributes["action"].endswith(ending))
        inputs = [each.attributes for each in found.all("input")]
        return found.attributes["action"], {i["name"]: i["value"] for i in inputs if i["type"] == "hidden"}


@dataclass
class Browser:
    """One browser: its cookies, and what it says of itself."""

    client: httpx2.AsyncClient
    headers: dict[str, str] = field(
        default_factory=lambda: {"Origin": "null", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
    )

    async def get(self, path: str, **headers: str) -> Shown:
        return Shown(await self.client.get(path, headers=headers, follow_redirects=True))

    async def send(self, page: Shown, ending: str, **fields: str) -> Shown:
        """Press the button of a form."""
        action, hidden = page.form(ending)
        return await self.post(action, hidden | fields)

    async def post(self, path: str, fields: dict[str, str]) -> Shown:
        return Shown(await self.client.post(path, data=fields, headers=self.headers, follow_redirects=True))

    async def cancel(self, home: Shown) -> Shown:
        """Cancel from the overview, in two clicks."""
        kind = next(kind for kind in home.kinds if kind.startswith("CANCEL"))
        return await self.send(await self.get(home.button(kind).attributes["href"]), "/cancel")

    async def open(self, link: str) -> Shown:
        """Open a link as a customer does: look at its page, press its button."""
        return await self.send(await self.get(link), link)


@dataclass
class Portal:
    """A world and its portal."""

    world: World
    secure: bool = False

    def __post_init__(self) -> None:
        portal = routes(self.world.contexts, secure_cookies=self.secure)
        self.app = Starlette(routes=[*portal, *invoice_routes(self.world.contexts)])

    @classmethod
    async def begin(cls, database: Database, *, secure: bool = False) -> Portal:
        return cls(await World.begin(database), secure)

    def browser(self, site: str = SITE) -> Browser:
        return Browser(httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=site))

    async def customer(self, external_id: str, **columns: Any) -> None:
        made = await self.world.ask(CUSTOMER, input={"externalId": external_id, **columns})
        assert made["customerUpsert"]["__typename"] == "CustomerUpserted", made

    async def link(self, **wanted: Any) -> str:
        """Make a link and answer its path."""
        made = await self.world.ask(LINK, input=wanted)
        url: str = made["billingPortalSessionCreate"]["url"]
        assert url.startswith(f"{SITE}/portal/open/plk_"), made
        return url.removeprefix(SITE)

    async def visit(self, external_id: str = "acme", **wanted: Any) -> tuple[Browser, Shown]:
        """A customer with an opened portal, and the page they came to."""
        browser = self.browser()
        wanted = wanted or {"customer": {"externalId": external_id}}
        return browser, await browser.open(await self.link(**wanted))

    async def policy(self, policy: SelfServicePolicy) -> None:
        async with self.world.database.working() as session:
            await Environments(session).set_policy(self.world.places["main"].environment.id, policy)

    async def environment(self, **columns: Any) -> None:
        """Change the environment's row: its widgets, its return addresses, its name."""
        async with self.world.database.working() as session:
            await session.execute(table(EnvironmentRow).update().values(**columns))
