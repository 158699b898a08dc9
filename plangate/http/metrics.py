"""What this process counts, in the text format that Prometheus reads: numbers, and no name of anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass
from plangate.http.answers import send_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from models.lookout import Lookout
    from models.snapshots import Snapshots

_HEADERS: Final = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Count:
    """A number that only rises while the process lives, or, as a `gauge`, also falls."""

    name: str
    help: str
    value: int
    type: str = "counter"

    def __str__(self) -> str:
        """Write it as it is read."""
        return f"# HELP {self.name} {self.help}\n# TYPE {self.name} {self.type}\n{self.name} {self.value:d}\n"


def metrics(counted: Callable[[], Sequence[Count]]) -> ASGIApp:
    """Make the page that tells what is counted."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await send_answer(send, 405, b"", {"Allow": "GET, HEAD"})
            return
        await send_answer(send, 200, "".join(map(str, counted())).encode(), _HEADERS)

    return app


def of_snapshots(snapshots: Snapshots) -> list[Count]:
    """Tell what became of decisions that are kept in memory."""
    counts = snapshots.counts
    return [
        Count("plangate_snapshot_hits_total", "Decisions answered from memory.", counts.hits),
        Count("plangate_snapshot_misses_total", "Decisions that memory did not have.", counts.misses),
        Count("plangate_snapshot_confirmed_total", "Customers found unchanged after a write.", counts.confirmed),
        Count("plangate_snapshot_changed_total", "Customers forgotten because they changed.", counts.changed),
        Count("plangate_snapshot_evicted_total", "Customers forgotten for want of memory.", counts.evicted),
        Count("plangate_snapshot_bytes", "Bytes that are taken, by reckoning.", snapshots.bytes, "gauge"),
        Count("plangate_snapshot_customers", "Customers of whom something is kept.", len(snapshots), "gauge"),
    ]


def of_lookout(lookout: Lookout | None) -> list[Count]:
    """Tell whether it is noticed what other programs write, where that takes asking a server."""
    if lookout is None:
        return []
    return [
        Count("plangate_lookout_lives", "1 while the server answers who was written about.", lookout.lives, "gauge"),
        Count("plangate_lookout_looks_total", "Answers of the server to that.", lookout.looks),
        Count("plangate_lookout_lost_total", "Times that it was lost, and memory emptied.", lookout.lost),
    ]
