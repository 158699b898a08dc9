"""Making input objects: what Strawberry finds out for each value is found out once for each type."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# The library's own generics are partly open.

from __future__ import annotations

from dataclasses import MISSING
from typing import TYPE_CHECKING, Any, TypeAlias

from strawberry.scalars import is_scalar
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.lazy_type import LazyType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from strawberry.schema.config import StrawberryConfig
    from strawberry.types.base import StrawberryObjectDefinition

    Make: TypeAlias = Callable[[Any], Any]


class Inputs:
    """Makes the Python values of coerced arguments as `strawberry.types.arguments.convert_argument` does."""

    def __init__(self, scalars: Mapping[object, Any], config: StrawberryConfig) -> None:
        """Prepare for one schema."""
        self._scalars = scalars
        self._config = config
        self._known: dict[object, Make | None] = {}

    def maker(self, of: object) -> Make | None:
        """Give what makes values of a type; None where Strawberry is to do it."""
        if isinstance(of, StrawberryOptional):
            return None if isinstance(of, StrawberryMaybe) else self.maker(of.of_type)
        if isinstance(of, StrawberryList):
            return _list_maker(self.maker(of.of_type))
        if isinstance(of, LazyType):
            return self.maker(of.resolve_type())
        if has_object_definition(of):
            return self._object_maker(of)
        leaf = isinstance(of, StrawberryEnumDefinition) or has_enum_definition(of) or is_scalar(of, self._scalars)
        return _itself if leaf else None

    def _object_maker(self, of: Any) -> Make | None:  # noqa: ANN401  (a class of Strawberry's)
        if of not in self._known:
            self._known[of] = None  # one that holds itself is left to Strawberry
            self._known[of] = self._of_fields(of, of.__strawberry_definition__)
        return self._known[of]

    def _of_fields(self, of: Any, definition: StrawberryObjectDefinition) -> Make | None:  # noqa: ANN401  (as above)
        if not definition.is_input or definition.from_input is not None:
            return None
        fields: list[tuple[str, str, Make]] = []
        for field in definition.fields:
            make = self.maker(field.resolve_type(type_definition=definition))
            if make is None:
                return None
            fields.append((self._config.name_converter.from_field(field), field.python_name, make))
        bare: dict[str, Any] = {
            field.python_name: None
            for field in definition.fields
            if field.default_value is MISSING and field.default_factory is MISSING
        }

        def made(value: Any) -> Any:  # noqa: ANN401  (what graphql-core coerced)
            if value is None:
                return None
            given = bare.copy()
            for name, python_name, make in fields:
                if name in value:
                    given[python_name] = make(value[name])
            return of(**given)

        return made


def _itself(value: Any) -> Any:  # noqa: ANN401  (as above)
    return value


def _list_maker(make: Make | None) -> Make | None:
    if make is None:
        return None

    def made(value: Any) -> Any:  # noqa: ANN401  (as above)
        return None if value is None else [make(each) for each in value]

    return made
