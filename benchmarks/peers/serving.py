"""A server by hand around one function: uvicorn with uvloop and httptools, as `plangate serve` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import uvicorn

from benchmarks.peers.reading import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

Ask: TypeAlias = "Callable[[str, str, bytes], Awaitable[bytes]]"
"""Answers the body of a request: path, bearer secret, body in; body out."""
JSON = (b"content-type", b"application/json")
BEARER = len("Bearer ")


def application(ask: Ask) -> ASGIApp:
    """Make the application that asks."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        secret = ""
        for name, value in scope["headers"]:
            if name == b"authorization":
                secret = value[BEARER:].decode()
                break
        message = await receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        try:
            status, answer = 200, await ask(scope["path"], secret, body)
        except Refused:
            status, answer = 401, b'{"data":null}'
        headers: Any = [JSON, (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app


def served(app: ASGIApp, port: int) -> None:
    """Serve until told to end."""
    options: Any = {"loop": "uvloop", "http": "httptools", "ws": "none", "lifespan": "off"}
    uvicorn.run(app, port=port, access_log=False, log_config=None, server_header=False, **options)
