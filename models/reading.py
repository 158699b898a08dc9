"""How rows of the driver become rows of values: a statement's columns are written down once, as one comprehension.

Walking each row column by column took eight times as long. Column names are the only words in what is written, as
literals; what turns a value into another is bound.
"""

from __future__ import annotations

from collections import namedtuple
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType

    from models.types import Process

Found: TypeAlias = "Sequence[Sequence[Any]]"
Part: TypeAlias = "tuple[int, int, Callable[..., Any]]"
"""Columns of a row from one place up to another, and what is made of them: a tuple's class, or what takes them all."""
_MAKE: Final[Callable[..., Any]] = cast("Any", tuple).__new__


class Reading:
    """The columns of a statement."""

    def __init__(self, names: Sequence[str], processes: Mapping[int, Process]) -> None:
        """Read these, in this order; a value of a place that has a process is turned by it, unless it is null."""
        self.names: Final = names
        self._processes = processes
        self._parts: dict[tuple[Part, ...], tuple[Callable[[Sequence[Any]], Any], ...]] = {}

    def parts(self, wanted: tuple[Part, ...]) -> tuple[Callable[[Sequence[Any]], Any], ...]:
        """Give what makes each part of a row of the driver: what is not asked for is not turned into a value."""
        known = self._parts.get(wanted)
        if known is None:
            known = self._parts[wanted] = tuple(self._part(*each) for each in wanted)
        return known

    @cached_property
    def dicts(self) -> Callable[[Found], list[dict[str, Any]]]:
        """Read rows by column name."""
        named = ", ".join(f"{name!r}: {self._value(place)}" for place, name in enumerate(self.names))
        return cast("Callable[[Found], list[dict[str, Any]]]", self._written(f"{{{named}}}"))

    @cached_property
    def tuples(self) -> Callable[[Found], Found]:
        """Read rows by their columns' places."""
        if not self._processes:
            return _itself
        return cast("Callable[[Found], Found]", self._written(f"({self._places()})"))

    @cached_property
    def records(self) -> Callable[[Found], list[Any]]:
        """Read rows as tuples whose attributes are the columns."""
        named: Any = namedtuple  # noqa: PYI024  (the columns are known when it is read)
        kind = named("Record", self.names)
        row = f"make(kind, ({self._places()}))"
        return cast("Callable[[Found], list[Any]]", self._written(row, kind=kind, make=_MAKE))

    @cached_property
    def but_last(self) -> Reading:
        """Read all columns but the last."""
        last = len(self.names) - 1
        return Reading(self.names[:last], {place: each for place, each in self._processes.items() if place < last})

    def _part(self, since: int, until: int, kind: Callable[..., Any]) -> Callable[[Sequence[Any]], Any]:
        values = "".join(f"{self._value_in_row(place)}, " for place in range(since, until))
        made = f"make(kind, ({values}))" if isinstance(kind, type) and issubclass(kind, tuple) else f"kind({values})"
        bound: dict[str, object] = {**self._bound(), "kind": kind, "make": _MAKE}
        return cast("Callable[[Sequence[Any]], Any]", evaluated(f"lambda row: {made}", bound))

    def _value_in_row(self, place: int) -> str:
        turned = f"None if (v := row[{place}]) is None else p{place}(v)"
        return turned if place in self._processes else f"row[{place}]"

    def _bound(self) -> dict[str, object]:
        return {f"p{place}": process for place, process in self._processes.items()}

    def _places(self) -> str:
        return "".join(f"{self._value(place)}, " for place in range(len(self.names)))

    def _value(self, place: int) -> str:
        return f"None if v{place} is None else p{place}(v{place})" if place in self._processes else f"v{place}"

    def _written(self, row: str, **more: object) -> object:
        columns = "".join(f"v{place}, " for place in range(len(self.names)))
        return evaluated(f"lambda found: [{row} for {columns}in found]", self._bound() | more)


def evaluated(source: str, bound: Mapping[str, object]) -> object:
    """Make what was written down, with what it calls bound by name: column names are the only words in it."""
    return eval(_code(source), dict(bound))  # noqa: S307  (as said)


@cache
def _code(source: str) -> CodeType:
    return compile(source, "<reading>", "eval")


def _itself(found: Found) -> Found:
    return found
