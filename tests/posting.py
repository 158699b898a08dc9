"""Posting to an application as a server hands a request over: a client of HTTP took a tenth of every scenario."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Scope


async def posted(app: ASGIApp, path: str, asked: Any, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Post JSON, and give the status and the body of the answer."""
    body = json.dumps(asked, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    sent = {"host": "testserver", "accept": "*/*", "content-type": "application/json", "content-length": str(len(body))}
    answered = asyncio.Event()
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    said: list[Message] = []

    async def receive() -> Message:
        if not given:
            await answered.wait()
            return {"type": "http.disconnect"}
        return given.pop()

    async def send(message: Message) -> None:
        said.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    await app(_scope(path, {**sent, **headers}), receive, send)
    return said[0]["status"], b"".join(each.get("body", b"") for each in said[1:])


def _scope(path: str, headers: Mapping[str, str]) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "server": ("testserver", None),
        "client": ("127.0.0.1", 123),
        "root_path": "",
    }
