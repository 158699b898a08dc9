"""Coroutines of one run, side by side in one task: each is taken as far as it goes, then all that they want is read.

So a level of nested reads costs one question and no task, however many members its lists have (ADR 22). What a
coroutine may ask for is: a `Wanted`, which is read once nobody goes on without it; a breath; nothing, so that others go
on; and anything else of the loop's: it is carried on in a task of its own, beside the others.
"""

# ruff: noqa: ANN401  (what coroutines yield is the loop's own)

from __future__ import annotations

import asyncio
from types import coroutine
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from models.aside import Aside
from resolvers.batching import Wanted

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterable, Sequence

    from plangate.execution.pace import Pace
    from resolvers.batching import Batch

T = TypeVar("T")
_BREATH: Final = object()
"""Asked for where the slice is used up: it is the whole run that breathes."""


@coroutine
def _asked(what: Any) -> Generator[Any, None, None]:
    """Ask whoever drives this for something."""
    yield what


async def breath() -> None:
    """Let others go on."""
    await _asked(_BREATH)


class Lockstep:
    """What drives the coroutines of one run."""

    def __init__(self, pace: Pace) -> None:
        """Breathe at this pace."""
        self._pace = pace
        self._aside: set[asyncio.Task[Any]] = set()

    async def carry_out(self, whole: Coroutine[Any, Any, T]) -> T:
        """Carry a run out in the task that awaits this; of one that is cancelled nothing is left under way."""
        try:
            return await self._carried_on(whole, whole.send(None), reads=True)
        except StopIteration as end:
            return cast("T", end.value)
        except asyncio.CancelledError:
            for each in self._aside:
                each.cancel()
            await asyncio.gather(*self._aside, return_exceptions=True)
            raise
        finally:
            whole.close()

    async def abreast(self, parts: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
        """Carry parts out side by side; what one raises is raised when none is under way any more."""
        group: _Group[T] = _Group()
        aside: dict[int, asyncio.Task[T]] = {}
        turn: Iterable[tuple[int, Coroutine[Any, Any, T]]] = enumerate(parts)
        try:
            while True:
                for number, part in turn:
                    asked = group.step(number, part)
                    if asked is not None:
                        aside[number] = self._set_aside(part, asked)
                    if self._pace.due():
                        await breath()
                if not group.going:
                    break
                turn = await group.next_turn()
        finally:
            group.close()
        if aside:
            done = await asyncio.gather(*aside.values(), return_exceptions=True)
            group.made.update(zip(aside, done, strict=True))
        return group.answers()

    def _set_aside(self, part: Coroutine[Any, Any, T], asked: Any) -> asyncio.Task[T]:
        task = asyncio.create_task(self._carried_on(part, asked, reads=False))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)
        return task

    async def _carried_on(self, part: Coroutine[Any, Any, T], asked: Any, *, reads: bool) -> T:
        """Go on with what was begun and asked for this, to its end; `reads` says that nobody else wants anything."""
        try:
            while True:
                try:
                    await self._given(asked, reads=reads)
                except BaseException as problem:  # noqa: BLE001  (it is the part's to deal with)
                    asked = part.throw(problem)
                else:
                    asked = part.send(None)
        except StopIteration as end:
            return cast("T", end.value)

    async def _given(self, asked: Any, *, reads: bool) -> None:
        """Give what was asked for."""
        if asked is _BREATH:
            await self._pace.breathe()
        elif asked.__class__ is Aside and asyncio.current_task() is not None:
            asked.set_result(None)
        elif reads and asked.__class__ is Wanted and asked.batch.open:
            await self._read(asked.batch.round.taken())
        else:
            await _asked(asked)

    async def _read(self, batches: Sequence[Batch[Any, Any]]) -> None:
        await self._pace.breathe()
        if len(batches) == 1:
            await batches[0].read()
        else:
            await self.carry_out(self.abreast(each.read() for each in batches))


class _Group(Generic[T]):
    """Parts that are carried out side by side: what came of those that are done, and what the others asked for."""

    __slots__ = ("going", "made")

    def __init__(self) -> None:
        self.made: Final[dict[int, T | BaseException]] = {}
        self.going: Final[dict[int, tuple[Coroutine[Any, Any, T], Any]]] = {}

    def step(self, number: int, part: Coroutine[Any, Any, T]) -> Any:
        """Take a part as far as it goes; gives what it asks for of the loop, None where that is nothing."""
        try:
            asked = part.send(None)
        except StopIteration as end:
            self.made[number] = end.value
        except (Exception, asyncio.CancelledError) as problem:  # noqa: BLE001  (raised with the answers)
            self.made[number] = problem
        else:
            if asked is None or asked is _BREATH or asked.__class__ is Wanted:
                self.going[number] = part, asked
                return None
            self.going.pop(number, None)
            return asked
        self.going.pop(number, None)
        return None

    async def next_turn(self) -> Sequence[tuple[int, Coroutine[Any, Any, T]]]:
        """Wait until some go on again: those who only let others go on, or those whose batch is read."""
        wanted = [asked for _, asked in self.going.values() if asked.__class__ is Wanted]
        await _asked(wanted[0] if len(wanted) == len(self.going) else None)
        return [
            (number, part)
            for number, (part, asked) in self.going.items()
            if asked.__class__ is not Wanted or asked.done()
        ]

    def close(self) -> None:
        """Give up those that are still going."""
        for part, _ in self.going.values():
            part.close()

    def answers(self) -> list[T]:
        """Give what came of all, in their order; raises what one of them raised."""
        answers: list[T] = []
        for number in range(len(self.made)):
            made = self.made[number]
            if isinstance(made, BaseException):
                raise made
            answers.append(made)
        return answers
