"""The schema itself, and how it is printed."""

from typing import Any, Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.info import Info
from schema.refusals import TOLD_OF_ROWS
from schema.roots import Mutation, Query
from schema.scalars import SCALARS

schema: Final = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=TOLD_OF_ROWS,
    config=StrawberryConfig(info_class=Info, scalar_map=SCALARS),
)


def _is_one_of(type_: object, _info: object) -> bool:
    """Whether one field of an input has to be given. Strawberry's own answer fails for a type that wraps another."""
    definition = getattr(type_, "extensions", {}).get("strawberry-definition")
    return bool(getattr(definition, "is_one_of", False))


_introspected: Any = schema._schema.type_map["__Type"]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  (it has no public name)
_introspected.fields["isOneOf"].resolve = _is_one_of


def printed() -> str:
    """Print the schema as `schema/schema.graphql` keeps it."""
    return schema.as_str().strip() + "\n"
