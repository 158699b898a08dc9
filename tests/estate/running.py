"""An operator's estate: gateways and workers as processes of their own, on one database."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import orjson

from tests.house.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SECRET = "0123456789abcdef0123456789abcdef"
SERVES = re.compile(r"Plangate serves http://127\.0\.0\.1:(\d+)/graphql")
RUNS = re.compile(r"The worker runs\.")
SECONDS = 60


class Running:
    """One process, and what it has written to standard error."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.said = ""

    def until(self, words: re.Pattern[str], seconds: float = SECONDS) -> re.Match[str]:
        """Read until it has said these words."""
        end = time.monotonic() + seconds
        while (found := words.search(self.said)) is None:
            assert self._read(max(0.0, end - time.monotonic())), f"it did not say {words.pattern}: {self.said}"
        return found

    def lines(self) -> list[dict[str, Any]]:
        """Every line of its log until now."""
        while self._read(0.05):
            pass
        return [orjson.loads(line) for line in self.said.splitlines() if line.startswith("{")]

    def kill(self) -> None:
        """Let it die as in a power cut."""
        self.process.kill()
        self.process.wait(SECONDS)

    def end(self) -> int:
        """Tell it to end, and give its exit code; what it still says is kept."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        rest = self.process.communicate(timeout=SECONDS)[1] if self.process.stderr is not None else b""
        self.said += rest.decode()
        return self.process.returncode

    def _read(self, seconds: float) -> bool:
        if self.process.stderr is None or self.process.stderr.closed:
            return False
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stderr, selectors.EVENT_READ)
            if not ready.select(seconds):
                return False
        piece = os.read(self.process.stderr.fileno(), 65_536).decode()
        self.said += piece
        return bool(piece)


@dataclass
class Gateway:
    """A serving process and where it is."""

    running: Running
    url: str

    def get(self, path: str) -> tuple[int, Any]:
        """Ask one of its small pages: status and JSON."""
        answer = httpx2.get(f"{self.url}{path}", timeout=SECONDS)
        return answer.status_code, answer.json()

    def ask(self, key: str, document: str, **variables: Any) -> Any:
        """Ask with a key and answer the whole body."""
        headers = {"Authorization": f"Bearer {key}"}
        body = {"query": document, "variables": variables}
        return httpx2.post(f"{self.url}/graphql", json=body, headers=headers, timeout=SECONDS).json()


@dataclass
class Estate:
    """What runs on one database."""

    url: str
    folder: Path
    more: dict[str, str] = field(default_factory=dict[str, str])
    started: list[Running] = field(default_factory=list["Running"])

    def type(self, *words: str, **more: str) -> tuple[int, str, str]:
        """Type a command: its exit code, its result and what else it said."""
        ended = subprocess.run(
            self._command(*words), cwd=self.folder, env=self._environment(more), capture_output=True, check=False,
            timeout=SECONDS, text=True,
        )  # fmt: skip
        return ended.returncode, ended.stdout, ended.stderr

    def json(self, *words: str) -> Any:
        """Type a command that succeeds, and read its JSON."""
        code, out, err = self.type(*words, "--json")
        assert (code, err) == (0, ""), err
        return orjson.loads(out)

    def start(self, *words: str, **more: str) -> Running:
        """Start a command that goes on."""
        running = Running(self._command(*words), self.folder, self._environment(more))
        self.started.append(running)
        return running

    def gateways(self, count: int, **more: str) -> list[Gateway]:
        """Start gateways, each on a free port."""
        begun = [self.start("serve", "--port", "0", **more) for _ in range(count)]
        return [Gateway(each, f"http://127.0.0.1:{each.until(SERVES)[1]}") for each in begun]

    def workers(self, count: int, **more: str) -> list[Running]:
        """Start workers."""
        begun = [self.start("worker", **more) for _ in range(count)]
        for each in begun:
            each.until(RUNS)
        return begun

    def close(self) -> None:
        """End what still runs."""
        for each in self.started:
            if each.process.poll() is None:
                each.kill()
            if each.process.stderr is not None:
                each.process.stderr.close()

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "plangate", *words]

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PLANGATE_")}
        given = {"DATABASE_URL": self.url, "SECRET": SECRET, "LOG_FORMAT": "json", **self.more, **more}
        return own | {"PYTHONPATH": str(ROOT)} | {f"PLANGATE_{name}": value for name, value in given.items()}


@contextmanager
def estate(url: str, folder: Path, **more: str) -> Generator[Estate, None, None]:
    """Open an estate on a database, and end all of it afterwards."""
    opened = Estate(url, folder, more)
    try:
        yield opened
    finally:
        opened.close()
