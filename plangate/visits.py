"""One visit: an id for it, the headers that every answer carries, and one line in the log.

The line names a route, never an address: a portal's address is a secret, a query string may hold one.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import orjson

from plangate.execution.errors import mask, new_incident
from plangate.http.answers import JSON, Answer, Whole, encoded, send_answer, written
from plangate.http.head import Head
from plangate.logs import SERVED
from plangate.secrets import SHOWN_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import timedelta

    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from structlog.typing import FilteringBoundLogger

    from plangate.clock import Clock
    from plangate.http.answers import Fields

GRAPHQL: Final = "/graphql"
REQUEST_ID: Final = b"x-request-id"
ROUTES: Final = frozenset({"graphql", "livez", "readyz", "metrics", "portal", "invoices"})
"""First parts of paths that a line may name."""
QUIET: Final = frozenset({"/livez", "/readyz", "/metrics"})

GIVEN_UP: Final = (
    "The server is shutting down. A mutation may still have been made: repeat it with the same idempotency key."
)
_GIVEN_ID: Final = re.compile(rb"[A-Za-z0-9_.:-]{8,64}")
_CHANCE: Final = random.Random()  # noqa: S311  (a name for a line, and nobody's secret)
_FAILED: Final = 500
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HSTS: Final = "max-age=31536000"


_GIVEN_UP: Final = Answer(
    503,
    encoded({"Content-Type": JSON, "Cache-Control": "no-store", "Connection": "close"}),
    orjson.dumps({"errors": [{"message": GIVEN_UP, "extensions": {"code": "SHUTTING_DOWN"}}]}),
)
_ENDS: Final = (b"connection", b"close")


class Endpoint(Protocol):
    """What answers at `/graphql`."""

    async def answer(self, scope: Scope, head: Head, receive: Receive) -> Answer:
        """Answer one request."""
        ...


Ready: TypeAlias = "Callable[[Head, bytes], Answer | None]"
"""Finds what a POST is answered, where that is known."""


class Visits:
    """An ASGI application around another. An answer's own headers win over those given here.

    The server may pass by the interface of applications: a request that is here as a whole is answered as one by the
    endpoint itself, and what is ready without waiting for anything. (ADR 30)
    """

    def __init__(
        self,
        app: ASGIApp,
        log: FilteringBoundLogger,
        clock: Clock,
        *,
        https: bool,
        endpoint: Endpoint | None = None,
        ready: Ready | None = None,
    ) -> None:
        """Wrap `app`, and `endpoint`, one of its doors; with `https` browsers are told never to come without."""
        self._app = app
        self._endpoint = endpoint
        self._ready = ready
        self._log = log.bind()  # once, and not for each line
        self._clock = clock
        self._fields = encoded({**_HEADERS, **({"Strict-Transport-Security": _HSTS} if https else {})})
        self._lines = written(self._fields)
        self._names = frozenset({REQUEST_ID, *(name for name, _ in self._fields)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever is no request passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        named = _named(next((value for name, value in scope["headers"] if name == REQUEST_ID), b""))
        visit = _Visit(send, self._names, (*self._fields, (REQUEST_ID, named.encode("ascii"))))
        spent = self._clock.stopwatch()
        before = SERVED.set(named)
        try:
            await self._app(scope, receive, visit.send)
        except asyncio.CancelledError:
            await visit.answer(_GIVEN_UP)  # only the server cancels, when its grace is over
        except Exception as error:  # noqa: BLE001  (the last line before the server: nothing passes unmasked)
            await visit.answer(self._failed(error))
        finally:
            self._say(scope, visit.status, spent())
            SERVED.reset(before)

    def at_once(self, scope: Scope, sent: bytes) -> Whole | None:
        """Answer a request that is here as a whole, where nothing has to be waited for; None where that is not so."""
        if self._ready is None or scope["path"] != GRAPHQL or scope["method"] != "POST":
            return None
        spent = self._clock.stopwatch() if self._log.is_enabled_for(logging.INFO) else None
        head = Head(scope["headers"])
        found = self._ready(head, sent)
        if found is None:
            return None
        named = _named(head.first(REQUEST_ID).encode("latin-1"))
        if spent is not None:
            before = SERVED.set(named)
            self._say(scope, found.status, spent())
            SERVED.reset(before)
        return self._whole(found, named)

    def answered(self, scope: Scope, sent: bytes) -> Coroutine[Any, Any, Whole] | None:
        """Answer a request that is here as a whole; None where it is not the endpoint's."""
        endpoint = self._endpoint
        return self._visit(endpoint, scope, sent) if endpoint is not None and scope["path"] == GRAPHQL else None

    async def _visit(self, endpoint: Endpoint, scope: Scope, sent: bytes) -> Whole:
        head, answer = Head(scope["headers"]), _GIVEN_UP
        named = _named(head.first(REQUEST_ID).encode("latin-1"))
        spent = self._clock.stopwatch()
        before = SERVED.set(named)
        try:
            answer = await endpoint.answer(scope, head, _receiving(sent))
        except asyncio.CancelledError:
            pass  # only the server cancels, when its grace is over
        except Exception as error:  # noqa: BLE001  (the last line before the server: nothing passes unmasked)
            answer = self._failed(error)
        finally:
            self._say(scope, answer.status, spent())
            SERVED.reset(before)
        return self._whole(answer, named)

    def _whole(self, answer: Answer, named: str) -> Whole:
        status, fields, body = answer
        own = {name for name, _ in fields if name in self._names}
        beside = written(each for each in self._fields if each[0] not in own) if own else self._lines
        length, request_id = len(body), named.encode("ascii")
        lines = b"%bcontent-length: %d\r\n%bx-request-id: %b\r\n" % (_written(fields), length, beside, request_id)
        return Whole(status, lines, body, _ENDS in fields)

    def _say(self, scope: Scope, status: int | None, spent: timedelta) -> None:
        route = _route(scope["path"])
        level = logging.DEBUG if route in QUIET else logging.INFO
        if not self._log.is_enabled_for(level):
            return
        self._log.log(
            level,
            "request",
            method=str(scope["method"])[:10],
            route=route,
            status=status,
            milliseconds=round(spent.total_seconds() * 1_000, 1),
        )

    def _failed(self, error: Exception) -> Answer:
        incident = new_incident()
        self._log.error("request_failed", error_id=incident, exc_info=error)
        headers = encoded({"Content-Type": JSON, "Cache-Control": "no-store"})
        return Answer(_FAILED, headers, orjson.dumps({"errors": [mask(incident)]}))


class _Visit:
    """Sends an answer with the headers of every answer, and remembers its status."""

    __slots__ = ("_fields", "_names", "_send", "status")

    def __init__(self, send: Send, names: frozenset[bytes], fields: Fields) -> None:
        self._send = send
        self._names = names
        self._fields = fields
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = message.get("headers") or ()
            given = {name for name, _ in own if name in self._names}
            beside = [each for each in self._fields if each[0] not in given] if given else self._fields
            message["headers"] = [*own, *beside]
        await self._send(message)

    async def answer(self, answer: Answer) -> None:
        """Send this, where nothing was sent yet."""
        if self.status is None:
            await send_answer(self.send, answer.status, answer.body, answer.fields)


def _receiving(sent: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": sent, "more_body": False}

    return receive


@lru_cache(maxsize=64)
def _written(fields: Fields) -> bytes:
    return written(fields)


def _named(given: bytes) -> str:
    """Take the id that a proxy gave, if it is a decent one."""
    if _GIVEN_ID.fullmatch(given) and not SHOWN_SECRET.search(given.decode("ascii")):
        return given.decode("ascii")
    return f"req_{_CHANCE.getrandbits(80):020x}"


def _route(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{first}" if first in ROUTES or not first else "other"
