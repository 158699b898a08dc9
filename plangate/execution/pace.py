"""An executor that lets others go on: a long answer is made in slices, and one beyond its bounds is given up."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# The executor's own signatures are partly open.

from __future__ import annotations

import asyncio
from inspect import isawaitable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from graphql import get_nullable_type, is_leaf_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from plangate.execution.errors import CodedError

if TYPE_CHECKING:
    from collections.abc import Iterable

SLICE_SECONDS: Final = 0.01
AT_ONCE: Final = 20
"""Members of a list that are made without looking at the time."""


class Pace:
    """One request's turns at the processor, and how many members its lists may have in all."""

    def __init__(self, most: int) -> None:
        """Begin with a whole slice; raise once there are more than `most` members."""
        self._most = most
        self._members = 0
        self._turn = asyncio.Lock()
        self._since = perf_counter()

    def count(self, members: int) -> None:
        """Count the members of a list; raises `CodedError` where there are too many."""
        self._members += members
        self._hold()

    def _hold(self) -> None:
        if self._members > self._most:
            message = f"The answer holds more than {self._most} members of lists: ask for less at once."
            raise CodedError("ANSWER_TOO_LARGE", message, maximum=self._most)

    def due(self) -> bool:
        """Whether others are to go on: the slice is used up, or another part of the request has the turn."""
        return perf_counter() - self._since >= SLICE_SECONDS or self._turn.locked()

    async def breathe(self) -> None:
        """Let others go on where that is due; of one request one part goes on at a time."""
        if not self.due():
            return
        async with self._turn:
            self._hold()
            if perf_counter() - self._since >= SLICE_SECONDS:
                await asyncio.sleep(0)
                self._since = perf_counter()


class PacedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor; before what was awaited is looked into, and between members of long lists, it breathes."""

    pace: Pace

    def complete_awaitable_value(
        self,
        return_type: Any,  # noqa: ANN401  (here and below: the executor's own)
        field_details_list: Any,  # noqa: ANN401
        info: Any,  # noqa: ANN401
        path: Any,  # noqa: ANN401
        result: Any,  # noqa: ANN401
        position_context: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Look into what a resolver answers, once it is there and it is this request's turn."""
        paced = self._paced(result)
        return super().complete_awaitable_value(return_type, field_details_list, info, path, paced, position_context)

    def complete_iterable_value(
        self,
        item_type: Any,  # noqa: ANN401
        field_details_list: Any,  # noqa: ANN401
        info: Any,  # noqa: ANN401
        path: Any,  # noqa: ANN401
        items: Iterable[Any],
        position_context: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Make the members of a list: the first at once, the others each in its turn."""
        members = list(items)
        self.pace.count(len(members))
        if len(members) > AT_ONCE and not is_leaf_type(get_nullable_type(item_type)):
            members = [*members[:AT_ONCE], *map(self._paced, members[AT_ONCE:])]
        return super().complete_iterable_value(item_type, field_details_list, info, path, members, position_context)

    async def _paced(self, value: Any) -> Any:  # noqa: ANN401  (a value of any kind, or the promise of one)
        if isawaitable(value):
            value = await value
        await self.pace.breathe()
        return value
