"""Sending a complete answer over ASGI."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Send

Fields: TypeAlias = "tuple[tuple[bytes, bytes], ...]"
JSON = "application/json; charset=utf-8"


def encoded(headers: Mapping[str, str]) -> Fields:
    """Write the fields of a head as they are sent."""
    return tuple((name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers.items())


async def send_answer(send: Send, status: int, body: bytes, headers: Mapping[str, str] | Fields) -> None:
    """Send `status`, `headers` and the whole `body` with its length; those that are often sent are `encoded` before."""
    fields = headers if isinstance(headers, tuple) else encoded(headers)
    pairs = [*fields, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
