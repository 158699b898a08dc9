"""Objects that are not made: what is asked of them is read off their views, and written in one expression.

Making an object of each view, and calling a function for each object and field, took ten times what the writing takes.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# The library's own generics are partly open.

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any, cast

from graphql import GraphQLNonNull, GraphQLObjectType, is_leaf_type

from plangate.execution.acted import TYPENAME
from plangate.execution.compiled.chosen import NotCompilable, sets_of
from schema.promise import SHOWN, Listed, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphql import FieldNode, GraphQLField, GraphQLOutputType, SelectionSetNode

    from plangate.execution.compiled.chosen import Choice


class Views:
    """Writes expressions; what they name is bound by `constant`, a leaf is written as `leaf` says."""

    def __init__(
        self,
        choice: Choice,
        constant: Callable[[object], str],
        leaf: Callable[[GraphQLOutputType, str], str],
    ) -> None:
        """Write what this choice asks for."""
        self._choice = choice
        self._constant = constant
        self._leaf = leaf

    def read(self, how: Shown, view: str) -> str:
        """Read a field off a view."""
        return attribute(view, how.of) if isinstance(how.of, str) else f"{self._constant(how.of)}({view})"

    def written(self, of: GraphQLOutputType, sets: Sequence[SelectionSetNode], view: str) -> str | None:
        """Write the object that is made of a view; None where something is asked for that needs the object."""
        parts = self._parts(of, sets, view)
        return None if parts is None else f'f"""{parts}"""'

    def _parts(self, of: GraphQLOutputType, sets: Sequence[SelectionSetNode], view: str) -> str | None:
        inner = of.of_type if isinstance(of, GraphQLNonNull) else None
        if not isinstance(inner, GraphQLObjectType):
            return None
        parts: list[str] = []
        for name, nodes in self._choice.fields(inner, sets).items():
            part = self._part(inner, nodes, view)
            if part is None:
                return None
            key = self._constant(f'{"," if parts else "{"}"{name}":')
            parts.append(f"{{{key}}}{part}")
        return "".join(parts) + "}}" if parts else "{{}}"

    def _part(self, of: GraphQLObjectType, nodes: Sequence[FieldNode], view: str) -> str | None:
        if nodes[0].name.value == TYPENAME:
            own = self._constant(f'"{of.name}"')
            return f"{{{own}}}"
        field = of.fields.get(nodes[0].name.value)
        if field is None:
            raise NotCompilable("a question about the schema")
        how = how_of(field)
        if not isinstance(how, Shown):
            return None
        value = self.read(how, view)
        if how.by is not None:
            return self._parts(field.type, sets_of(nodes), value)
        inner: Any = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        return f"{{{self._leaf(field.type, value)}}}" if is_leaf_type(inner) else None


def how_of(field: GraphQLField) -> Shown | Listed | None:
    """Say how a field is read off a view, or of which views a list is made; None where it has to be resolved."""
    definition = (field.extensions or {}).get("strawberry-definition")
    resolver = getattr(definition, "base_resolver", None)
    return cast("Shown | Listed | None", getattr(getattr(resolver, "wrapped_func", None), SHOWN, None))


def attribute(value: str, path: str) -> str:
    """Follow a path of attributes."""
    if not all(part.isidentifier() and not iskeyword(part) for part in path.split(".")):
        raise NotCompilable("an attribute without a name")
    return f"{value}.{path}"
