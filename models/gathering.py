"""Acts about one thing that arrive while others about it are carried out are carried out together, next.

A unit of work costs about the same for one act as for many: its statements, its turn, its COMMIT. Whoever comes alone
is carried out alone and at once; who has to wait anyway waits in company, and no longer than anybody waits for the
database. What they have in common may be a customer, or no more than an environment.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import nullcontext
from contextvars import Context
from dataclasses import field
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from billing.dataclass import dataclass
from models.unavailable import busy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Sequence

Act = TypeVar("Act")
Ended = TypeVar("Ended")
CarryOut: TypeAlias = "Callable[[Group[Act]], Awaitable[Sequence[Ended]]]"
MOST = 256
"""So many acts share a unit of work, unless one caller brings more."""
PATIENCE = 3.0
"""So many seconds an act waits until it is begun."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """What one caller brought, and where its answer is awaited."""

    acts: Sequence[Any]
    ended: asyncio.Future[Sequence[Any]]
    until: float
    """The loop's time at which it is refused, unless it has begun."""
    begun: bool = False


class Group(Generic[Act]):
    """Acts that are carried out together: they begin when the database has its turn for them, in whatever thread."""

    def __init__(self, acts: Sequence[Act], entries: Sequence[_Waiting] = (), turn: Lock | None = None) -> None:
        """Know all that may begin, and who waits; `turn` is had by who decides whether somebody still does.

        Acts for which nobody waits here began before.
        """
        self.acts = acts
        self._entries = entries
        self._turn = turn
        self._begun: Sequence[Act] | None = acts if turn is None else None

    def begin(self) -> Sequence[Act]:
        """Take the acts of those who still wait, once for good: from now on they wait for how that ends."""
        if self._begun is None:
            with self._turn or nullcontext():
                for entry in self._entries:
                    entry.begun = not entry.ended.done()
            self._begun = [act for entry in self._entries if entry.begun for act in entry.acts]
        return self._begun

    def tell(self, ended: Sequence[Any]) -> None:
        """Tell everybody how their acts ended."""
        ends = iter(ended)
        for entry in self._entries:
            answers = [next(ends) for _ in entry.acts] if entry.begun else ()
            if not entry.ended.done():
                entry.ended.set_result(answers)

    def fail(self, problem: BaseException) -> None:
        """Tell everybody why nobody's acts were carried out."""
        for entry in self._entries:
            if entry.ended.done():
                continue
            if isinstance(problem, Exception):
                entry.ended.set_exception(problem)
            else:
                entry.ended.cancel()


@dataclass(slots=True, eq=False)
class _Queue:
    """Those who wait about one thing, those who are carried out now, and when the next is to be refused."""

    waiting: deque[_Waiting] = field(default_factory=deque["_Waiting"])
    running: Sequence[_Waiting] = ()
    tiring: asyncio.TimerHandle | None = None


class Gathering:
    """The acts of this process that wait or run now, by what they are about."""

    def __init__(self, most: int = MOST, patience: float = PATIENCE) -> None:
        """Begin with none; each waits so many seconds until it is begun."""
        self._most = most
        self._patience = patience
        self._turn = Lock()
        self._queues: dict[Hashable, _Queue] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, about: Hashable, acts: Sequence[Act], carry_out: CarryOut[Act, Ended]) -> Sequence[Ended]:
        """Carry acts out in order of arrival and answer how each ended; `carry_out` is the same for all `about` one.

        What `carry_out` raises is raised to everybody who was in its group. Who is cancelled before its acts began
        takes them back; once they began they are carried out, and nobody else is disturbed. Raises
        `TemporarilyUnavailable` where they do not begin in time.
        """
        return await self.enter(about, acts, carry_out)

    def enter(
        self, about: Hashable, acts: Sequence[Act], carry_out: CarryOut[Act, Ended]
    ) -> asyncio.Future[Sequence[Ended]]:
        """Let acts wait, behind all that came before; how they end is told later."""
        loop = asyncio.get_running_loop()
        entry = _Waiting(acts, loop.create_future(), loop.time() + self._patience)
        queue = self._queues.get(about)
        if queue is None:
            queue = self._queues[about] = _Queue()
            task = asyncio.create_task(self._run(about, queue, carry_out), context=Context())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        if queue.tiring is None:
            queue.tiring = loop.call_at(entry.until, self._tire, queue)
        queue.waiting.append(entry)
        return entry.ended

    def __contains__(self, about: Hashable) -> bool:
        """Whether acts about something wait or run now."""
        return about in self._queues

    async def idle(self) -> None:
        """Wait until nothing is carried out any more."""
        while self._running:
            await asyncio.wait(self._running)

    async def _run(self, about: Hashable, queue: _Queue, carry_out: CarryOut[Any, Any]) -> None:
        try:
            while entries := self._next(queue.waiting):
                queue.running = entries
                acts = [act for entry in entries for act in entry.acts]
                await _together(Group(acts, entries, self._turn), carry_out)
        finally:
            del self._queues[about]
            if queue.tiring is not None:
                queue.tiring.cancel()
            for left in queue.waiting:
                left.ended.cancel()

    def _next(self, waiting: deque[_Waiting]) -> list[_Waiting]:
        """Take those who still wait, in order, up to the most that are carried out together."""
        group: list[_Waiting] = []
        size = 0
        while waiting and (not group or size + len(waiting[0].acts) <= self._most):
            entry = waiting.popleft()
            if not entry.ended.done():
                group.append(entry)
                size += len(entry.acts)
        return group

    def _tire(self, queue: _Queue) -> None:
        """Refuse who has waited long enough, and come back for the next; of what was refused nothing is written."""
        loop = asyncio.get_running_loop()
        now, soonest = loop.time(), None
        with self._turn:
            for entry in (*queue.running, *queue.waiting):
                if entry.begun or entry.ended.done():
                    continue
                if entry.until <= now:
                    entry.ended.set_exception(busy(TimeoutError()))
                elif soonest is None or entry.until < soonest:
                    soonest = entry.until
        queue.tiring = None if soonest is None else loop.call_at(soonest, self._tire, queue)


async def _together(group: Group[Any], carry_out: CarryOut[Any, Any]) -> None:
    try:
        ended = await carry_out(group)
    except BaseException as problem:
        group.fail(problem)
        if not isinstance(problem, Exception):
            raise
    else:
        group.tell(ended)
