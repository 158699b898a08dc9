"""What is promised is made like what Strawberry's own decorators give; `schema/schema.graphql` tells the rest."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import pytest
import strawberry

from schema.promise import about, field, interface_type, object_type


def made_by(interface: Callable[[type], type], thing: Callable[[type], type]) -> Any:
    """An object with a name from its interface, a size, parts, and a field that is resolved."""

    @interface
    class Named:
        """What has a name."""

        name: str = about("Its name.")

    @thing
    class Thing(Named):  # pyright: ignore[reportUntypedBaseClass]  (the decorator is any of two)
        """A thing."""

        size: int | None = about("How large it is.", default=None)
        parts: list[str] = strawberry.field(default_factory=list[str])

        @field
        def doubled(self) -> int:
            """Twice its size."""
            return 2 * (self.size or 0)

    return Thing


THEIRS = made_by(strawberry.interface, strawberry.type)
QUESTIONS: dict[str, Callable[[Any], object]] = {
    "repr": lambda of: repr(of(name="a", size=2)),
    "equal": lambda of: (of(name="a") == of(name="a"), of(name="a") == of(name="b"), of(name="a") == "a"),
    "hash": lambda of: isinstance(of(name="a"), Hashable),
    "parts of its own": lambda of: of(name="a").parts is of(name="a").parts,
    "a method": lambda of: of(name="a", size=2).doubled(),
    "without a name": lambda of: of(size=2),
    "by place": lambda of: of("a"),
    "what it resolves": lambda of: of(name="a", doubled=3),
}


def answered(ask: Callable[[Any], object], of: Any) -> object:
    """What it answers, or how it fails."""
    try:
        return ask(of)
    except TypeError as problem:
        return str(problem)


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_promised_class_is_made_like_strawberrys(asked: str) -> None:
    ours = made_by(interface_type, object_type)

    assert answered(QUESTIONS[asked], ours) == answered(QUESTIONS[asked], THEIRS)
