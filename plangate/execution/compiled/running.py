"""What compiled functions use while they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plangate.execution.compiled.lockstep import Lockstep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql.execution.values import VariableValues

    from plangate.execution.acted import Acted
    from plangate.execution.compiled.arguments import Arguments, Read
    from plangate.execution.compiled.chosen import Below
    from plangate.execution.pace import Pace


class Asked:
    """What a resolver sees of a compiled field: the context, and the names wanted below it."""

    __slots__ = ("_chosen", "context")

    def __init__(self, context: object, chosen: Below) -> None:
        """Take the place of `schema.info.Info`."""
        self.context: Final = context
        self._chosen: Final = chosen

    @property
    def wanted(self) -> frozenset[str]:
        """The names one level down."""
        return self._chosen.below()

    def below(self, *names: str) -> frozenset[str]:
        """The names below the fields of these names, each below the one before it."""
        return self._chosen.below(*names)


class Run:
    """One run of a compiled operation: whose it is, its arguments, its act, its turns, and what drives its parts."""

    __slots__ = ("_known", "_read", "acted", "context", "lockstep", "pace", "values")

    def __init__(
        self, context: object, values: VariableValues, pace: Pace, read: Sequence[tuple[Read, ...]], acted: Acted
    ) -> None:
        """Begin; arguments are read when a field first needs them."""
        self.acted: Final = acted
        self.context: Final = context
        self.values: Final = values
        self.pace: Final = pace
        self.lockstep: Final = Lockstep(pace)
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
