"""The application: every door of the program, joined in one place."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import field
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, Router

from billing.dataclass import dataclass
from models.migrations import demand_current
from models.session import Database
from plangate.auth import Doorkeeper
from plangate.clock import SystemClock
from plangate.contexts import Contexts
from plangate.execution.at_once import AtOnce
from plangate.execution.endpoint import GraphQLEndpoint
from plangate.execution.keeping import KeptAnswers
from plangate.execution.plans import core_schema
from plangate.http.health import livez, readyz
from plangate.http.metrics import metrics, of_lookout, of_snapshots
from plangate.later import Later, demand_packages
from plangate.logs import logger
from plangate.settings import ProfileName
from plangate.visits import GRAPHQL, Visits
from schema.build import schema

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from plangate.clock import Clock
    from plangate.http.metrics import Count
    from plangate.http.pages import Page
    from plangate.settings import Settings

LAST_STEP_SECONDS: Final = 0.5
PAGES: Final = ("/portal", "/portal/{rest:path}", "/invoices/{rest:path}")
"""Where people are led, by the links that they are sent."""


@dataclass(frozen=True, slots=True)
class Door:
    """An ASGI application as a route's endpoint, whatever sort of callable it is."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Doors:
    """The door that nearly everybody wants, before all are looked through: that finds it behind a path too."""

    graphql: ASGIApp
    others: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        wanted = scope["type"] == "http" and scope["path"] == GRAPHQL
        await (self.graphql if wanted else self.others)(scope, receive, send)


def create_app(
    settings: Settings, *, clock: Clock | None = None, fill: Mapping[str, str] | None = None, looked_at: bool = False
) -> Visits:
    """Make the program's ASGI application; `fill` gives the playground's operations their values.

    Its lifespan demands the schema that this program knows, unless the database was `looked_at` already, runs the
    worker if the settings say so, and closes the database. Raises `UserProblem` where the settings or the installation
    lack something.
    """
    demand_packages()
    house = House(settings, clock or SystemClock(), dict(fill or {}), looked_at=looked_at)
    app = Starlette(
        routes=house.routes(),
        lifespan=house.lifespan,
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False  # a redirect would be built from the Host that the client names
    doors, endpoint, ready = Doors(house.graphql, app), house.graphql, house.ready
    return Visits(doors, logger(), house.clock, https=house.https, endpoint=endpoint, ready=ready)


@dataclass(slots=True)
class House:
    """What the doors share."""

    settings: Settings
    clock: Clock
    fill: dict[str, str]
    looked_at: bool
    database: Database = field(init=False)
    contexts: Contexts = field(init=False)
    ready: AtOnce | None = field(init=False, default=None)
    graphql: GraphQLEndpoint = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the database, without opening it, and what makes contexts."""
        self.database = Database(
            self.settings.database_url,
            wait_seconds=self.settings.database_wait_seconds,
            snapshot_bytes=self.settings.snapshot_bytes,
            notice_seconds=self.settings.notice_seconds,
        )
        self.contexts = Contexts.real(self.database, self.settings, clock=self.clock)
        self.graphql = self._graphql()

    def routes(self) -> list[Route]:
        """Every door."""
        pages = Door(Later(self._for_people))
        return [
            Route(GRAPHQL, Door(self.graphql)),
            Route("/livez", Door(livez)),
            Route("/readyz", Door(readyz(self.database.probe))),
            Route("/metrics", Door(metrics(self._counts))),
            *(Route(path, pages) for path in PAGES),
            *([Route("/", _to_graphql)] if self._pages else []),
        ]

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None, None]:
        """Open the house, and close it again."""
        if not self.looked_at:
            await demand_current(self.settings.database_url)
        try:
            async with self._working():
                yield
        finally:
            await self.database.close()

    @asynccontextmanager
    async def _working(self) -> AsyncGenerator[None, None]:
        """Run the worker inside, if the settings say so, and let its last step end."""
        if not self.settings.worker_inside:
            yield
            return
        from plangate.mailing.postman import mail_carriers  # noqa: PLC0415  (who runs no worker needs neither)
        from plangate.worker import Worker  # noqa: PLC0415  (as above)

        idle, mails = self.settings.worker_idle_seconds, mail_carriers(self.contexts, self.settings)
        worker = Worker(self.database, self.clock, self.contexts.ids, idle_seconds=idle, mails=mails)
        stop = asyncio.Event()
        working = asyncio.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(working, LAST_STEP_SECONDS)

    def _counts(self) -> list[Count]:
        store = self.database
        at_once = self.ready.counts() if self.ready is not None else []
        return [*self.graphql.counts(), *at_once, *of_snapshots(store.snapshots), *of_lookout(store.lookout)]

    @property
    def https(self) -> bool:
        """Whether the outside comes by HTTPS."""
        return self.settings.url.startswith("https://")

    @property
    def _pages(self) -> bool:
        return self.settings.profile is ProfileName.DEVELOPMENT

    def _for_people(self) -> Router:
        from plangate.paper.routes import routes as invoices  # noqa: PLC0415  (templates and formats: see `later`)
        from plangate.portal.routes import routes as portal  # noqa: PLC0415  (as above)

        doors = [*portal(self.contexts, secure_cookies=self.https), *invoices(self.contexts)]
        return Router(doors, redirect_slashes=False)

    def _page(self) -> Page | None:
        if not self._pages:
            return None
        from plangate.playground.page import playground  # noqa: PLC0415  (production shows no page)

        return playground(core_schema(schema), fill=self.fill)

    def _graphql(self) -> GraphQLEndpoint:
        doorkeeper = Doorkeeper(self.contexts, self.settings.public_environment)
        answers = KeptAnswers(self.database)
        if answers.keeps:
            self.ready = AtOnce(answers, doorkeeper, self.clock)
        return GraphQLEndpoint(
            schema,
            doorkeeper.identify,
            self.settings.limits.execution(),
            page=self._page(),
            log=logger(),
            profile=self.settings.shows,
            answers=answers,
            stretch=self.database.stretch,
        )


async def _to_graphql(_request: Request) -> Response:
    return RedirectResponse("/graphql")


async def _refused(_request: Request, problem: Exception) -> Response:
    status, headers = (problem.status_code, problem.headers) if isinstance(problem, HTTPException) else (500, None)
    said = {404: ("NOT_FOUND", "There is nothing here."), 405: ("METHOD_NOT_ALLOWED", "Not in this way.")}
    code, message = said.get(status, ("BAD_REQUEST", "This cannot be served."))
    return JSONResponse({"code": code, "message": message}, status, headers=headers)
