"""One visit: an id for it, the headers that every answer carries, and one line in the log.

The line names a route, never an address: a portal's address is a secret, a query string may hold one.
"""

from __future__ import annotations

import asyncio
import random
import re
from typing import TYPE_CHECKING, Final

import orjson

from plangate.execution.errors import mask, new_incident
from plangate.http.answers import JSON, encoded, send_answer
from plangate.logs import SERVED
from plangate.secrets import SHOWN_SECRET

if TYPE_CHECKING:
    from datetime import timedelta

    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from structlog.typing import FilteringBoundLogger

    from plangate.clock import Clock
    from plangate.http.answers import Fields

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


class Visits:
    """An ASGI application around another. An answer's own headers win over those given here."""

    def __init__(self, app: ASGIApp, log: FilteringBoundLogger, clock: Clock, *, https: bool) -> None:
        """Wrap `app`; with `https` browsers are told never to come without."""
        self._app = app
        self._log = log.bind()  # once, and not for each line
        self._clock = clock
        self._fields = encoded({**_HEADERS, **({"Strict-Transport-Security": _HSTS} if https else {})})
        self._names = frozenset({REQUEST_ID, *(name for name, _ in self._fields)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever is no request passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        named = _named(scope)
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
            self._say(scope, visit, spent())
            SERVED.reset(before)

    def _say(self, scope: Scope, visit: _Visit, spent: timedelta) -> None:
        route = _route(scope["path"])
        say = self._log.debug if route in QUIET else self._log.info
        say(
            "request",
            method=str(scope["method"])[:10],
            route=route,
            status=visit.status,
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


def _named(scope: Scope) -> str:
    """Take the id that a proxy gave, if it is a decent one."""
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
    if _GIVEN_ID.fullmatch(given) and not SHOWN_SECRET.search(given.decode("ascii")):
        return given.decode("ascii")
    return f"req_{_CHANCE.getrandbits(80):020x}"


def _route(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{first}" if first in ROUTES or not first else "other"
