"""Values that a document writes around variables: what is written is coerced once, variables are put in at each run."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false
# The library's own generics are partly open.

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    VariableNode,
)
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

from plangate.execution.compiled.leaves import Unforeseen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import GraphQLInputType, ValueNode

    Put: TypeAlias = Callable[[Mapping[str, Any]], Any]

KEPT: Final = (str, int, float, bool, Enum, type(None))
"""Values that nobody can change, so that several runs may share them."""


def putting(node: ValueNode, of: GraphQLInputType) -> Put:
    """Make what gives a written value as graphql-core coerces it, of coerced variables; raises `Unforeseen`.

    So does what is made, where a variable is null or missing.
    """
    inner = of.of_type if isinstance(of, GraphQLNonNull) else of
    if isinstance(node, VariableNode):
        return _of_variable(node.name.value)
    if isinstance(node, ListValueNode) and isinstance(inner, GraphQLList):
        members = [putting(each, inner.of_type) for each in node.values]
        return lambda given: [put(given) for put in members]
    if isinstance(node, ObjectValueNode) and isinstance(inner, GraphQLInputObjectType):
        return _of_object(node, inner)
    value = coerce_input_literal(node, of)
    if not isinstance(value, KEPT):
        raise Unforeseen
    return lambda _: value


def _of_variable(name: str) -> Put:
    def put(given: Mapping[str, Any]) -> Any:  # noqa: ANN401  (what graphql-core coerced)
        value = given.get(name)
        if value is None:
            raise Unforeseen
        return value

    return put


def _of_object(node: ObjectValueNode, of: GraphQLInputObjectType) -> Put:
    written = {each.name.value: each.value for each in node.fields}
    always: dict[str, Any] = {}
    parts: list[tuple[str, Put]] = []
    for name, field in of.fields.items():
        if name in written:
            parts.append((field.out_name or name, putting(written[name], field.type)))
        elif not isinstance(default := coerce_default_value(field), KEPT) and default is not Undefined:
            raise Unforeseen
        elif default is not Undefined:
            always[field.out_name or name] = default
    made = of.out_type

    def put(given: Mapping[str, Any]) -> Any:  # noqa: ANN401  (as above)
        return made({**always, **{name: part(given) for name, part in parts}})

    return put
