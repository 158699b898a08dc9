"""What is measured: each row adds its lines and tables to the bench. A new row is a file here and a name below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.peers.rows import cached, consuming, growth, latency, matrix, on_postgresql, reads, start, two

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from benchmarks.peers.bench import Bench

ROWS: Mapping[str, Callable[[Bench], Awaitable[None]]] = {
    **{letter: partial(reads.rows, letter=letter) for letter in "ABC"},
    "latency": latency.rows,
    "matrix": matrix.rows,
    "postgresql": on_postgresql.rows,
    "consume": consuming.rows,
    "growth": growth.rows,
    "two": two.rows,
    "start": start.rows,
    "cached": cached.rows,
}
