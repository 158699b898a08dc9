"""Sending a complete answer over ASGI."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Send

Fields: TypeAlias = "tuple[tuple[bytes, bytes], ...]"
JSON = "application/json; charset=utf-8"


def encoded(headers: Mapping[str, str]) -> Fields:
    """Write the fields of a head as they are sent."""
    return tuple((name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers.items())


def written(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Write fields as lines of a head."""
    return b"".join(b"%b: %b\r\n" % each for each in fields)


class Answer(NamedTuple):
    """An answer that is known as a whole; its length is said by whoever says it."""

    status: int
    fields: Fields
    body: bytes


class Whole(NamedTuple):
    """An answer as it is said: the lines of its head, and its body; `ends` says that its connection ends with it."""

    status: int
    lines: bytes
    body: bytes
    ends: bool = False


async def send_answer(send: Send, status: int, body: bytes, headers: Mapping[str, str] | Fields) -> None:
    """Send `status`, `headers` and the whole `body` with its length; those that are often sent are `encoded` before."""
    fields = headers if isinstance(headers, tuple) else encoded(headers)
    pairs = [*fields, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
