"""A kept answer that the connection gives by itself is the one that the long way would give. (ADR 30)"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from plangate.app import create_app
from plangate.clock import SystemClock
from plangate.http.answers import Answer
from plangate.http.begun import Late, within
from plangate.logs import logger
from plangate.settings import ProfileName, Settings
from plangate.visits import Visits
from tests.plangate.http.lines import bare, listening
from tests.serving import SECRET
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

    from models.session import Database
    from plangate.http.head import Head
    from tests.plangate.http.lines import Line

PLANS = json.dumps({"query": "{ plans { key name } }"}).encode()
GET = b"GET /graphql%b HTTP/1.1\r\nHost: t\r\nAccept: %b\r\n\r\n"
OWN = re.compile(rb"(?<=x-request-id: )req_[0-9a-f]{20}|(?<=date: )[^\r]+")
HERS = json.dumps({"query": '{ customer(ref: {externalId: "acme"}) { name } }'}).encode()
UPSERT = """mutation { customerUpsert(input: {externalId: "acme", name: "%s"}) {
  ... on CustomerUpserted { created } } }"""
KEY = """mutation { apiKeyCreate(input: {kind: SECRET, name: "hers", scopes: ["*"]}) {
  ... on ApiKeyCreated { key { id } secret } } }"""
REVOKE = """mutation($id: ID!) { apiKeyRevoke(input: {id: $id}) { __typename } }"""


def posted(key: str, *fields: str, body: bytes = PLANS, version: str = "1.1", length: bool = True) -> bytes:
    """A request to the byte."""
    said = [f"POST /graphql HTTP/{version}", "Host: t", f"Authorization: Bearer {key}"]
    said += [each for each in fields if each]
    said += [] if any(each.startswith("Content-Type") for each in fields) else ["Content-Type: application/json"]
    said += [f"Content-Length: {len(body)}"] if length else []
    return "\r\n".join([*said, "", ""]).encode() + body


def alike(answer: bytes) -> bytes:
    """An answer without what is its own."""
    return OWN.sub(b"-", answer)


@pytest.fixture
async def world(database: Database) -> World:
    """A world with an environment whose present is the real one: of a test clock's nothing that opens it is kept."""
    made = await World.begin(database)
    await made.settle("real", None)
    await made.ask(UPSERT % "Acme", place="real")
    return made


@asynccontextmanager
async def two(world: World) -> AsyncGenerator[tuple[Any, Any, list[Any]], None]:
    """A server with memory, and one without that knows nothing but the interface; over one file; and what both log."""
    url, more = world.database.url, {"idle_seconds": 5.0, "notice_seconds": 0.0}
    settings = Settings(database_url=url, secret=SECRET, profile=ProfileName.DEVELOPMENT, snapshot_bytes=0)
    app = create_app(settings, clock=world.clock)

    async def as_any(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    async with listening(url, clock=world.clock, **more) as (one, _), bare(as_any, url, **more) as (other, logged):
        yield one, other, logged


async def told(line: Line, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Ask on a connection that goes on."""
    await line.say(*pieces, pause=pause)
    return alike(await line.answer())


async def at_once(line: Line) -> int:
    """How many answers the server's connections gave by themselves."""
    await line.say(b"GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n")
    (counted,) = re.findall(rb"\nplangate_answers_at_once_total (\d+)", await line.answer())
    return int(counted)


async def test_whatever_way_it_is_asked_the_answer_is_that_of_a_server_without_memory(world: World) -> None:
    key, half = world.places["real"].secret, len(PLANS) // 2
    whole = posted(key)
    chunked = posted(
        key, "Transfer-Encoding: chunked", body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(PLANS), PLANS), length=False
    )
    ways: dict[str, tuple[list[bytes], int]] = {
        "plain": ([whole], 1),
        "the other media type": ([posted(key, "Accept: application/graphql-response+json")], 1),
        "with an id": ([posted(key, "X-Request-Id: from-a-proxy-1")], 1),
        "with two ids": ([posted(key, "X-Request-Id: from-a-proxy-1", "X-Request-Id: from-a-proxy-2")], 1),
        "with an id that is none": ([posted(key, "X-Request-Id: no")], 1),
        "from a page": ([posted(key, "Origin: https://elsewhere.example")], 1),
        "in one chunk": ([chunked], 1),
        "in two pieces": ([whole[:-half], whole[-half:]], 0),
        "the head first": ([whole[: -len(PLANS)], PLANS], 0),
        "with an expectation": ([posted(key, "Expect: 200-ok")], 1),
        "another key": ([posted(world.places["real"].publishable)], 0),
        "another environment": ([posted(world.places["main"].secret)], 0),
        "nobody's key": ([posted("sk_test_nobody")], 0),
        "two credentials": ([posted(key, f"Authorization: Bearer {key}")], 0),
        "a type that nobody serves": ([posted(key, "Accept: text/html")], 0),
        "what is no JSON": ([posted(key, "Content-Type: text/plain")], 0),
        "a coding": ([posted(key, "Content-Encoding: gzip")], 0),
        "one byte more": ([posted(key, body=PLANS + b" ")], 0),
        "an act": ([posted(key, body=json.dumps({"query": UPSERT % "Acme"}).encode())], 0),
        "no document": ([posted(key, body=json.dumps({"query": "{ plans {"}).encode())], 0),
        "no JSON": ([posted(key, body=b"{")], 0),
        "nothing": ([posted(key, body=b"")], 0),
        "a method that is none": ([posted(key).replace(b"POST", b"PUT", 1)], 0),
        "a question in the address": ([GET % (b"?query=%7B__typename%7D", b"application/json")], 0),
        "a page": ([GET % (b"", b"text/html")], 0),
        "a door that is none": ([GET % (b"/none", b"*/*")], 0),
    }
    async with two(world) as (remembering, forgetting, _):
        one, other = await remembering(), await forgetting()
        for _ in range(3):
            assert await told(one, whole) == await told(other, whole)
        for way, (pieces, expected) in ways.items():
            before = await at_once(one)
            assert await told(one, *pieces, pause=0.02) == await told(other, *pieces, pause=0.02), way
            assert not world.database.sqlite or await at_once(one) - before == expected, way
        head_only = posted(key, "Connection: close").replace(b"POST", b"HEAD", 1)
        for ending in (posted(key, version="1.0"), posted(key, "Connection: close"), head_only):
            last, there = await remembering(), await forgetting()
            await last.say(ending)
            await there.say(ending)
            assert alike(await last.rest()) == alike(await there.rest())


async def test_a_row_of_requests_is_answered_in_its_order_and_each_has_its_line(world: World) -> None:
    key = world.places["real"].secret
    new = json.dumps({"query": "{ plans { name key } }"}).encode()
    row = [posted(key, f"X-Request-Id: number-{n}", body=new if n % 3 == 2 else PLANS) for n in range(12)]
    async with two(world) as (remembering, forgetting, logged):
        one, other = await remembering(), await forgetting()
        for _ in range(3):
            await told(one, posted(key))
        logged.clear()
        await one.say(b"".join(row))
        await other.say(b"".join(row))
        answers = [await one.answer() for _ in row]
        assert [alike(each) for each in answers] == [alike(await other.answer()) for _ in row]
        assert [re.findall(rb"x-request-id: number-(\d+)", each) for each in answers] == [
            [b"%d" % n] for n in range(len(row))
        ]
        lines = Counter(
            (each["method"], each["route"], each["status"]) for each in logged if each["event"] == "request"
        )
        assert lines == {("POST", "/graphql", 200): 2 * len(row)}
        assert not world.database.sqlite or await at_once(one) >= 8  # of those after new ones too


async def test_of_a_row_of_requests_that_wait_each_is_bounded_in_time_by_itself(database: Database) -> None:
    class Slow:
        async def answer(self, scope: Scope, head: Head, receive: Receive) -> Answer:
            del scope, head, receive
            try:
                await within(0.05, asyncio.sleep(30))
            except Late:
                return Answer(503, (), b"late")
            return Answer(200, (), b"in time")

    async def opens(_: Scope, receive: Receive, send: Send) -> None:
        while True:
            await send({"type": f"{(await receive())['type']}.complete"})

    app = Visits(opens, logger(), SystemClock(), https=False, endpoint=Slow())
    async with bare(app, database.url, idle_seconds=5.0) as (call, _):
        line = await call()
        await line.say(posted("nobody") * 3)
        async with asyncio.timeout(5):
            assert [(await line.answer())[-4:] for _ in range(3)] == [b"late"] * 3


async def test_what_somebody_wrote_and_who_may_ask_no_more_are_known_at_once(world: World) -> None:
    made = (await world.ask(KEY, place="real"))["apiKeyCreate"]
    async with two(world) as (remembering, forgetting, _):
        one, other = await remembering(), await forgetting()
        asked = posted(made["secret"], body=HERS)
        before = [await told(one, asked) for _ in range(4)]
        assert set(before) == {await told(other, asked)}
        await world.ask(UPSERT % "Another", place="real")
        after = [await told(one, asked) for _ in range(4)]
        assert set(after) == {await told(other, asked)} != set(before)
        assert not world.database.sqlite or await at_once(one) > 2
        await world.ask(REVOKE, place="real", id=made["key"]["id"])
        refused = await told(one, asked)
        assert refused == await told(other, asked)
        assert b" 401 " in refused[:20]
