"""The schema as a manual: every type with its fields, in the words of its descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    ast_from_value,  # pyright: ignore[reportUnknownVariableType]  (graphql-core leaves wrapped types open)
    is_introspection_type,
    print_ast,
)

from resolvers.access import ACCESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLArgument, GraphQLField, GraphQLInputField

Entry = dict[str, Any]

_KINDS: Mapping[type[GraphQLNamedType], str] = {
    GraphQLObjectType: "OBJECT",
    GraphQLInputObjectType: "INPUT_OBJECT",
    GraphQLInterfaceType: "INTERFACE",
    GraphQLUnionType: "UNION",
    GraphQLEnumType: "ENUM",
}


def manual_of(schema: GraphQLSchema) -> list[Entry]:
    """List every type of the schema by name, without the ones that describe schemas."""
    return [
        _entry(schema, schema.type_map[name])
        for name in sorted(schema.type_map)
        if not is_introspection_type(schema.type_map[name])
    ]


def needs(*operations: str) -> str:
    """Say which credential queries or mutations ask for together; nothing where one is not in the table of who may."""
    wanted = [ACCESS[each] for each in operations if each in ACCESS]
    if not wanted:
        return ""
    if all(each.public for each in wanted):
        return "Open to everybody where the environment shows its catalogue."
    scopes = sorted({each.scope for each in wanted if each.scope})
    key = f"Needs a secret key with {' and '.join(scopes)}" if scopes else "Needs a secret key"
    if not all(each.customer for each in wanted):
        return f"{key}."
    return f"{key}, or a customer's token with {' and '.join(sorted({each.customer or '' for each in wanted}))}."


def _entry(schema: GraphQLSchema, named: GraphQLNamedType) -> Entry:
    entry: Entry = {"name": named.name, "kind": _kind(named), "description": named.description}
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        root = named in (schema.query_type, schema.mutation_type)
        entry["fields"] = [_field(name, field, root=root) for name, field in named.fields.items()]
    if isinstance(named, GraphQLInputObjectType):
        entry["fields"] = [_input(name, field) for name, field in named.fields.items()]
    if isinstance(named, GraphQLEnumType):
        entry["values"] = [_known({"name": name, "description": v.description}) for name, v in named.values.items()]
    if isinstance(named, GraphQLUnionType | GraphQLInterfaceType):
        entry["members"] = [each.name for each in schema.get_possible_types(named)]
    return _known(entry)


def _kind(named: GraphQLNamedType) -> str:
    return next((kind for sort, kind in _KINDS.items() if isinstance(named, sort)), "SCALAR")


def _field(name: str, field: GraphQLField, *, root: bool) -> Entry:
    return _known(
        {
            "name": name,
            "type": _type(field),
            "description": field.description,
            "deprecated": field.deprecation_reason,
            "needs": needs(name) if root else "",
            "arguments": [_input(each, argument) for each, argument in field.args.items()],
        }
    )


def _input(name: str, given: GraphQLArgument | GraphQLInputField) -> Entry:
    entry = {"name": name, "type": _type(given), "description": given.description}
    if given.default_value is not Undefined:
        written = ast_from_value(given.default_value, cast("Any", given).type)
        entry["default"] = "null" if written is None else print_ast(written)
    return _known(entry)


def _type(of: object) -> str:
    return str(cast("Any", of).type)


def _known(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if value}
