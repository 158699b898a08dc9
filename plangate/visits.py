"""One visit: an id for it, the headers that every answer carries, and one line in the log.

The line names a route, never an address: a portal's address is a secret, a query string may hold one.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from typing import TYPE_CHECKING, Final, TypeAlias

import orjson

from plangate.execution.errors import mask, new_incident
from plangate.http.answers import JSON, Whole, encoded, send_answer, written
from plangate.http.head import Head
from plangate.logs import SERVED
from plangate.secrets import SHOWN_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable
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


Ready: TypeAlias = "Callable[[Head, bytes], Whole | None]"
"""Finds what a POST is answered."""


class Visits:
    """An ASGI application around another. An answer's own headers win over those given here."""

    def __init__(
        self, app: ASGIApp, log: FilteringBoundLogger, clock: Clock, *, https: bool, ready: Ready | None = None
    ) -> None:
        """Wrap `app`; with `https` browsers are told never to come without. `ready` finds what is known at once."""
        self._app = app
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
            await _given_up(visit)  # only the server cancels, when its grace is over
        except Exception as error:  # noqa: BLE001  (the last line before the server: nothing passes unmasked)
            await self._failed(error, visit)
        finally:
            self._say(scope, visit.status, spent())
            SERVED.reset(before)

    def at_once(self, scope: Scope, sent: bytes) -> Whole | None:
        """Answer a request that is here as a whole, where nothing has to be waited for; None where that is not so."""
        if self._ready is None or scope["path"] != GRAPHQL or scope["method"] != "POST":
            return None
        spent, head = self._clock.stopwatch(), Head(scope["headers"])
        found = self._ready(head, sent)
        if found is None:
            return None
        named = _named(head.sent(REQUEST_ID))
        before = SERVED.set(named)
        self._say(scope, 200, spent())
        SERVED.reset(before)
        lines = b"%bcontent-length: %d\r\n%bx-request-id: %b\r\n"
        return Whole(lines % (found.lines, len(found.body), self._lines, named.encode("ascii")), found.body)

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

    async def _failed(self, error: Exception, visit: _Visit) -> None:
        incident = new_incident()
        self._log.error("request_failed", error_id=incident, exc_info=error)
        if visit.status is None:
            body = orjson.dumps({"errors": [mask(incident)]})
            await send_answer(visit.send, _FAILED, body, {"Content-Type": JSON, "Cache-Control": "no-store"})


async def _given_up(visit: _Visit) -> None:
    """Say that the program ends, in place of the answer."""
    if visit.status is None:
        said = {"message": GIVEN_UP, "extensions": {"code": "SHUTTING_DOWN"}}
        headers = {"Content-Type": JSON, "Cache-Control": "no-store", "Connection": "close"}
        await send_answer(visit.send, 503, orjson.dumps({"errors": [said]}), headers)


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


def _named(given: bytes) -> str:
    """Take the id that a proxy gave, if it is a decent one."""
    if _GIVEN_ID.fullmatch(given) and not SHOWN_SECRET.search(given.decode("ascii")):
        return given.decode("ascii")
    return f"req_{_CHANCE.getrandbits(80):020x}"


def _route(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{first}" if first in ROUTES or not first else "other"
