"""Reading by key: what several resolvers want at the same time is read together, and once in a call.

Nobody needs a task for it. A resolver that wants what is not read yet waits for a `Wanted`; whoever drives it says when
that is read. A compiled operation does so when all its resolvers wait; where a task waits for it (graphql-core makes
many), the round reads by itself, once some turns of the loop have brought nothing new.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextvars import Context

    T_read = TypeVar("T_read")

QUIET_TURNS: Final = 2
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Wanted(asyncio.Future[None]):
    """That a batch is read; each who waits for it has one, so that one who gives up takes nothing from the others."""

    def __init__(self, batch: Batch[Any, Any]) -> None:
        """Wait for this batch."""
        super().__init__()
        self.batch: Final = batch

    def add_done_callback(self, fn: Callable[[Wanted], object], /, *, context: Context | None = None) -> None:
        """Hear that a task waits for it, which drives nobody else: the round reads by itself."""
        super().add_done_callback(fn, context=context)
        if self.batch.open:
            self.batch.round.begin()


class Round:
    """The batches of a call that nobody reads yet."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: list[Batch[Any, Any]] = []
        self._turn: asyncio.Task[None] | None = None

    def join(self, batch: Batch[Any, Any]) -> None:
        """Read one more."""
        self._open.append(batch)

    def taken(self) -> Sequence[Batch[Any, Any]]:
        """Close the batches, for who reads them now."""
        taken, self._open = self._open, []
        for each in taken:
            each.open = False
        return taken

    def begin(self) -> None:
        """Read once nothing new is wanted."""
        if self._turn is None:
            self._turn = asyncio.create_task(self._quietly())

    def clear(self) -> None:
        """Read nothing."""
        self._open = []
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None

    async def _quietly(self) -> None:
        """Read after several turns without a new key: long lists are walked in slices."""
        known, quiet = 0, 0
        while quiet < QUIET_TURNS:
            known, before = sum(len(each.keys) for each in self._open), known
            quiet = quiet + 1 if known == before else 0
            await asyncio.sleep(0)
        self._turn = None
        await asyncio.gather(*(each.read() for each in self.taken()))


class Batch(Generic[K, T]):
    """Keys of one loader that are read in one question, and what was found."""

    __slots__ = ("_found", "_loader", "_problem", "_waiting", "keys", "open", "over", "round")

    def __init__(self, loader: Loader[K, T], within: Round) -> None:
        """Begin without a key; it takes more as long as it is `open`, and is read when it is `over`."""
        self._loader = loader
        self._waiting: list[Wanted] = []
        self._found: Mapping[K, T] = {}
        self._problem: Exception | None = None
        self.keys: Final[list[K]] = []
        self.open = True
        self.over = False
        self.round: Final = within

    def wanted(self) -> Wanted:
        """Make what to wait for until it is over."""
        wanted = Wanted(self)
        self._waiting.append(wanted)
        return wanted

    async def read(self) -> None:
        """Read it, and tell who waits; what went wrong each of them gets."""
        try:
            self._found = await self._loader.read(self.keys)
        except Exception as problem:  # noqa: BLE001  (as said)
            self._problem = problem
            self._loader.drop(self.keys)
        self.over = True
        for each in self._waiting:
            if not each.done():
                each.set_result(None)
        self._waiting.clear()

    def get(self, key: K) -> T | None:
        """Find what was read."""
        if self._problem is not None:
            raise self._problem
        return self._found.get(key)


class Loader(Generic[K, T]):
    """Reads values by key; what was read is remembered for the call, and answered without waiting."""

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, T]]], within: Round) -> None:
        """Read in batches by this."""
        self.read: Final = read
        self._round = within
        self._batch: Batch[K, T] | None = None
        self._known: dict[K, Batch[K, T]] = {}

    async def load(self, key: K) -> T | None:
        """Find one value; None where there is none."""
        batch = self._known.get(key) or self._joined(key)
        if not batch.over:
            await batch.wanted()
        return batch.get(key)

    async def load_many(self, keys: Sequence[K]) -> list[T | None]:
        """Find several values, in this order."""
        batches = [self._known.get(key) or self._joined(key) for key in keys]
        for each in batches:
            if not each.over:
                await each.wanted()
        return [batch.get(key) for key, batch in zip(keys, batches, strict=True)]

    def forget(self) -> None:
        """Forget what was read; who waits is answered."""
        self._known = {key: batch for key, batch in self._known.items() if not batch.over}

    def clear(self) -> None:
        """Forget everything."""
        self._batch = None
        self._known.clear()

    def drop(self, keys: Sequence[K]) -> None:
        """Read these anew when they are asked for again."""
        for key in keys:
            self._known.pop(key, None)

    def _joined(self, key: K) -> Batch[K, T]:
        """Read this with what is read next."""
        if self._batch is None or not self._batch.open:
            self._batch = Batch(self, self._round)
            self._round.join(self._batch)
        self._known[key] = self._batch
        self._batch.keys.append(key)
        return self._batch
