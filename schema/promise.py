"""Decorators by which a docstring in Python is the description in the schema, so that nothing is said twice."""

from collections.abc import Callable
from dataclasses import MISSING
from inspect import cleandoc
from operator import attrgetter
from typing import Any, Final, TypeVar, cast, dataclass_transform

import strawberry

T = TypeVar("T")
Resolver = TypeVar("Resolver", bound=Callable[..., Any])

PATH: Final = "path"
"""Where a resolver says that it only follows a path of attributes; a compiled operation follows it itself."""
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
INPUT: Final = strawberry.argument(
    description="What is asked for, and the idempotency key under which it is done once."
)


def about(description: str, *, default: object = MISSING, name: str | None = None) -> Any:  # noqa: ANN401  (stands where a value of any type will)
    """Describe a plain field; `default` makes an input field optional, `name` is for words that Python keeps."""
    return strawberry.field(description=description, default=default, name=name)


def shown(description: str, of: str | Callable[[Any], Any]) -> Any:  # noqa: ANN401  (as above)
    """Describe a field that is read off its object when it is asked for: a path of attributes, or a function of it."""
    made = attrgetter(of) if isinstance(of, str) else of

    def resolve(self: Any) -> Any:  # noqa: ANN401  (the object, and a value of any type)
        return made(self)

    del resolve.__annotations__["return"]  # it is what the class says
    if isinstance(of, str):
        vars(resolve)[PATH] = of
    return strawberry.field(resolve, description=description)


def told(thing: object) -> str:
    """Give the docstring as one text, its line breaks within paragraphs taken out."""
    paragraphs = cleandoc(thing.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def object_type(cls: type[T]) -> type[T]:
    """Promise an object."""
    return strawberry.type(cls, description=told(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def interface_type(cls: type[T]) -> type[T]:
    """Promise an interface."""
    return strawberry.interface(cls, description=told(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def input_type(cls: type[T]) -> type[T]:
    """Promise an input object."""
    return strawberry.input(cls, description=told(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def one_of_type(cls: type[T]) -> type[T]:
    """Promise an input object of which exactly one field is given."""
    return strawberry.input(cls, description=told(cls), one_of=True)


def field(resolver: Resolver) -> Resolver:
    """Promise a field that is resolved when it is asked for."""
    return cast("Resolver", strawberry.field(resolver, description=told(resolver)))


def mutation(resolver: Resolver) -> Resolver:
    """Promise an act."""
    return cast("Resolver", strawberry.mutation(resolver, description=told(resolver)))
