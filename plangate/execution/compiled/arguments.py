"""What a field's arguments are: known from the document, or read from the variables once in a run."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# The library's own generics are partly open.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from graphql import (
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    VariableNode,
    get_argument_values,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryMaybe

from plangate.execution.compiled.inputs import Inputs
from plangate.execution.compiled.leaves import Unforeseen
from plangate.execution.compiled.literals import KEPT, putting

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLArgument, ValueNode
    from strawberry import Schema
    from strawberry.types.arguments import StrawberryArgument
    from strawberry.types.field import StrawberryField

    from plangate.execution.compiled.inputs import Make

Arguments: TypeAlias = "dict[str, Any]"
Read: TypeAlias = "Callable[[VariableValues], Arguments]"
_NOTHING: Final = VariableValues({}, {})


class Binder:
    """Makes the arguments of fields as Strawberry's own resolvers make them."""

    def __init__(self, schema: Schema) -> None:
        """Prepare for one schema."""
        converter = schema.schema_converter
        self._scalars = converter.scalar_registry
        self._config = converter.config
        self._inputs = Inputs(self._scalars, self._config)

    def bind(self, of: GraphQLField, field: StrawberryField, node: FieldNode) -> tuple[Arguments, tuple[Read, ...]]:
        """Give those arguments of a field that always are the same, and what reads the others from the variables."""
        always: Arguments = {}
        read: list[Read] = []
        written = {each.name.value: each.value for each in node.arguments or ()}
        known = {self._config.name_converter.from_argument(each): each for each in field.arguments}
        for name in of.args:
            value = written.get(name)
            whole = self._whole(of, node, name, known[name])
            make = self._inputs.maker(known[name].type) if isinstance(value, VariableNode) else None
            if isinstance(value, VariableNode) and _passed_on(of, name, known[name]):
                read.append(_direct(value.name.value, known[name].python_name, whole))
            elif isinstance(value, VariableNode) and make is not None:
                read.append(_made(value.name.value, known[name].python_name, make, whole))
            elif value is not None and _varies(value):
                read.append(self._put(value, of.args[name], known[name], whole))
            else:
                constant = whole(_NOTHING)
                if all(isinstance(each, KEPT) for each in constant.values()):
                    always.update(constant)
                else:
                    read.append(whole)
        return always, tuple(read)

    def _put(self, value: ValueNode, of: GraphQLArgument, argument: StrawberryArgument, whole: Read) -> Read:
        """Put variables into what is written around them; where one is null or missing, graphql-core says what is."""
        make, name = self._inputs.maker(argument.type), argument.python_name
        try:
            put = putting(value, of.type)
        except Unforeseen:
            return whole
        if make is None:
            return whole

        def read(values: VariableValues) -> Arguments:
            try:
                return {name: make(put(values.coerced))}
            except Unforeseen:
                return whole(values)

        return read

    def _whole(self, of: GraphQLField, node: FieldNode, name: str, argument: StrawberryArgument) -> Read:
        """Read one argument as graphql-core and Strawberry do."""
        alone = GraphQLField(of.type, {name: of.args[name]})
        only = FieldNode(
            name=node.name, arguments=tuple(each for each in node.arguments or () if each.name.value == name)
        )
        scalars, config, arguments = self._scalars, self._config, [argument]

        def read(values: VariableValues) -> Arguments:
            return convert_arguments(get_argument_values(alone, only, values), arguments, scalars, config)

        return read


def _direct(variable: str, name: str, whole: Read) -> Read:
    """Pass a variable's value on as it is; without one, graphql-core says what holds."""

    def read(values: VariableValues) -> Arguments:
        value = values.coerced.get(variable)
        return whole(values) if value is None else {name: value}

    return read


def _made(variable: str, name: str, make: Make, whole: Read) -> Read:
    """Make the argument of a variable's value; without one, graphql-core says what holds."""

    def read(values: VariableValues) -> Arguments:
        value = values.coerced.get(variable)
        return whole(values) if value is None else {name: make(value)}

    return read


def _passed_on(of: GraphQLField, name: str, argument: StrawberryArgument) -> bool:
    """Whether an argument's value reaches the resolver unconverted."""
    return is_leaf_type(get_nullable_type(of.args[name].type)) and not isinstance(argument.type, StrawberryMaybe)


def _varies(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_varies, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_varies(each.value) for each in value.fields)
    return isinstance(value, VariableNode)
