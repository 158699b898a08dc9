"""What compiled functions use while they run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

from plangate.execution.pace import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from graphql.execution.values import VariableValues

    from plangate.execution.acted import Acted
    from plangate.execution.compiled.arguments import Arguments, Read
    from plangate.execution.pace import Pace

T = TypeVar("T")


class Asked:
    """What a resolver sees of a compiled field: the context, and the names wanted below it."""

    __slots__ = ("context", "wanted")

    def __init__(self, context: object, wanted: frozenset[str]) -> None:
        """Take the place of `schema.info.Info`."""
        self.context: Final = context
        self.wanted: Final = wanted


class Run:
    """One run of a compiled operation: whose it is, its arguments, its act, and its turns at the processor."""

    __slots__ = ("_known", "_read", "acted", "context", "pace", "values")

    def __init__(
        self, context: object, values: VariableValues, pace: Pace, read: Sequence[tuple[Read, ...]], acted: Acted
    ) -> None:
        """Begin; arguments are read when a field first needs them."""
        self.acted: Final = acted
        self.context: Final = context
        self.values: Final = values
        self.pace: Final = pace
        self._read = read
        self._known: dict[int, Arguments] = {}

    def arguments(self, number: int) -> Arguments:
        """Give the arguments of a field that depend on variables: read once, as many objects as it may have."""
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = {}
            for read in self._read[number]:
                known.update(read(self.values))
        return known


async def together(*parts: Coroutine[Any, Any, str]) -> Sequence[str]:
    """Wait for all, side by side; what one raises is raised when none is under way any more."""
    return _all_of(await asyncio.gather(*parts, return_exceptions=True))


async def members(of: Callable[[Any, Run], Awaitable[str]], values: Sequence[object], run: Run) -> Sequence[str]:
    """Make the members of a list that wait for something, side by side; beyond the first ones each in its turn."""

    async def later(value: object) -> str:
        await run.pace.breathe()
        return await of(value, run)

    first, rest = values[:AT_ONCE], values[AT_ONCE:]
    parts = [*(of(value, run) for value in first), *map(later, rest)]
    if len(parts) == 1:
        return [await parts[0]]
    return _all_of(await asyncio.gather(*parts, return_exceptions=True))


def _all_of(made: Sequence[T | BaseException]) -> list[T]:
    answers: list[T] = []
    for each in made:
        if isinstance(each, BaseException):
            raise each
        answers.append(each)
    return answers
