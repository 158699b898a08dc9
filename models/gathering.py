"""Acts about one thing that arrive while others about it are carried out are carried out together, next.

A unit of work costs about the same for one act as for many: its statements, its turn, its COMMIT. Whoever comes alone
is carried out alone and at once; who has to wait anyway waits in company. What they have in common may be a customer,
or no more than an environment.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Sequence

Act = TypeVar("Act")
Ended = TypeVar("Ended")
CarryOut: TypeAlias = "Callable[[Sequence[Act]], Awaitable[Sequence[Ended]]]"
MOST = 256
"""So many acts share a unit of work, unless one caller brings more."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What one caller brought, and where its answer is awaited."""

    acts: Sequence[Any]
    ended: asyncio.Future[Sequence[Any]]


class Gathering:
    """The acts of this process that wait or run now, by what they are about."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with none."""
        self._most = most
        self._waiting: dict[Hashable, deque[_Waiting]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, about: Hashable, acts: Sequence[Act], carry_out: CarryOut[Act, Ended]) -> Sequence[Ended]:
        """Carry acts out in order of arrival and answer how each ended; `carry_out` is the same for all `about` one.

        What `carry_out` raises is raised to everybody who was in its group. Who is cancelled before its acts began
        takes them back; once they began they are carried out, and nobody else is disturbed.
        """
        entry = _Waiting(acts, asyncio.get_running_loop().create_future())
        waiting = self._waiting.get(about)
        if waiting is None:
            self._waiting[about] = deque([entry])
            task = asyncio.create_task(self._run(about, carry_out), context=Context())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            waiting.append(entry)
        return await entry.ended

    async def idle(self) -> None:
        """Wait until nothing is carried out any more."""
        while self._running:
            await asyncio.wait(self._running)

    async def _run(self, about: Hashable, carry_out: CarryOut[Any, Any]) -> None:
        waiting = self._waiting[about]
        try:
            while group := self._next(waiting):
                await _together(group, carry_out)
        finally:
            del self._waiting[about]
            for left in waiting:
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


async def _together(group: Sequence[_Waiting], carry_out: CarryOut[Any, Any]) -> None:
    try:
        ended = iter(await carry_out([act for entry in group for act in entry.acts]))
    except BaseException as problem:
        for entry in group:
            _fail(entry.ended, problem)
        if not isinstance(problem, Exception):
            raise
        return
    for entry in group:
        answers = [next(ended) for _ in entry.acts]
        if not entry.ended.done():
            entry.ended.set_result(answers)


def _fail(ended: asyncio.Future[Sequence[Any]], problem: BaseException) -> None:
    if ended.done():
        return
    if isinstance(problem, Exception):
        ended.set_exception(problem)
    else:
        ended.cancel()
