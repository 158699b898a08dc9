"""One call at a time per idempotency key in this process; the database's own locks see to other processes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

from billing.refusals import IdempotencyInProgress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection

KeyOfAct: TypeAlias = "tuple[str, str, str, str | None]"
PATIENCE = 5.0


class InFlight:
    """The acts that are running now; a second call waits `patience` seconds for the first."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """Begin with none."""
        self.patience = patience
        self._running: dict[KeyOfAct, asyncio.Event | None] = {}
        """With what wakes who waits for the key: it is made by the first who does."""

    def __call__(self, key: KeyOfAct) -> _Alone:
        """Run alone under a key (environment, mutation, principal, key); wait for the first as patience allows."""
        return _Alone(self, key)

    async def begin(self, key: KeyOfAct) -> None:
        """Wait until nobody runs under a key, and run."""
        if key in self._running:
            await self._wait(key)
        self._running[key] = None

    def end(self, key: KeyOfAct) -> None:
        """Let go on who waits."""
        over = self._running.pop(key)
        if over is not None:
            over.set()

    @asynccontextmanager
    async def every(self, keys: Collection[KeyOfAct]) -> AsyncGenerator[frozenset[KeyOfAct], None]:
        """Run under several keys; gives those whose first call is still running after all patience.

        Keys are taken in order, so that nobody waits for one who waits for him.
        """
        held: list[KeyOfAct] = []
        late: set[KeyOfAct] = set()
        try:
            for key in sorted(keys, key=str):
                if await self._free(key, patient=not late):
                    self._running[key] = None
                    held.append(key)
                else:
                    late.add(key)
            yield frozenset(late)
        finally:
            for key in held:
                self.end(key)

    async def _free(self, key: KeyOfAct, *, patient: bool) -> bool:
        if not patient:
            return key not in self._running
        try:
            await self._wait(key)
        except IdempotencyInProgress:
            return False
        return True

    async def _wait(self, key: KeyOfAct) -> None:
        try:
            async with asyncio.timeout(self.patience):
                while key in self._running:
                    over = self._running[key]
                    if over is None:
                        over = self._running[key] = asyncio.Event()
                    await over.wait()
        except TimeoutError as late:
            raise IdempotencyInProgress(
                "The first call with this key is still running: ask again shortly.",
                field="idempotencyKey",
            ) from late


class _Alone:
    """The time in which an act runs: entered for each act, so it is no generator."""

    __slots__ = ("_in_flight", "_key")

    def __init__(self, in_flight: InFlight, key: KeyOfAct) -> None:
        self._in_flight = in_flight
        self._key = key

    async def __aenter__(self) -> None:
        if self._key[3] is not None:
            await self._in_flight.begin(self._key)

    async def __aexit__(self, *_: object) -> None:
        if self._key[3] is not None:
            self._in_flight.end(self._key)
