"""The one act of a mutation: it is carried out once, whoever writes the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from graphql import GraphQLResolveInfo

TYPENAME: Final = "__typename"


class Acted:
    """What an act came to: the value of its resolver, or what that raised."""

    __slots__ = ("_problem", "_value", "begun")

    def __init__(self) -> None:
        """Begin with none."""
        self.begun = False
        self._value: object = None
        self._problem: Exception | None = None

    async def carry_out(self, act: Awaitable[object]) -> object:
        """Carry it out, and remember what it came to."""
        self.begun = True
        try:
            self._value = await act
        except Exception as problem:
            self._problem = problem
            raise
        return self._value

    def resolve(
        self,
        other: Callable[..., object],
        source: object,
        info: GraphQLResolveInfo[Any],
        **arguments: Any,  # noqa: ANN401  (of any kind)
    ) -> object:
        """Take the place of the act's resolver, as graphql-core's middleware: nothing is done a second time."""
        if info.path.prev is not None or info.field_name == TYPENAME:
            return other(source, info, **arguments)
        if self._problem is not None:
            raise self._problem
        return self._value
