"""Decorators by which a docstring in Python is the description in the schema, so that nothing is said twice."""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING
from functools import wraps
from inspect import cleandoc, signature
from operator import attrgetter
from typing import Any, Final, TypeVar, cast, dataclass_transform

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directives import OneOf
from strawberry.types.field import StrawberryField
from strawberry.types.object_type import (
    _check_field_annotations,  # pyright: ignore[reportPrivateUsage]  (`strawberry.type` is these two and `dataclass`)
    _process_type,  # pyright: ignore[reportPrivateUsage]  (as above)
)

from billing.dataclass import Waiting, dataclass

T = TypeVar("T")
Resolver = TypeVar("Resolver", bound=Callable[..., Any])

SHOWN: Final = "shown"
"""Where a resolver says that it reads something off the view of its object (`Shown`), or lists views (`Listed`)."""
IDEMPOTENCY_KEY: Final = (
    "Names this act, at most 255 characters: sent again with the same input it answers what was done the first time."
)
ACTOR: Final = "The human on the merchant's side who does this, as the merchant calls them; kept with the event."
AS_SHOWN: Final = (
    "The token of a preview of just this: it is done as it was shown and as of that instant, or is refused as"
    " StalePreview with a new preview. (K10) Merchants only."
)
AS_SHOWN_TO_CANCEL: Final = AS_SHOWN + " They need it wherever the cancellation moves money: PreviewRequired has it."
AS_SHOWN_TO_UNDO: Final = AS_SHOWN + " They need it wherever the undo moves money: PreviewRequired has it."
BILLED_TIME: Final = (
    "What becomes of billed time where it takes effect at once; the rules say so otherwise. (C18) Merchants only."
)
REPLAYED: Final = "Whether this was done before under the same idempotency key; nothing was done again."
UNTOLD: Final = StrawberryAnnotation(object)
INPUT: Final = strawberry.argument(
    description="What is asked for, and the idempotency key under which it is done once."
)


def about(description: str, *, default: object = MISSING, name: str | None = None) -> Any:  # noqa: ANN401  (stands where a value of any type will)
    """Describe a plain field; `default` makes an input field optional, `name` is for words that Python keeps."""
    return strawberry.field(description=description, default=default, name=name)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a field is read off the view of its object, so that a compiled operation needs no object to read it."""

    of: str | Callable[[Any], Any]
    """A path of attributes, or a function of the view."""
    by: type | None
    """The type whose `of` shows what is read, where that is a view itself."""


@dataclass(frozen=True, slots=True)
class Listed:
    """How a list's members are shown."""

    views: Callable[..., Any]
    """The resolver that gives their views."""
    by: type


def shown(description: str, of: str | Callable[[Any], Any], by: Any = None) -> Any:  # noqa: ANN401  (as above)
    """Describe a field that is read off the view of its object when it is asked for."""
    read = attrgetter(of) if isinstance(of, str) else of

    def resolve(self: Any) -> Any:  # noqa: ANN401  (the object, and a value of any type)
        found = read(self.view)
        return found if by is None or found is None else by.of(found)

    del resolve.__annotations__["return"]  # it is what the class says
    vars(resolve)[SHOWN] = Shown(of, by)
    return strawberry.field(resolve, description=description)


def told(thing: object) -> str:
    """Give the docstring as one text, its line breaks within paragraphs taken out."""
    paragraphs = cleandoc(thing.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def object_type(cls: type[T]) -> type[T]:
    """Promise an object."""
    return _promised(cls)


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def interface_type(cls: type[T]) -> type[T]:
    """Promise an interface."""
    return _promised(cls, is_interface=True)


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def input_type(cls: type[T]) -> type[T]:
    """Promise an input object."""
    return _promised(cls, is_input=True)


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def one_of_type(cls: type[T]) -> type[T]:
    """Promise an input object of which exactly one field is given."""
    return _promised(cls, is_input=True, directives=(OneOf(),))


def part_type(cls: type[T]) -> type[T]:
    """Promise some fields of a root, which `schema/roots.py` joins."""
    return _promised(cls)


def field(resolver: Resolver) -> Resolver:
    """Promise a field that is resolved when it is asked for."""
    return cast("Resolver", strawberry.field(resolver, description=told(resolver)))


def list_of(by: Any) -> Callable[[Callable[..., Any]], Any]:  # noqa: ANN401  (a type, as above)
    """Promise a list whose members a type shows; what is decorated gives their views."""

    def promise(resolver: Callable[..., Any]) -> Any:  # noqa: ANN401  (as above)
        @wraps(resolver)
        async def resolve(*given: Any, **more: Any) -> Any:  # noqa: ANN401  (as above)
            return [by.of(view) for view in await resolver(*given, **more)]

        vars(resolve)["__signature__"] = signature(resolver).replace(return_annotation=list[by])
        vars(resolve)[SHOWN] = Listed(resolver, by)
        return strawberry.field(resolve, description=told(resolver))

    return promise


def mutation(resolver: Resolver) -> Resolver:
    """Promise an act."""
    return cast("Resolver", strawberry.mutation(resolver, description=told(resolver)))


class _Unwritten:
    """A promised class that cannot be made yet."""

    METHODS: Final = ("__init__", "__repr__", "__eq__")

    def __init__(self, of: type) -> None:
        self.of = of
        waiting: dict[str, Waiting] = {name: Waiting(self, name) for name in self.METHODS}
        for name, stands in (waiting | {"__hash__": None}).items():  # what is equal by its fields, which may change
            setattr(of, name, stands)

    def write(self) -> None:
        """Let the standard library write a class of the same fields, and take its methods over."""
        given = [
            (each.name, Any, dataclasses.field(default=each.default, default_factory=each.default_factory))
            for each in dataclasses.fields(self.of)
            if each.init
        ]
        named = {"__qualname__": self.of.__qualname__}
        written = dataclasses.make_dataclass(self.of.__name__, given, kw_only=True, namespace=named)
        for name in self.METHODS:
            setattr(self.of, name, vars(written)[name])


def _with_fields(cls: type[T]) -> type[T]:
    """Let the standard library find the fields of a class.

    It asks each for its type, and one of Strawberry's would look up every name in it, and forget what it found when it
    is told where to look. So it is told what it is only afterwards, and where to look at once.
    """
    annotated, names = cls.__annotations__, vars(sys.modules[cls.__module__])
    fields = {name: each for name, each in vars(cls).items() if isinstance(each, StrawberryField)}
    cls.__annotations__ = annotated | dict.fromkeys(fields, UNTOLD)
    made = dataclasses.dataclass(kw_only=True, init=False, repr=False, eq=False)(cls)
    made.__annotations__ = annotated
    for name, each in fields.items():
        told_as = annotated[name]
        each.type_annotation = (
            told_as if isinstance(told_as, StrawberryAnnotation) else StrawberryAnnotation(told_as, namespace=names)
        )
    return made


def _promised(
    cls: type[T], *, is_input: bool = False, is_interface: bool = False, directives: Sequence[object] = ()
) -> type[T]:
    """Do what `strawberry.type` does, but for the methods that it would have written at once. (ADR 26)"""
    of_resolvers = _check_field_annotations(cls)
    made = _with_fields(cls)
    for name in of_resolvers:
        del made.__annotations__[name]  # they were there for `dataclasses`
    _Unwritten(made)
    return _process_type(
        made, description=told(made), is_input=is_input, is_interface=is_interface, directives=directives
    )
