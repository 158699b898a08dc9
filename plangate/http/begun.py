"""Bounding in time what mostly waits for nothing: the clock is set once something is waited for."""

# ruff: noqa: ANN401  (what coroutines yield and are sent is the loop's own)

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from models.aside import Aside

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator
    from contextlib import AbstractContextManager

T = TypeVar("T")
NOTHING: Final = nullcontext()


class Late(Exception):  # noqa: N818  (it is told in other words)
    """It was not over in time."""


async def within(seconds: float, act: Coroutine[Any, Any, T], first: AbstractContextManager[None] = NOTHING) -> T:
    """Await a coroutine; raises `Late` where that takes longer, counted from when it first waits.

    Its `first` step, up to that wait or to its end, is taken inside of this.
    """
    try:
        with first:
            waits = act.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    if asyncio.current_task() is None:
        await Aside()
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            return await Begun(act, waits)
    except TimeoutError as problem:
        if deadline.expired():
            raise Late from problem
        raise


class Begun(Generic[T]):
    """A coroutine that was begun: awaiting it goes on where it stopped."""

    def __init__(self, act: Coroutine[Any, Any, T], waits: Any) -> None:
        """It `waits` for this now."""
        self._act = act
        self._waits = waits

    def __await__(self) -> Generator[Any, Any, T]:
        """Pass on what it waits for, and what it is given."""
        waits = self._waits
        try:
            while True:
                try:
                    given = yield waits
                except BaseException as problem:  # noqa: BLE001  (it is the coroutine's to deal with)
                    waits = self._act.throw(problem)
                else:
                    waits = self._act.send(given)
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            self._act.close()
