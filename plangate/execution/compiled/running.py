"""What compiled functions use while they run."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from plangate.execution.compiled.leaves import Unforeseen
from plangate.execution.compiled.lockstep import Lockstep

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from graphql.execution.values import VariableValues

    from plangate.execution.acted import Acted
    from plangate.execution.compiled.arguments import Arguments, Read
    from plangate.execution.compiled.chosen import Below
    from plangate.execution.pace import Pace

    Level: TypeAlias = Callable[[Sequence[Any], "Run"], Coroutine[Any, Any, Sequence[str]]]


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


async def lists(write: Level, found: Sequence[Sequence[Any]], run: Run) -> Sequence[str]:
    """Write several lists, the members of all of them as one level."""
    if any(each.__class__ is not list and each.__class__ is not tuple for each in found):
        raise Unforeseen
    members = [member for each in found for member in each]
    run.pace.count(len(members))
    made = iter(await write(members, run) if members else ())
    return [f"[{','.join(islice(made, len(each)))}]" for each in found]


async def perhaps(write: Level, found: Sequence[Any], run: Run) -> Sequence[str]:
    """Write what is there of several, and that the others are not."""
    there = [each for each in found if each is not None]
    made = iter(await write(there, run) if there else ())
    return ["null" if each is None else next(made) for each in found]
