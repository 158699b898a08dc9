"""One call at a time per idempotency key in this process; the database's own locks see to other processes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

from billing.refusals import IdempotencyInProgress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

KeyOfAct: TypeAlias = "tuple[str, str, str, str | None]"
PATIENCE = 5.0


class InFlight:
    """The acts that are running now; a second call waits `patience` seconds for the first."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """Begin with none."""
        self.patience = patience
        self._running: dict[KeyOfAct, asyncio.Event] = {}

    @asynccontextmanager
    async def __call__(self, key: KeyOfAct) -> AsyncGenerator[None, None]:
        """Run alone under a key (environment, mutation, principal, key); wait for the first as patience allows."""
        if key[3] is None:
            yield
            return
        await self._wait(key)
        self._running[key] = done = asyncio.Event()
        try:
            yield
        finally:
            del self._running[key]
            done.set()

    async def _wait(self, key: KeyOfAct) -> None:
        if key not in self._running:
            return
        try:
            async with asyncio.timeout(self.patience):
                while (first := self._running.get(key)) is not None:
                    await first.wait()
        except TimeoutError as late:
            raise IdempotencyInProgress(
                "The first call with this key is still running: ask again shortly.",
                field="idempotencyKey",
            ) from late
