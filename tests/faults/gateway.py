"""A real gateway in a process of its own, started and killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.watch import Watch

ROOT = Path(__file__).parents[2]
SECRET = "s" * 40
"""What `tests.world.World` seals with, so that the gateway can open it."""
SERVES = re.compile(r"serves (http://\S+)/graphql")
PATIENCE = 60.0
SERVE = (sys.executable, "-m", "plangate", "serve")
SLOPPY = (sys.executable, "-m", "tests.faults.sloppy")
"""The same program without SQLite's `synchronous=FULL`: the proof that the proof can fail."""


@dataclass
class Gateway:
    """A gateway that serves. `watch` is there where it runs in a cage."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path
    watch: Watch | None

    @classmethod
    def start(
        cls, url: str, folder: Path, *, watch: Watch | None = None, sloppy: bool = False, worker: bool = True
    ) -> Gateway:
        """Start one on a database and wait until it serves."""
        log = folder / "gateway.log"
        began = log.stat().st_size if log.exists() else 0
        command = SLOPPY if sloppy else SERVE
        env = {name: value for name, value in os.environ.items() if not name.startswith("PLANGATE_")} | {
            "PLANGATE_DATABASE_URL": url,
            "PLANGATE_SECRET": SECRET,
            "PLANGATE_PORT": "0",
            "PLANGATE_PROFILE": "development",
            "PLANGATE_WORKER_INSIDE": str(worker).lower(),
            "PLANGATE_LOG_LEVEL": "warning",
            "PYTHONPATH": str(ROOT),
        }
        with log.open("ab") as written:
            if watch is None:
                process = subprocess.Popen(command, env=env, stdout=written, stderr=written, cwd=folder)
            else:
                process = watch.open(command, env, written.fileno(), folder)
        return cls(process, _address(process, log, began), log, watch)

    def kill(self) -> None:
        """Kill it, as a machine out of memory does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.ended()

    def stop(self) -> None:
        """Let it end well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.ended()

    def ended(self) -> None:
        """Wait for its end."""
        self.process.wait(PATIENCE)
        if self.watch is not None:
            self.watch.ended()


def _address(process: subprocess.Popen[bytes], log: Path, began: int) -> str:
    end = monotonic() + PATIENCE
    while monotonic() < end:
        said = log.read_bytes()[began:].decode(errors="replace")
        if found := SERVES.search(said):
            return found[1]
        if process.poll() is not None:
            break
        sleep(0.02)
    if process.poll() is None:
        process.kill()
        process.wait()
    raise AssertionError(f"The gateway did not start: {log.read_bytes()[began:].decode(errors='replace')[-2_000:]}")
