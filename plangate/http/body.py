"""Reading a request body: bounded in bytes and in time, however it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plangate.http.begun import Late, within
from plangate.http.problems import ClientGone, Problem

if TYPE_CHECKING:
    from starlette.types import Receive

    from plangate.http.head import Head

_CLOSE = {"Connection": "close"}


async def read_body(head: Head, receive: Receive, *, max_bytes: int, seconds: float) -> bytes:
    """Read the whole body; 413 above `max_bytes` (declared or counted), 408 when it is not complete in `seconds`."""
    codings = head.joined(b"content-encoding")
    if codings and not {each.strip().lower() for each in codings.split(",")} <= {"identity", ""}:
        raise Problem(
            "ENCODING_NOT_SUPPORTED", "Send the body without compression.", 415, {"Accept-Encoding": "identity"}
        )
    declared = head.first(b"content-length")
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > max_bytes):  # noqa: PLR2004  (beyond any size)
        raise _too_large(max_bytes)
    try:
        return await within(seconds, _joined(receive, max_bytes))
    except Late:
        message = f"The body was not complete within {seconds:g} seconds."
        raise Problem("BODY_INCOMPLETE", message, 408, _CLOSE) from None


async def _joined(receive: Receive, max_bytes: int) -> bytes:
    body = b""
    pieces = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body = message.get("body", b"")
        if len(pieces) + len(body) > max_bytes:
            raise _too_large(max_bytes)
        if not message.get("more_body", False):
            return bytes(pieces + body) if pieces else body
        pieces += body


def _too_large(max_bytes: int) -> Problem:
    return Problem("BODY_TOO_LARGE", f"A body may have {max_bytes} bytes.", 413, _CLOSE)
