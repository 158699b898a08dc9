"""Is the process alive, and may traffic be sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import orjson

from billing.refusals import TemporarilyUnavailable
from models.files import REPLACED
from plangate.http.answers import JSON, send_answer
from plangate.logs import logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

Probe = Callable[[], Awaitable[None]]

_HEADERS = {"Content-Type": JSON, "Cache-Control": "no-store"}


async def livez(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200 as long as the process can answer at all; an ASGI application."""
    await _say(scope, receive, send, 200, {"status": "ok"})


def readyz(probe: Probe, *, seconds: float = 2.0) -> ASGIApp:
    """Make the readiness answer: 200 when `probe` returns in time, else 503 without saying what the driver said."""
    log = logger("plangate.health")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(seconds):
                await probe()
        except TemporarilyUnavailable as away:
            reason = {"reason": "DATABASE_FILE_REPLACED"} if away.message == REPLACED else {}
            log.warning("not_ready", said=away.message)
            await _say(scope, receive, send, 503, {"status": "unavailable", "code": "NOT_READY", **reason})
        except Exception:  # noqa: BLE001  (whatever failed, the answer is the same and keeps the driver's text inside)
            await _say(scope, receive, send, 503, {"status": "unavailable", "code": "NOT_READY"})
        else:
            await _say(scope, receive, send, 200, {"status": "ok"})

    return app


async def _say(scope: Scope, _receive: Receive, send: Send, status: int, content: Mapping[str, str]) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        await send_answer(send, 405, b"", {"Allow": "GET, HEAD"})
        return
    await send_answer(send, status, orjson.dumps(content), _HEADERS)
