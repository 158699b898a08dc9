"""Workers, each in a process of its own that kills itself at a commit, as told: `python -m tests.faults.labourer`.

A line names the database, the instant, and at which commit it dies, just before it or just after.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from models.session import Database
from plangate.clock import FixedClock
from plangate.ids import TimeOrderedIds
from plangate.worker import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from models.crossing import Question
    from models.rows import Runner

T = TypeVar("T")


@dataclass
class Fate:
    """Kills this process at the commit with a number, 0 for none: before it, or once it is done and nobody knows."""

    number: int
    before: bool
    met: int = 0

    def watch(self, database: Database) -> None:
        """Look at the commits of a database."""
        database.heard_by(self._heard)

    def _heard(self, statement: str) -> None:
        self.met += statement == "COMMIT"
        if statement == "COMMIT" and self.met == self.number and self.before:
            os.kill(os.getpid(), signal.SIGKILL)

    def committed(self) -> None:
        """Something was committed, and whoever asked for it is about to be told."""
        if self.met == self.number and not self.before:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched(Database):
    """A database in which fate is met."""

    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__(url)
        self._fate = fate
        fate.watch(self)

    async def worked(self, act: Question[T]) -> T:
        """Carry an act out, and meet fate before it is told."""
        answer = await super().worked(act)
        self._fate.committed()
        return answer

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[Runner, None]:
        """Own a transaction, and meet fate after it."""
        async with super().working() as run:
            yield run
        self._fate.committed()


def told() -> None:
    """Read lines, and say of each worker whether it was killed."""
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            _work(orjson.loads(line))
        _, ended = os.waitpid(child, 0)
        said = "killed" if os.WIFSIGNALED(ended) else "done" if os.WEXITSTATUS(ended) == 0 else "failed"
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


def _work(asked: dict[str, Any]) -> None:
    try:
        asyncio.run(_catch_up(asked))
        os._exit(0)
    finally:
        os._exit(1)


async def _catch_up(asked: dict[str, Any]) -> None:
    database = Watched(asked["url"], Fate(asked["number"], asked["before"]))
    clock = FixedClock(datetime.fromisoformat(asked["at"]))
    await Worker(database, clock, TimeOrderedIds(clock, Random(asked["seed"]).getrandbits)).catch_up()
    await database.close()


if __name__ == "__main__":
    told()
