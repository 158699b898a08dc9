"""Decorators by which a docstring in Python is the description in the schema, so that nothing is said twice."""

import dataclasses
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import MISSING
from functools import partial, wraps
from inspect import cleandoc, signature
from operator import attrgetter
from types import UnionType
from typing import Any, Final, TypeVar, cast, dataclass_transform, get_args, get_origin

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directives import OneOf
from strawberry.types.field import StrawberryField
from strawberry.types.object_type import (
    _check_field_annotations,  # pyright: ignore[reportPrivateUsage]  (`strawberry.type` is these two and `dataclass`)
    _process_type,  # pyright: ignore[reportPrivateUsage]  (as above)
)

from billing.dataclass import Waiting, dataclass
from schema.info import Info

T = TypeVar("T")
Resolver = TypeVar("Resolver", bound=Callable[..., Any])

SHOWN: Final = "shown"
"""Where a resolver says which views its field is written off: `Shown`, `Together` or `Given`."""
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
    leaf: bool
    """Whether what is read is written as it is; else it is a view itself, or a list of views."""


@dataclass(frozen=True, slots=True)
class Together:
    """How a field is read for many objects at once: what is given all their views finds one, or several, for each."""

    read: Callable[[Any, Any], Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Given:
    """Which resolver gives the view, or the views, that a field is made of."""

    views: Callable[..., Any]


def shown(description: str, of: str | Callable[[Any], Any], by: Any = None) -> Any:  # noqa: ANN401  (as above)
    """Describe a field that is read off the view of its object when it is asked for; `by` shows what is a view."""
    read = attrgetter(of) if isinstance(of, str) else of
    made = None if by is None else made_by(by)

    def resolve(self: Any) -> Any:  # noqa: ANN401  (the object, and a value of any type)
        found = read(self.view)
        return found if made is None or found is None else made(found)

    return _promised_field(resolve, description, Shown(of, leaf=by is None))


def shown_on(description: str, of: str) -> Any:  # noqa: ANN401  (as above)
    """Describe a field whose views are shown in the way that was given to its object, as `show`."""
    read = attrgetter(of)

    def resolve(self: Any) -> Any:  # noqa: ANN401  (as above)
        return self.show(read(self.view))

    return _promised_field(resolve, description, Shown(of, leaf=False))


def together(description: str, read: Callable[[Info, Any], Awaitable[Sequence[Any]]], by: Any) -> Any:  # noqa: ANN401  (as above)
    """Describe a field that is read for all objects at once: `read` takes their views; `by` shows what it finds."""
    made = made_by(by)

    async def resolve(self: Any, info: Info) -> Any:  # noqa: ANN401  (as above)
        (found,) = await read(info, [self.view])
        return made(found)

    return _promised_field(resolve, description, Together(read))


def made_by(by: Any) -> Callable[[Any], Any]:  # noqa: ANN401  (a type)
    """Say how views are shown by a type that has `of` or a function, a list of one, what may be None, a connection."""
    origin, parts = get_origin(by), get_args(by)
    if origin is None:
        show: Callable[[Any], Any] = getattr(by, "of", by)
        return show
    of = made_by(parts[0])
    if origin is list:
        return lambda views: [of(view) for view in views]
    if origin is UnionType:
        return lambda view: None if view is None else of(view)
    return partial(origin.of, show=of)


def _promised_field(resolve: Callable[..., Any], description: str, how: Shown | Together) -> Any:  # noqa: ANN401  (as above)
    del resolve.__annotations__["return"]  # it is what the class says
    vars(resolve)[SHOWN] = how
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


def field_of(by: Any) -> Callable[[Callable[..., Any]], Any]:  # noqa: ANN401  (as `made_by`)
    """Promise a field that is shown by this; what is decorated gives its views."""
    made = made_by(by)

    def promise(resolver: Callable[..., Any]) -> Any:  # noqa: ANN401  (as above)
        @wraps(resolver)
        async def resolve(*given: Any, **more: Any) -> Any:  # noqa: ANN401  (as above)
            return made(await resolver(*given, **more))

        vars(resolve)["__signature__"] = signature(resolver).replace(return_annotation=by)
        vars(resolve)[SHOWN] = Given(resolver)
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
