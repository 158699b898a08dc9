"""A small real schema behind the real endpoint, and ways to ask it."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx2
import orjson
import strawberry
import structlog
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from billing.refusals import HistoryNotKept, TemporarilyUnavailable
from plangate.execution.endpoint import GraphQLEndpoint
from plangate.execution.errors import CodedError
from plangate.execution.limits import ExecutionLimits
from plangate.execution.profile import DEVELOPMENT, Profile
from plangate.http.head import Head
from plangate.http.pages import Page
from plangate.http.problems import CredentialProblem

GRAPHQL: Final = "application/graphql-response+json"


@dataclass(slots=True)
class Visit:
    """The context of one request, and what became of it."""

    key: str | None = None
    closed: bool = False
    cancelled: bool = False

    async def close(self) -> None:
        self.closed = True


class Info(strawberry.Info[Visit, None]):
    """As the schema room's own: it adds a question to what Strawberry knows."""

    @property
    def wanted(self) -> str:
        return ",".join(
            child.name for selected in self.selected_fields for child in getattr(selected, "selections", [])
        )


@strawberry.input
class Size:
    width: int
    label: str | None = None
    inner: list["Size"] | None = None


@strawberry.input(one_of=True)
class Name:
    id: strawberry.Maybe[str]
    external_id: strawberry.Maybe[str]


@strawberry.type
class Leaf:
    name: str

    @strawberry.field
    def again(self) -> "Leaf":
        return self

    @strawberry.field
    def busy(self) -> str:
        until = time.perf_counter() + 0.001
        while time.perf_counter() < until:
            pass
        return self.name

    @strawberry.field
    def even(self) -> str | None:
        if int(self.name) % 2:
            raise CodedError("ODD", "An odd one.")
        return self.name


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "you") -> str:
        return f"Hello, {name}"

    @strawberry.field
    def double(self, n: int = 1) -> int:
        return n * 2

    @strawberry.field
    def total(self, of: list[int]) -> int:
        return sum(of)

    @strawberry.field
    def area(self, size: Size) -> int:
        return size.width

    @strawberry.field
    def named(self, ref: Name) -> str:
        return str(ref.id or ref.external_id)

    @strawberry.field
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field
    def moment(self, at: datetime) -> datetime:
        return at

    @strawberry.field
    async def leaf(self, info: Info) -> Leaf:
        await asyncio.sleep(0)
        return Leaf(name=info.wanted)

    @strawberry.field
    def leaves(self, count: int) -> list[Leaf]:
        return [Leaf(name=str(number)) for number in range(count)]

    @strawberry.field
    def key(self, info: Info) -> str | None:
        return info.context.key

    @strawberry.field
    def refused(self) -> int | None:
        raise HistoryNotKept("History starts later.", "at", kept_since=datetime(2024, 1, 31, tzinfo=UTC))

    @strawberry.field
    def coded(self) -> int | None:
        raise CodedError("TOO_EARLY", "Come back later.", retry_after=5)

    @strawberry.field
    def broken(self) -> int | None:
        raise ValueError("the database's password is hunter2")

    @strawberry.field
    def needed(self) -> int:
        raise ValueError("hunter2")

    @strawberry.field
    def too_big(self) -> int | None:
        return 2**40

    @strawberry.field
    def unspeakable(self) -> JSON:
        return JSON(2**70)

    @strawberry.field
    async def slow(self, info: Info) -> str:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            info.context.cancelled = True
            raise
        return "late"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def bump(self, by: int = 1) -> int:
        await asyncio.sleep(0)
        return by


SCHEMA: Final = strawberry.Schema(Query, Mutation, config=StrawberryConfig(info_class=Info))


@dataclass(slots=True)
class Front:
    """An endpoint, what it logged, and the visits it had."""

    limits: ExecutionLimits = field(default_factory=ExecutionLimits)
    profile: Profile = DEVELOPMENT
    page: Page | None = None
    lines: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    visits: list[Visit] = field(default_factory=list[Visit])
    app: GraphQLEndpoint = field(init=False)

    def __post_init__(self) -> None:
        log = structlog.wrap_logger(
            None, processors=[self._keep], wrapper_class=structlog.make_filtering_bound_logger(0)
        )
        self.app = GraphQLEndpoint(SCHEMA, self._identify, self.limits, page=self.page, log=log, profile=self.profile)

    def _keep(self, _logger: object, _method: str, line: Mapping[str, Any]) -> Mapping[str, Any]:
        self.lines.append(dict(line))
        raise structlog.DropEvent

    async def _identify(self, head: Head) -> Visit:
        key = head.first(b"authorization") or None
        if key == "Bearer wrong":
            raise CredentialProblem("CREDENTIAL_INVALID", "This key is not known.")
        if key == "Bearer down":
            raise ConnectionError("could not connect to host 10.0.0.7 as postgres")
        if key == "Bearer busy":
            raise TemporarilyUnavailable("Busy.")
        self.visits.append(Visit(key))
        return self.visits[-1]

    async def send(
        self, method: str, *, content: bytes | None = None, query: str = "", headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """Send one request as it is."""
        transport = httpx2.ASGITransport(self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://plangate.test") as client:
            request = client.build_request(method, f"/graphql{query}", content=content)
            for name in ("accept", "accept-encoding", "user-agent", "content-type"):
                request.headers.pop(name, None)
            request.headers.update(dict(headers or {}))
            return await client.send(request)

    async def post(self, content: bytes, **headers: str) -> httpx2.Response:
        """Post a body as JSON; header names are written with underscores."""
        named = {
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.send("POST", content=content, headers=named)

    async def ask(
        self, query: str, variables: object = None, *, name: str | None = None, **headers: str
    ) -> dict[str, Any]:
        """Post a document and read the answer's JSON, without its cost."""
        body = {"query": query, "variables": variables, "operationName": name}
        return answered(await self.post(orjson.dumps(body), **headers))


def answered(response: httpx2.Response) -> dict[str, Any]:
    """Read an answer's JSON, without its cost."""
    answer: dict[str, Any] = response.json()
    answer.pop("extensions", None)
    return answer


def said(response: httpx2.Response) -> tuple[int, list[str]]:
    """Give the status and the codes of the errors."""
    return response.status_code, [error["extensions"]["code"] for error in response.json()["errors"]]
