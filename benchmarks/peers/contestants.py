"""Who takes part, and how each is started."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from benchmarks.peers.servers import Contestant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.peers.estate import Estate

    Command = Callable[[Estate, int], Sequence[str]]


def _module(name: str, *more: str) -> Command:
    """Run a module of ours, which is told the file and the port."""
    return lambda estate, port: [sys.executable, "-m", f"benchmarks.peers.{name}", estate.file, str(port), *more]


def _plangate(_estate: Estate, port: int) -> Sequence[str]:
    return [sys.executable, "-m", "plangate", "serve", "--port", str(port)]


GATEWAY: Final = Contestant("Plangate", _plangate)
RAW: Final = Contestant("raw, one hop", _module("raw", "hop"), graphql=False)
RAW_IN_LOOP: Final = Contestant("raw, in the loop", _module("raw", "loop"), graphql=False)
RAW_HELD: Final = Contestant("raw, from a dict", _module("raw", "held"), graphql=False)
CONSTANT: Final = Contestant("constant answer", _module("constant"), graphql=False)
USUAL: Final = Contestant("Strawberry + SQLModel", _module("usual"))
