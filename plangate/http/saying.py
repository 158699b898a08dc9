"""Saying an answer: one that is whole goes out in one piece, which is most of them; others as the server says them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from plangate.http.answers import written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Message
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from plangate.http.answers import Whole

_OF_THE_CONNECTION: Final = frozenset({b"connection", b"transfer-encoding"})


class Saying:
    """What an application sends its messages to; whatever is still said once the connection ends is dropped."""

    __slots__ = ("_cycle", "_start")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        """Answer the request of a cycle."""
        self._cycle = cycle
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Send a message. The first waits for the second."""
        cycle = self._cycle
        if cycle.transport.is_closing() and not cycle.response_complete:
            cycle.disconnected = True
        if message["type"] == "http.response.start" and self._start is None and not cycle.response_started:
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            if self._said_whole(start, message):
                return
            await cycle.send(start)  # type: ignore[arg-type]  # the same messages, named by others
        await cycle.send(message)  # type: ignore[arg-type]  # as above

    def _said_whole(self, start: Message, message: Message) -> bool:
        """Say head and body at once, unless there is anything about them that the server should look at."""
        cycle, body = self._cycle, message.get("body", b"")
        given = start.get("headers", ())
        fields = dict(given)
        usual = (
            message["type"] == "http.response.body"
            and not message.get("more_body", False)
            and fields.get(b"content-length") == b"%d" % len(body)
            and _OF_THE_CONNECTION.isdisjoint(fields)
            and cycle.keep_alive
            and not (cycle.disconnected or cycle.flow.write_paused or cycle.access_log)
            and cycle.scope["method"] != "HEAD"
        )
        if not usual:
            return False
        said = [*cycle.default_headers, *given]
        head = _head(start["status"], said)
        if head.count(b"\n") != len(said) + 2:
            return False
        _end(cycle, head + body)
        return True


def say_whole(cycle: RequestResponseCycle, answer: Whole) -> None:
    """Say an answer that is known as a whole, to a request that nobody else serves; who is gone hears nothing."""
    if cycle.transport.is_closing():
        cycle.disconnected = True
        return
    status, lines, body, ends = answer
    last = b"" if ends or cycle.keep_alive else b"connection: close\r\n"
    cycle.keep_alive = cycle.keep_alive and not ends
    _end(cycle, b"%b%b%b%b\r\n%b" % (STATUS_LINE[status], written(cycle.default_headers), lines, last, body))


def _end(cycle: RequestResponseCycle, said: bytes) -> None:
    """Say all there is to say; the cycle lets go of its connection, which knows it, too."""
    cycle.transport.write(said)
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    ended, cycle.on_response = cycle.on_response, _nothing
    ended()


def _nothing() -> None:
    """Do nothing."""


def _head(status: int, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(
        [STATUS_LINE[status], *(part for name, value in fields for part in (name, b": ", value, b"\r\n")), b"\r\n"]
    )
