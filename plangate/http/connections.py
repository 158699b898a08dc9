"""Connections: bounded in number, and each in the time and bytes that it may take before and between requests.

The server that listens (uvicorn) bounds none of this: it would wait for ever for the rest of a request's head.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from plangate.http.answers import JSON

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from structlog.typing import FilteringBoundLogger
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

MOST_PIPELINED: Final = 16
LINGER_SECONDS: Final = 2.0
"""How long what is still on its way is waited for, in either direction, once a connection is given up."""

_OF_UPGRADES: Final = frozenset({b"connection", b"upgrade", b"http2-settings"})
_SAID: Final = {
    400: ("BAD_REQUEST", "This is not HTTP as it should be."),
    408: ("HEAD_INCOMPLETE", "The head of the request was not complete in time."),
    431: ("HEAD_TOO_LARGE", "The head of the request is too large."),
    503: ("TOO_MANY_CONNECTIONS", "Too many connections are open: come back shortly."),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What connections may take: how many, seconds and bytes of a request's head, seconds of rest between requests."""

    connections: int = 1_000
    head_seconds: float = 10.0
    head_bytes: int = 64_000
    idle_seconds: float = 30.0
    unread_seconds: float = 30.0


def bounded(bounds: Bounds, log: FilteringBoundLogger) -> type[asyncio.Protocol]:
    """Give the server what makes a connection."""
    made: Callable[..., asyncio.Protocol] = partial(Connection, bounds, log)
    return cast("type[asyncio.Protocol]", made)


class Connection(HttpToolsProtocol):
    """One connection. A head that does not end is answered 408, one that is too large 431, what is no HTTP 400."""

    def __init__(self, bounds: Bounds, log: FilteringBoundLogger, **server: Any) -> None:  # noqa: ANN401  (the server's own)
        """Stand between the socket and the server."""
        super().__init__(**server)
        self._bounds = bounds
        self._log = log
        self._reading_head = False
        self._body_open = False
        self._head_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # the server's own narrowing
        """Take the connection, or turn it away where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self._bounds.connections and not self._make_room():
            self._refuse(503)
            return
        self._wait(self._bounds.head_seconds, self._never_spoke)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._rest()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; count those of a head that is not at its end yet."""
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self._refuse(400)
            return
        if self._reading_head:
            self._head_bytes += len(data)
            if self._head_bytes > self._bounds.head_bytes:
                self._refuse(431)

    def _feed(self, data: bytes) -> None:
        """Parse; a request that would rather speak something else is read again as one that would not."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
                return
            if self.parser.get_method() == b"CONNECT":
                raise httptools.HttpParserError("CONNECT") from None
            kept = [(name, value) for name, value in self.headers if name not in _OF_UPGRADES]
            head = [self.parser.get_method(), b" ", self.url, b" HTTP/1.1\r\n"]
            head += [part for name, value in kept for part in (name, b": ", value, b"\r\n")]
            self.parser = httptools.HttpRequestParser(self)
            self.parser.feed_data(b"".join([*head, b"\r\n", data[upgrade.args[0] :]]))

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._reading_head = True
        self._head_bytes = 0
        self._wait(self._bounds.head_seconds, self._head_is_late)

    def on_headers_complete(self) -> None:
        """Hand the request over, unless its head or the queue before it is too long."""
        self._reading_head = False
        self._rest()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if self.transport.is_closing() or (self.parser.should_upgrade() and not self._should_upgrade()):
            return
        if size > self._bounds.head_bytes:
            self._refuse(431)
        elif len(self.pipeline) >= MOST_PIPELINED:
            self.transport.abort()
        else:
            self._body_open = True
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, unless nobody is served any more."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a request is whole."""
        served, self._body_open = self._body_open, False
        if served and not self.transport.is_closing():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on to the next request; a body that nobody wanted has little time to end."""
        super().on_response_complete()
        if self._body_open and not self.transport.is_closing():
            self._wait(LINGER_SECONDS, self._give_up)

    def pause_writing(self) -> None:
        """Wait for a client that does not read, but not for ever."""
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(self._bounds.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that has rested for long."""
        self._give_up()

    @property
    def resting(self) -> bool:
        """Whether it waits between requests."""
        waits: object = self.timeout_keep_alive_task
        return waits is not None

    def _make_room(self) -> bool:
        for other in list(cast("set[object]", self.connections)):
            if isinstance(other, Connection) and other.resting:
                other.transport.abort()
                return True
        return False

    def _never_spoke(self) -> None:
        self.transport.abort()

    @property
    def _serving(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        return cycle is not None and not cycle.response_complete

    def _head_is_late(self) -> None:
        if self._serving:
            self._wait(self._bounds.head_seconds, self._head_is_late)  # it belongs to the next request
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Answer by hand, for no application will; where another answer is under way, only end."""
        if self._serving and self.cycle.response_started:
            self.transport.abort()
            return
        if not self._serving:  # else the application says how it ended
            self._log.info("request", method="-", route="other", status=status, milliseconds=0.0)
        self.transport.write(_answer(status))
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


def _answer(status: int) -> bytes:
    code, message = _SAID[status]
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
    head = (
        f"content-type: {JSON}\r\ncache-control: no-store\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return STATUS_LINE[status] + head.encode("ascii") + body
