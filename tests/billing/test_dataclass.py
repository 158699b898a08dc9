"""Our dataclasses are the standard library's, written later: whatever is asked of one first, it answers the same."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable, Hashable
from dataclasses import field
from typing import Any, ClassVar, Generic, TypeVar, cast

import pytest

from billing.dataclass import dataclass

T = TypeVar("T")
Decorator = Callable[..., Callable[[type], type]]
Ask = Callable[[Any], object]


def shapes(made: Decorator) -> tuple[Any, Any, Any]:
    """A frozen class that checks its fields, one that inherits from it, and one that changes."""

    @made(frozen=True, slots=True)
    class Held:
        kind: ClassVar[str] = "held"
        name: str
        size: int = 1
        parts: list[int] = field(default_factory=list[int])

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError(self.size)

    @made(frozen=True, slots=True)
    class Longer(Held, Generic[T]):  # pyright: ignore[reportUntypedBaseClass]  (the decorator is any of two)
        size: int = 2
        more: T | None = None

    @made(slots=True)
    class Open:
        first: int
        second: str = field(default="", repr=False, compare=False)

        def __repr__(self) -> str:
            return f"<{self.first}>"

    return Held, Longer, Open


THEIRS = shapes(dataclasses.dataclass)


def caught(ask: Ask, shape: Any) -> object:
    """What it answers, or how it fails."""
    try:
        return ask(shape)
    except Exception as problem:  # noqa: BLE001  (whatever it is, both do the same)
        return type(problem), str(problem)


def assigned(thing: Any) -> object:
    thing.name = "b"
    return thing


def assigned_first(thing: Any) -> object:
    thing.first = 9
    return thing


QUESTIONS: dict[str, Ask] = {
    "repr": lambda of: repr(of[0]("a", parts=[3])),
    "repr of a heir": lambda of: repr(of[1]("a", more=4)),
    "its own repr": lambda of: repr(of[2](1, "x")),
    "equal": lambda of: (
        of[0]("a") == of[0]("a"),
        of[0]("a") == of[0]("b"),
        of[0]("a") == of[1]("a"),
        of[0]("a") == "a",
    ),
    "equal but for what is not compared": lambda of: of[2](1, "x") == of[2](1, "y"),
    "hash": lambda of: hash(of[0]("a", 1, ())) == hash(("a", 1, ())),
    "hash of what changes": lambda of: isinstance(of[2], Hashable) or hash(of[2](1)),
    "too few": lambda of: of[0](),
    "checked": lambda of: of[0]("a", -1),
    "assigned": lambda of: assigned(of[0]("a")),
    "assigned where it may be": lambda of: repr(assigned_first(of[2](1))),
    "no other attribute": lambda of: hasattr(of[2](1), "__dict__"),
    "parameters": lambda of: str(inspect.signature(of[1])),
    "places": lambda of: (of[1].__match_args__, of[1].__slots__, of[2].__slots__),
    "names": lambda of: [(each.name, each.type, each.compare) for each in dataclasses.fields(of[1])],
    "replaced": lambda of: repr(dataclasses.replace(of[0]("a"), size=5)),
    "as a mapping": lambda of: dataclasses.asdict(of[1]("a", more=[1])),
    "copied": lambda of: copy.copy(of[0]("a", 7)) == of[0]("a", 7),
    "of the class": lambda of: (of[0].kind, of[0]("a").kind, dataclasses.is_dataclass(of[1])),
    "own lists": lambda of: of[0]("a").parts is of[0]("a").parts,
}


@pytest.mark.parametrize("asked", QUESTIONS)
def test_whatever_is_asked_first_is_answered_as_the_standard_library_does(asked: str) -> None:
    fresh = shapes(dataclass)

    assert caught(QUESTIONS[asked], fresh) == caught(QUESTIONS[asked], THEIRS)
    assert caught(QUESTIONS[asked], fresh) == caught(QUESTIONS[asked], THEIRS)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that another process makes again."""

    name: str


def test_what_is_frozen_goes_into_another_process() -> None:
    assert pickle.loads(pickle.dumps(Sent("a"))) == Sent("a")  # noqa: S301  (our own words)


def test_nothing_is_written_before_it_is_wanted() -> None:
    held = cast("type", shapes(dataclass)[0])
    before: dict[str, object] = dict(vars(held))
    held("a")
    after: dict[str, object] = dict(vars(held))

    assert [inspect.isfunction(each["__init__"]) for each in (before, after)] == [False, True]
    assert inspect.isfunction(after["__eq__"])
