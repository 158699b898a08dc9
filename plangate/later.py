"""What most requests do not need is loaded for who comes first: beside the loop, so that nobody else waits for it.

That it can be loaded is looked at when the program starts.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, cast

from plangate.problems import UserProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import ModuleType

    from starlette.types import ASGIApp, Receive, Scope, Send

PACKAGES: Final = ("cryptography", "fpdf", "jinja2", "joserfc", "ruamel.yaml")
"""What is imported then, and not before."""


def demand_packages() -> None:
    """Refuse, by `UserProblem`, to start without what will be needed later."""
    for name in PACKAGES:
        try:
            found = find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise UserProblem(f"The Python package {name} is missing: install what requirements.txt names.")


@contextmanager
def without(name: str) -> Generator[None, None, None]:
    """Let what is imported meanwhile find no package of this name: libraries load some only because they are there."""
    hidden = name not in sys.modules
    if hidden:
        sys.modules[name] = cast("ModuleType", None)  # by which the import system is told that there is none
    try:
        yield
    finally:
        if hidden:
            del sys.modules[name]


class Later:
    """An ASGI application that is made for its first request."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        """Let `make` be called once, in a thread."""
        self._make = make
        self._made: ASGIApp | None = None
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        app = self._made or await self._first()
        await app(scope, receive, send)

    async def _first(self) -> ASGIApp:
        async with self._turn:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
            return self._made
