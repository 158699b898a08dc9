"""What this process counts, in the text format that Prometheus reads: numbers, and no name of anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from plangate.http.answers import send_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS: Final = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Count:
    """A number that only rises while the process lives."""

    name: str
    help: str
    value: int

    def __str__(self) -> str:
        """Write it as it is read."""
        return f"# HELP {self.name} {self.help}\n# TYPE {self.name} counter\n{self.name} {self.value}\n"


def metrics(counted: Callable[[], Sequence[Count]]) -> ASGIApp:
    """Make the page that tells what is counted."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await send_answer(send, 405, b"", {"Allow": "GET, HEAD"})
            return
        await send_answer(send, 200, "".join(map(str, counted())).encode(), _HEADERS)

    return app
