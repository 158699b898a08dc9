"""The standard library's dataclasses, whose methods are written when the first of them is wanted. (ADR 26)

`dataclasses.dataclass` writes and compiles up to six functions for a class when its module is loaded: a quarter of a
start, for classes of which most are never made in a process. Here a class gets its slots at once, and everything else
from the standard library as soon as anybody looks for any of it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Protocol, cast, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from dataclasses import dataclass

__all__ = ["dataclass"]

ALWAYS: Final = ("__init__", "__repr__", "__match_args__", "__dataclass_fields__", "__dataclass_params__")
COMPARED: Final = ("__eq__",)
FROZEN: Final = ("__getstate__", "__setstate__")
COMPARED_AND_FROZEN: Final = ("__hash__",)
"""What the standard library gives a dataclass, by what it is; a class keeps what it defines itself."""

if not TYPE_CHECKING:

    def dataclass(*, slots: bool, frozen: bool = False, eq: bool = True) -> Callable[[type], type]:
        """Make a class a dataclass, as `dataclasses.dataclass` does."""
        return lambda plain: Unwritten(plain, slots=slots, frozen=frozen, eq=eq).of


class Unwritten:
    """A dataclass that lacks its methods so far."""

    def __init__(self, plain: type, *, slots: bool, frozen: bool, eq: bool) -> None:
        """Take a class as its module has it, and make the same with slots, which can only be given to a new one."""
        own = {name: value for name, value in vars(plain).items() if name not in ("__dict__", "__weakref__")}
        fields = [name for name, of in own.get("__annotations__", {}).items() if not _is_class_var(of)]
        inherited = {name for base in plain.__mro__[1:] for name in vars(base).get("__slots__", ())}
        self._how = {"slots": slots, "frozen": frozen, "eq": eq}
        self._slots = tuple(name for name in fields if name not in inherited)
        self._defaults = {name: own.pop(name) for name in fields if name in own}
        self._missing = tuple(name for name in _given(frozen=frozen, eq=eq) if own.get(name) is None)
        waiting = {name: Waiting(self, name) for name in self._missing}
        self.of = _like(plain, own | waiting | (GUARDS if frozen else {}) | {"__slots__": self._slots})

    def write(self) -> None:
        """Let the standard library make the class once more, and take over what it wrote."""
        ours = {"__slots__", *self._slots, *self._missing, *(GUARDS if self._how["frozen"] else ())}
        plain = {name: value for name, value in vars(self.of).items() if name not in ours}
        again = cast("Callable[[type], type]", dataclasses.dataclass(**self._how))
        written = again(_like(self.of, plain | self._defaults))
        for name in self._missing:
            setattr(self.of, name, vars(written)[name])


class Lacking(Protocol):
    """A class that can write what it lacks."""

    of: type

    def write(self) -> None:
        """Put something else wherever something waits."""
        ...


class Waiting:
    """Stands in a class for what is not written yet."""

    __slots__ = ("_class", "_name")

    def __init__(self, of: Lacking, name: str) -> None:
        """Stand there under a name."""
        self._class, self._name = of, name

    def __get__(self, instance: object, owner: type) -> Any:  # noqa: ANN401  (a method, or what describes the class)
        self._class.write()
        found = vars(self._class.of)[self._name]
        return found.__get__(instance, owner) if hasattr(found, "__get__") else found


def _given(*, frozen: bool, eq: bool) -> Iterator[str]:
    yield from ALWAYS
    if eq:
        yield from COMPARED
    if frozen:
        yield from FROZEN
    if eq and frozen:
        yield from COMPARED_AND_FROZEN


def _is_class_var(of: object) -> bool:
    return of.startswith("ClassVar[") if isinstance(of, str) else get_origin(of) is ClassVar


def _like(cls: type, inside: Mapping[str, object]) -> type:
    made = type(cls)(cls.__name__, cls.__bases__, dict(inside))
    made.__qualname__ = cls.__qualname__
    return made


def _no_change(_self: object, name: str, _value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_removal(_self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


GUARDS: Final = {"__setattr__": _no_change, "__delattr__": _no_removal}
"""What keeps a frozen object as it is; the standard library's name the class that it was before it had slots."""
