"""What half-sent, oversized, broken and too many requests cost: a bounded time, bounded bytes, one line each."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from typing import TYPE_CHECKING, Any

import pytest

from plangate.http.answers import send_answer
from plangate.http.connections import MOST_PIPELINED, RESERVED
from tests.plangate.http.lines import GET, HEAD, HELLO, SAID, WHOLE, Line, after, bare, listening

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

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
        said = await flood.rest()

    assert answers == [True] * 8
    assert (said.count(SAID), said.count(b"HTTP/1.1 ")) == (MOST_PIPELINED + 1, MOST_PIPELINED + 2)
    assert b"HTTP/1.1 503 " in said
    assert said.endswith(b'"extensions":{"code":"TOO_MANY_PIPELINED"}}]}')


async def test_beyond_the_most_connections_those_that_rest_give_way_and_then_the_oldest_half_sent(
    sqlite_url: str,
) -> None:
    async with listening(sqlite_url, connections=3, head_seconds=5.0, idle_seconds=20.0) as (call, _):
        half = [await call() for _ in range(2)]
        for line, piece in zip(half, (b"POST /gra", b""), strict=True):
            await line.say(piece)
        resting = await call()
        await resting.say(WHOLE)
        await resting.answer()
        ended: list[tuple[int | str, str | None]] = []
        for gives_way in (resting, *half):
            new = await call()
            await new.say(WHOLE[:-1])
            ended.append(await gives_way.heard())
        last = await call()
        await last.say(WHOLE)
        answer = await last.answer()

    assert SAID in answer
    assert ended == [(0, None), (503, "TOO_MANY_CONNECTIONS"), (503, "TOO_MANY_CONNECTIONS")]


async def test_half_sent_bodies_on_every_connection_keep_nobody_out(sqlite_url: str) -> None:
    async with listening(sqlite_url, connections=100, head_seconds=20.0, limits={"body_seconds": 20.0}) as (call, _):
        half = [await call() for _ in range(100)]
        for line in half:
            await line.say(HEAD + b"Content-Length: 99\r\n\r\n{")
        answers: list[bool] = []
        for _ in range(20):
            new = await call()
            await new.say(b"GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n")
            answers.append((await new.answer()).startswith(b"HTTP/1.1 200 "))
            new.close()
        evicted = await half[0].heard()

    assert answers == [True] * 20
    assert evicted == (503, "TOO_MANY_CONNECTIONS")


class Slow:
    """An application that answers nothing but questions about its health before it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            health = scope["path"] in ("/livez", "/readyz")
            await (asyncio.sleep(0) if health else self.let.wait())
            await send_answer(send, 200, b"well" if health else b"late", {})


@contextlib.asynccontextmanager
async def full(url: str, **wanted: Any) -> AsyncGenerator[tuple[Any, list[Line]], None]:
    """A server of two connections that are both being served, and which are answered in the end."""
    slow = Slow()
    async with bare(slow, url, connections=2, **wanted) as (call, _):
        served = [await call() for _ in range(2)]
        for line in served:
            await line.say(WHOLE)
        await asyncio.sleep(0.1)
        yield call, served
        slow.let.set()
        assert [(await line.answer())[-4:] for line in served] == [b"late"] * 2


async def test_where_everybody_is_served_a_new_request_is_503(sqlite_url: str) -> None:
    async with full(sqlite_url) as (call, _):
        new = await call()
        await new.say(WHOLE)
        refused = await new.heard()

    assert refused == (503, "TOO_MANY_CONNECTIONS")


@pytest.mark.parametrize("silent", [0, RESERVED, 3 * RESERVED])
async def test_where_everybody_is_served_questions_about_health_are_still_answered_and_nothing_else(
    sqlite_url: str, silent: int
) -> None:
    async with full(sqlite_url, head_seconds=5.0) as (call, _):
        waiting = [await call() for _ in range(silent)]
        healths: list[bytes] = []
        for asked in (GET, GET.replace(b"livez", b"readyz?verbose"), GET):
            line = await call()
            await line.say(asked)
            healths.append(await line.rest())
        other = await call()
        await other.say(GET.replace(b"livez", b"livezz"))
        refused = await other.heard()
        first = await waiting[0].heard() if waiting else None

    assert [(each[:13], each[-4:]) for each in healths] == [(b"HTTP/1.1 200 ", b"well")] * 3, "and then it is closed"
    assert refused == (503, "TOO_MANY_CONNECTIONS")
    assert first in (None, (503, "TOO_MANY_CONNECTIONS")), "who said nothing gives way"


async def test_more_questions_about_health_than_are_kept_places_for_are_503(sqlite_url: str) -> None:
    slow = asyncio.Event()

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await slow.wait()
            await send_answer(send, 200, b"late", {})

    async with bare(app, sqlite_url, connections=2) as (call, _):
        asked: list[Line] = []
        for _ in range(2 + RESERVED):
            asked.append(await call())
            await asked[-1].say(GET, pause=0.05)
        refused = await (await call()).heard()
        slow.set()
        answers = [(await line.answer())[-4:] for line in asked]
        again = await call()
        await again.say(WHOLE)
        late = await again.answer()

    assert refused == (503, "TOO_MANY_CONNECTIONS")
    assert answers == [b"late"] * (2 + RESERVED)
    assert late[-4:] == b"late", "a place that is free again is anybody's"


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


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%s\r\n0\r\n" % (len(HELLO), HELLO)


@pytest.mark.parametrize(
    "piece",
    [b"".join(b"X%d: y\r\n" % i for i in range(500)), b"a" * 5_000, b"X: " + b"a" * 5_000],
    ids=["many trailers", "an endless name", "an endless value"],
)
async def test_trailers_without_end_are_431_and_held_nowhere(sqlite_url: str, piece: bytes) -> None:
    async with listening(sqlite_url) as (call, logged):
        line = await call()
        await line.say(CHUNKED + b"1\r\n{\r\n0\r\n" + piece[:3_000])
        await line.say(piece[3_000:])
        heard = await line.heard()

    assert heard == (431, "HEAD_TOO_LARGE")
    assert {each["log_level"] for each in logged} == {"info"}


@pytest.mark.parametrize("end", [b"ff;" + b"a" * 5_000, b"1;name=value\r\nx\r\n" * 1_000], ids=["one", "many"])
async def test_chunk_extensions_without_end_are_431(sqlite_url: str, end: bytes) -> None:
    async with listening(sqlite_url, limits={"body_seconds": 3.0}) as (call, _):
        line = await call()
        await line.say(CHUNKED)
        await line.say(end)
        heard = await line.heard()

    assert heard == (431, "HEAD_TOO_LARGE")


async def test_a_body_in_very_small_chunks_is_taken(sqlite_url: str) -> None:
    body = HELLO + b" " * 5_000
    async with listening(sqlite_url) as (call, _):
        line = await call()
        await line.say(CHUNKED + b"".join(b"1;a\r\n%c\r\n" % each for each in body) + b"0\r\nX-Sum: 1\r\n\r\n" + WHOLE)
        answers = [SAID in await line.answer() for _ in range(2)]

    assert answers == [True, True]


async def test_a_trailer_is_no_header(sqlite_url: str) -> None:
    async with listening(sqlite_url) as (call, _):
        line = await call()
        await line.say(CHUNKED + CHUNK + b"Authorization: Bearer sk_test_nobody\r\nX-Request-Id: abcdefghijk\r\n\r\n")
        answer = await line.answer()

    assert SAID in answer
    assert b"abcdefghijk" not in answer


async def test_three_upgrades_in_a_row_are_three_answers(sqlite_url: str) -> None:
    asked = GET.replace(b"Host: t", b"Host: t\r\nConnection: Upgrade\r\nUpgrade: foo")
    async with listening(sqlite_url) as (call, logged):
        line = await call()
        await line.say(asked * 3)
        answers = [(await line.answer()).startswith(b"HTTP/1.1 200 ") for _ in range(3)]

    assert answers == [True] * 3
    assert [each["log_level"] for each in logged] == ["debug"] * 3


async def test_what_is_wrong_with_a_later_request_is_said_after_the_answers_before_it(sqlite_url: str) -> None:
    async with listening(sqlite_url) as (call, _):
        line = await call()
        await line.say(GET + WHOLE + CHUNKED + b"zz\r\n" + GET)
        said = await line.rest()

    assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"400"]


async def test_who_hangs_up_amid_many_requests_is_no_mistake_of_ours(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(sqlite_url) as (call, logged):
        for _ in range(10):
            line = await call()
            await line.say(GET.replace(b"livez", b"readyz") * 12)
            await line.answer()
            line.close()
        await asyncio.sleep(0.3)

    assert {(each["event"], each["log_level"]) for each in logged} == {("request", "debug")}
    assert caplog.records == []


async def test_empty_lines_do_not_let_a_connection_rest_for_ever(sqlite_url: str) -> None:
    async with listening(sqlite_url, idle_seconds=1.0) as (call, _):
        line = await call()
        await line.say(WHOLE)
        await line.answer()
        await line.say(b"\r\n")
        seconds, heard = await after(line)

    assert heard == (0, None)
    assert seconds < 2.5
