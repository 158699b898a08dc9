"""Workers, each in a process of its own that kills itself at a commit, as told: `python -m tests.faults.labourer`.

A line names the database, the instant, and at which commit it dies, just before it or just after.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import orjson
from sqlalchemy import event

from models.session import Database
from plangate.clock import FixedClock
from plangate.ids import TimeOrderedIds
from plangate.worker import Worker


@dataclass
class Fate:
    """Kills this process at the commit with a number, 0 for none: before it, or once it is done and nobody knows."""

    number: int
    before: bool
    met: int = 0
    done: bool = False

    def watch(self, database: Database) -> None:
        """Look at the commits of a database."""
        event.listen(database.engine().sync_engine, "commit", self._committing)
        event.listen(database.engine().sync_engine, "checkin", self._given_back)

    def _committing(self, _connection: object) -> None:
        self.met += 1
        self.done = True
        if self.met == self.number and self.before:
            os.kill(os.getpid(), signal.SIGKILL)

    def _given_back(self, _connection: object, _record: object) -> None:
        if self.done and self.met == self.number and not self.before:
            os.kill(os.getpid(), signal.SIGKILL)


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
    database = Database(asked["url"])
    Fate(asked["number"], asked["before"]).watch(database)
    clock = FixedClock(datetime.fromisoformat(asked["at"]))
    await Worker(database, clock, TimeOrderedIds(clock, Random(asked["seed"]).getrandbits)).catch_up()
    await database.close()


if __name__ == "__main__":
    told()
