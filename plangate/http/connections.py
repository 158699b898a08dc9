"""Connections: bounded in number, and each in the time and bytes that it may take before and between requests.

The server that listens (uvicorn) bounds none of this: it would wait for ever for the rest of a request's head.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from billing.dataclass import dataclass
from plangate.http.answers import JSON
from plangate.http.places import Giving, Places
from plangate.http.saying import Saying
from plangate.http.short import goes_short

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from structlog.typing import FilteringBoundLogger
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from plangate.http.short import ShortWay

MOST_PIPELINED: Final = 16
RESERVED: Final = 16
"""Places beyond the bound, for those who only ask how we are."""
HEALTH: Final = frozenset({b"/livez", b"/readyz"})
LINGER_SECONDS: Final = 2.0
"""How long what is still on its way is waited for, in either direction, once a connection is given up."""

_OF_UPGRADES: Final = frozenset({b"connection", b"upgrade", b"http2-settings"})
_MARKS: Final = 4
"""Bytes of a field beside its name and its value."""
_CHUNK: Final = 8
"""Bytes around a piece of a body that are not counted: its length and two line ends."""


@dataclass(frozen=True, slots=True)
class _Word:
    """An answer that is given by hand."""

    status: int
    code: str
    message: str


_BAD: Final = _Word(400, "BAD_REQUEST", "This is not HTTP as it should be.")
_LATE: Final = _Word(408, "HEAD_INCOMPLETE", "The head of the request was not complete in time.")
_LARGE: Final = _Word(431, "HEAD_TOO_LARGE", "The head of the request, or what stands around its body, is too large.")
_FULL: Final = _Word(503, "TOO_MANY_CONNECTIONS", "Too many connections are open: come back shortly.")
_QUEUE: Final = _Word(503, "TOO_MANY_PIPELINED", "Too many requests wait on this connection: read their answers first.")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What connections may take: how many, seconds and bytes of a request's head, seconds of rest between requests."""

    connections: int = 1_000
    head_seconds: float = 10.0
    head_bytes: int = 64_000
    idle_seconds: float = 30.0
    unread_seconds: float = 30.0


def bounded(bounds: Bounds, log: FilteringBoundLogger, short: ShortWay | None = None) -> type[asyncio.Protocol]:
    """Give the server what makes a connection; each request that is here as a whole is first asked on the short way."""
    places: Places[Connection] = Places(bounds.connections)
    reserve: Places[Connection] = Places(RESERVED)
    made: Callable[..., asyncio.Protocol] = partial(Connection, bounds, (places, reserve), log, short)
    return cast("type[asyncio.Protocol]", made)


class Connection(HttpToolsProtocol):
    """One connection. A head that does not end is answered 408, one that is too large 431, what is no HTTP 400.

    What is wrong with a later request is said after the answers to those before it.
    """

    def __init__(
        self,
        bounds: Bounds,
        places: tuple[Places[Connection], Places[Connection]],
        log: FilteringBoundLogger,
        short: ShortWay | None,
        **server: Any,  # noqa: ANN401  (the server's own)
    ) -> None:
        """Stand between the socket and the server."""
        super().__init__(**server)
        self._bounds = bounds
        self._places, self._reserve = places
        self._log = log
        self._short = short
        self._next: ASGI3Application | None = None
        self._starts_later = False
        self._reading_head = self._head_is_new = False
        self._body_open = False
        self._head_size = self._taken = 0
        self._beside = 0
        self._running: RequestResponseCycle | None = None
        self._last_word: _Word | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # the server's own narrowing
        """Take the connection, or turn it away where there are too many."""
        super().connection_made(transport)
        if not (self._placed() or self._reserved()):
            self._refuse(_FULL)
            return
        self._wait(self._bounds.head_seconds, self._never_spoke)
        self._stand()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it, and let whoever answers know; what waits for an answer is not begun."""
        self._rest()
        if self._unread is not None:
            self._unread.cancel()
        self._places.leave(self)
        self.pipeline.clear()
        if self._running is not None and self._serving:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that are no body are counted, be they of a head, around a body or after it."""
        if self._deaf:
            return
        self._taken = len(data)
        self._beside += self._taken
        self._starts_later = True  # what comes may be a whole request
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self._refuse(_BAD)
        if (self._reading_head or self._body_open) and self._beside > self._bounds.head_bytes:
            self._refuse(_LARGE)
        if self._reading_head and self._head_is_new and not self._deaf:
            self._head_is_new = False
            self._wait(self._bounds.head_seconds, self._head_is_late)
        self._start()
        self._stand()

    def _feed(self, data: bytes) -> None:
        """Parse; a request that would rather speak something else is read again as one that would not."""
        while data and not self._deaf:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = self._plain() + data[upgrade.args[0] :]
            else:
                return

    def _plain(self) -> bytes:
        """Write the head again without its wish to speak something else, for a fresh parser."""
        if self.parser.get_method() == b"CONNECT":
            raise httptools.HttpParserError("CONNECT")
        kept = [(name, value) for name, value in self.headers if name not in _OF_UPGRADES]
        head = [self.parser.get_method(), b" ", self.url, b" HTTP/1.1\r\n"]
        head += [part for name, value in kept for part in (name, b": ", value, b"\r\n")]
        self.parser = httptools.HttpRequestParser(self)
        return b"".join([*head, b"\r\n"])

    def on_message_begin(self) -> None:
        """Begin a head."""
        if self._deaf:
            return
        self._unset_keepalive_if_required()
        super().on_message_begin()
        self._reading_head = self._head_is_new = True
        self._head_size = 0
        self._beside = min(self._beside, self._taken)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head. One that comes after the body is no header, and is dropped. (RFC 9110, 6.5.1)"""
        if self._reading_head:
            self._head_size += len(name) + len(value) + _MARKS
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request over, unless its head or the queue before it is too long."""
        reading, self._reading_head = self._reading_head, False
        if self._deaf or not reading:
            return
        self._rest()
        if self.parser.should_upgrade():
            return
        size = len(self.url) + self._head_size
        if size > self._bounds.head_bytes:
            self._refuse(_LARGE)
        elif len(self.pipeline) >= MOST_PIPELINED:
            self._refuse(_QUEUE)
        elif self._places is self._reserve and self.url.partition(b"?")[0] not in HEALTH:
            self._refuse(_FULL)
        else:
            self._beside = max(0, self._beside - size)
            self._body_open = True
            super().on_headers_complete()
            self.cycle.keep_alive = self.cycle.keep_alive and self._places is not self._reserve

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Serve a request."""
        self._running, self._next = cycle, app
        if not self._starts_later:
            self._start()

    def _start(self) -> None:
        """Serve what is to be served next, at once where that can be; of a row of requests one after the other."""
        self._starts_later = True
        while (app := self._next) is not None and (cycle := self._running) is not None:
            self._next = None
            short = None if self._deaf else self._short
            if short is None or not goes_short(cycle, short, self.tasks):
                self._served_by(app, cycle)
        self._starts_later = False

    def _served_by(self, app: ASGI3Application, cycle: RequestResponseCycle) -> None:
        async def served(scope: Any, receive: Any, _send: Any) -> None:  # noqa: ANN401  (the server's own types)
            await app(scope, receive, cast("Any", Saying(cycle)))

        super()._start_asgi_task(cycle, served)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, unless nobody is served any more."""
        self._beside = max(0, self._beside - len(body) - _CHUNK)
        if self._body_open and not self._deaf:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a request is whole."""
        served, self._body_open = self._body_open, False
        if served and not self._deaf:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on to the next request; a body that nobody wanted has little time to end."""
        super().on_response_complete()
        if self.transport.is_closing() or self._serving:
            return
        if self._last_word is not None:
            self._end_with(self._last_word)
        elif self._body_open:
            self._wait(LINGER_SECONDS, self._give_up)
        self._stand()

    def pause_writing(self) -> None:
        """Wait for a client that does not read, but not for ever."""
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(self._bounds.unread_seconds, self.transport.abort)
        self._stand()

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        self._stand()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that has rested for long."""
        self._give_up()

    def give_way(self, giving: Giving) -> None:
        """End, for a new connection needs the place; what was half asked is answered 503."""
        if giving is Giving.HALF_SENT:
            self._refuse(_FULL)
        else:
            self.transport.abort()

    @property
    def _serving(self) -> bool:
        return self._running is not None and not self._running.response_complete

    @property
    def _serving_whole(self) -> bool:
        """Whether a request is served that has come to its end."""
        return self._serving and not (self._body_open and self._running is self.cycle)

    @property
    def _deaf(self) -> bool:
        """Whether what comes is no longer listened to."""
        return self._last_word is not None or self.transport.is_closing()

    def _stand(self) -> None:
        """Say whether, and as what, this connection may be ended for another."""
        waits: object = self.timeout_keep_alive_task
        if self.transport.is_closing():
            giving = None
        elif self._unread is not None:
            giving = Giving.UNREAD
        elif self._serving_whole:
            giving = None
        else:
            giving = Giving.HALF_SENT if waits is None else Giving.RESTING
        self._places.put(self, giving)

    def _placed(self) -> bool:
        """Take a place, if need be of one that gives way; where all are being served there is none."""
        found, other = self._places.enter(self)
        if other is not None:
            other[0].give_way(other[1])
        return found

    def _reserved(self) -> bool:
        """Take a place of the reserve: what is asked there is answered if it is about our health."""
        self._places = self._reserve
        return self._placed()

    def _never_spoke(self) -> None:
        self.transport.abort()

    def _head_is_late(self) -> None:
        if self._serving:
            self._wait(self._bounds.head_seconds, self._head_is_late)  # it belongs to the next request
        else:
            self._refuse(_LATE)

    def _refuse(self, word: _Word) -> None:
        """Answer by hand, for no application will, but after the answers that are owed before."""
        if self._deaf:
            return
        if self._serving_whole:
            if self._body_open:
                self.pipeline.popleft()  # it will never be whole
            self._body_open = False
            self._last_word = word
            self._rest()
        else:
            self._end_with(word)

    def _end_with(self, word: _Word) -> None:
        """Say the last word; where another answer is under way, only end."""
        if self._running is not None and self._serving and self._running.response_started:
            self.transport.abort()
            return
        if not self._serving:  # else the application says how it ended
            self._log.info("request", method="-", route="other", status=word.status, milliseconds=0.0)
        self.transport.write(_answer(word))
        self._give_up()

    def _give_up(self) -> None:
        self.transport.close()
        self._wait(LINGER_SECONDS, self.transport.abort)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._rest()
        self._timer = self.loop.call_later(seconds, then)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _answer(word: _Word) -> bytes:
    body = orjson.dumps({"errors": [{"message": word.message, "extensions": {"code": word.code}}]})
    head = (
        f"content-type: {JSON}\r\ncache-control: no-store\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return STATUS_LINE[word.status] + head.encode("ascii") + body
