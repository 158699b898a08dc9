"""What half-sent, oversized, broken and too many requests cost: a bounded time, bounded bytes, one line each."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import structlog

from tests.serving import served

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

HEAD = b"POST /graphql HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
HELLO = b'{"query": "{ __typename }"}'
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(HELLO), HELLO)
SAID = b'{"data":{"__typename":"Query"}'
OPEN = "still open"


class Line:
    """One connection, spoken to byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, *pieces: bytes, pause: float = 0.0) -> None:
        for piece in pieces:
            with contextlib.suppress(ConnectionError):
                self._writer.write(piece)
                await self._writer.drain()
            await asyncio.sleep(pause)

    async def heard(self, seconds: float = 3.0) -> tuple[int | str, str | None]:
        """The status and the code of the answer, read until the server closes; 0 where it closed without a word."""
        said = b""
        try:
            async with asyncio.timeout(seconds):
                while piece := await self._reader.read(65_536):
                    said += piece
        except TimeoutError:
            return OPEN, None
        except ConnectionError:
            pass
        if not said:
            return 0, None
        head, _, body = said.partition(b"\r\n\r\n")
        assert b"content-type: application/json; charset=utf-8" in head, head
        errors = orjson.loads(body).get("errors")
        return int(head.split()[1]), errors[0]["extensions"]["code"] if errors else None

    async def answer(self) -> bytes:
        """The next answer of a connection that goes on."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head + await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


@contextlib.asynccontextmanager
async def listening(url: str, **wanted: Any) -> AsyncGenerator[tuple[Any, list[Any]], None]:
    """A server with short bounds, a way to call it, and what it logs."""
    bounds: dict[str, Any] = {
        "head_seconds": 0.3,
        "idle_seconds": 0.4,
        "head_bytes": 4_000,
        "limits": {"body_seconds": 0.3},
        **wanted,
    }
    lines: list[Line] = []
    with structlog.testing.capture_logs() as logged:
        async with served(url, **bounds) as address:
            port = int(address.rsplit(":", 1)[1])

            async def call() -> Line:
                lines.append(Line(*await asyncio.open_connection("127.0.0.1", port)))
                return lines[-1]

            yield call, logged
            for line in lines:
                line.close()


async def after(line: Line) -> tuple[float, tuple[int | str, str | None]]:
    began = time.monotonic()
    heard = await line.heard()
    return time.monotonic() - began, heard


HALVES: dict[str, tuple[list[bytes], tuple[int | str, str | None]]] = {
    "nothing at all": ([], (0, None)),
    "half a request line": ([b"POST /gra"], (408, "HEAD_INCOMPLETE")),
    "half a header": ([HEAD[:40]], (408, "HEAD_INCOMPLETE")),
    "a head without its end": ([HEAD], (408, "HEAD_INCOMPLETE")),
    "half a body": ([HEAD + b"Content-Length: 27\r\n\r\n", HELLO[:9]], (408, "BODY_INCOMPLETE")),
    "half a chunk": ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"ff\r\nabc"], (408, "BODY_INCOMPLETE")),
}


@pytest.mark.parametrize("half", HALVES)
async def test_a_half_sent_request_is_answered_and_closed_in_time(sqlite_url: str, half: str) -> None:
    pieces, ending = HALVES[half]
    async with listening(sqlite_url) as (call, _):
        line = await call()
        await line.say(*pieces)
        seconds, heard = await after(line)

    assert heard == ending
    assert 0.2 < seconds < 1.5


async def test_a_head_that_drips_has_no_more_time_than_one_that_stops(sqlite_url: str) -> None:
    async with listening(sqlite_url) as (call, _):
        line = await call()
        dripping = asyncio.create_task(line.say(*(bytes([each]) for each in HEAD[:19]), pause=0.02))
        seconds, heard = await after(line)
        await dripping

    assert heard == (408, "HEAD_INCOMPLETE")
    assert seconds < 1.5


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 5_000,
        b"GET / HTTP/1.1\r\nHost: t\r\nX-Long: " + b"a" * 5_000,
        b"GET / HTTP/1.1\r\nHost: t\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"a" * 20) for i in range(200)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: t\r\nX-Long: " + b"a" * 5_000 + b"\r\n\r\n",
    ],
    ids=["an address without end", "a header without end", "many headers", "a long header"],
)
async def test_a_head_that_is_too_large_is_431(sqlite_url: str, head: bytes) -> None:
    async with listening(sqlite_url) as (call, logged):
        line = await call()
        await line.say(head)
        heard = await line.heard()

    assert heard == (431, "HEAD_TOO_LARGE")
    assert [each["status"] for each in logged if each["event"] == "request"] == [431]


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : t\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: t\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: t\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: t\r\nX: a\x00b\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_400_and_closed(sqlite_url: str, bytes_sent: bytes) -> None:
    async with listening(sqlite_url) as (call, logged):
        line = await call()
        await line.say(bytes_sent)
        heard = await line.heard()

    assert heard == (400, "BAD_REQUEST")
    assert [(each["event"], each["log_level"], each["status"]) for each in logged] == [("request", "info", 400)]


@pytest.mark.parametrize("at", [3, 90, len(WHOLE), len(WHOLE) + 60])
@pytest.mark.parametrize("to", [b"websocket", b"h2c"])
async def test_an_upgrade_is_not_made_and_the_request_answered(sqlite_url: str, to: bytes, at: int) -> None:
    asked = WHOLE.replace(b"Host: t", b"Host: t\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: " + to)
    async with listening(sqlite_url) as (call, logged):
        line = await call()
        await line.say(asked[:at], asked[at:], pause=0.02)
        answers = [await line.answer()]
        await line.say(WHOLE)
        answers.append(await line.answer())

    assert [each.startswith(b"HTTP/1.1 200 ") for each in answers] == [True, True]
    assert [each["event"] for each in logged] == ["request", "request"]


async def test_a_connection_is_used_again_and_rests_no_longer_than_it_may(sqlite_url: str) -> None:
    async with listening(sqlite_url, idle_seconds=1.0) as (call, _):
        line = await call()
        for _ in range(3):
            await line.say(WHOLE)
            assert SAID in await line.answer()
        seconds, heard = await after(line)
        late = await call()
        await late.say(WHOLE)
        await late.answer()
        await late.say(b"POST /gra")
        slow, end = await after(late)

    assert (heard, end) == ((0, None), (408, "HEAD_INCOMPLETE"))
    assert 0.8 < seconds < 2.5
    assert 0.2 < slow < 1.5


async def test_a_body_that_nobody_wanted_does_not_hold_the_connection(sqlite_url: str) -> None:
    async with listening(sqlite_url) as (call, _):
        line = await call()
        await line.say(b"POST /nowhere HTTP/1.1\r\nHost: t\r\nContent-Length: 900000\r\n\r\n")
        assert b" 404 " in await line.answer()
        dripping = asyncio.create_task(line.say(*[b"x"] * 60, pause=0.1))
        seconds, heard = await after(line)
        dripping.cancel()

    assert heard == (0, None)
    assert seconds < 2.9


async def test_requests_in_a_row_are_answered_in_order_and_a_flood_of_them_is_cut(sqlite_url: str) -> None:
    async with listening(sqlite_url, head_bytes=64_000) as (call, _):
        line = await call()
        await line.say(WHOLE * 8)
        answers = [SAID in await line.answer() for _ in range(8)]
        flood = await call()
        await flood.say(WHOLE * 400)
        heard = await flood.heard()

    assert answers == [True] * 8
    assert heard == (0, None)


async def test_beyond_the_most_connections_resting_ones_give_way_and_others_are_503(sqlite_url: str) -> None:
    async with listening(sqlite_url, connections=3, head_seconds=2.0, idle_seconds=20.0) as (call, _):
        resting = await call()
        await resting.say(WHOLE)
        await resting.answer()
        half = [await call() for _ in range(2)]
        for line in half:
            await line.say(b"POST /gra")
        taken = await call()
        await taken.say(WHOLE.replace(b"Host: t", b"Host: t\r\nConnection: close"))
        heard = await taken.heard(), await resting.heard()
        more = [await call() for _ in range(3)]
        for line in more:
            await line.say(b"GET /livez HTTP/1.1\r\n")
        refused = [await line.heard() for line in more[1:]]

    assert heard == ((200, None), (0, None))
    assert refused == [(503, "TOO_MANY_CONNECTIONS")] * 2


async def test_hundreds_of_slow_heads_cost_little_memory_and_do_not_stop_the_others(sqlite_url: str) -> None:
    async with listening(sqlite_url, connections=400, head_bytes=64_000, head_seconds=1.5) as (call, _):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        slow = [await call() for _ in range(300)]
        for line in slow:
            await line.say(b"GET / HTTP/1.1\r\nX: " + b"a" * 30_000)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        quick = await call()
        await quick.say(WHOLE)
        answer = await quick.answer()
        quick.close()
        heard = [await line.heard() for line in slow]

    assert SAID in answer
    assert heard == [(408, "HEAD_INCOMPLETE")] * 300
    assert grown < 60_000  # kilobytes
