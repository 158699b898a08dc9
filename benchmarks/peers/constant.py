"""The same answers to everybody, looked up nowhere: what HTTP and the server cost. `python -m … FILE PORT`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import orjson

from benchmarks.peers.estate import name_of
from benchmarks.peers.price_list import METERED
from benchmarks.peers.questions import SHOWN
from benchmarks.peers.reading import Caller, Reads, opened
from benchmarks.peers.serving import application, served

if TYPE_CHECKING:
    from benchmarks.peers.serving import Ask


def always(file: str) -> Ask:
    """Answer with the bytes of the first customer, made at the beginning."""
    connection = opened(file)
    reads, (environment,) = Reads(connection), connection.execute("SELECT id FROM environment").fetchone()
    caller, first = Caller(environment, frozenset({"*"}), time.time_ns() // 1_000), name_of(0)
    said = {
        "/check": reads.check(caller, first, METERED[0]),
        "/portal": reads.portal(caller, first, SHOWN),
        "/catalogue": reads.catalogue(caller),
    }
    answers = {path: orjson.dumps({"data": data}) for path, data in said.items()}

    async def ask(path: str, _secret: str, _body: bytes) -> bytes:
        return answers[path]

    return ask


if __name__ == "__main__":
    served(application(always(sys.argv[1])), int(sys.argv[2]))
