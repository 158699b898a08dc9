"""Whether an answer has the shape that the document asked for and the schema promises."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    InlineFragmentNode,
    is_abstract_type,
)

from tests.resolvers.nasty import is_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLSchema, SelectionSetNode

AMOUNT = re.compile(r"-?\d+(\.\d+)?")


def misshapen(schema: GraphQLSchema, selected: SelectionSetNode, of: GraphQLObjectType, told: Any) -> list[str]:
    """What does not fit, in words; nothing where all does."""
    return list(_of_object(schema, [selected], of, told, of.name))


def _of_object(
    schema: GraphQLSchema, selected: list[SelectionSetNode], of: GraphQLObjectType, told: Any, path: str
) -> Iterator[str]:
    answered = cast("dict[str, Any]", told) if isinstance(told, dict) else None
    if answered is None:
        yield f"{path}: {of.name} is an object, not {told!r}"
        return
    wanted: dict[str, list[FieldNode]] = {}
    for each in selected:
        _collect(schema, each, of, wanted)
    if set(wanted) != set(answered):
        yield f"{path}: {sorted(wanted)} were asked for, {sorted(answered)} answered"
        return
    for name, nodes in wanted.items():
        if nodes[0].name.value == "__typename":
            if answered[name] != of.name:
                yield f"{path}: __typename {answered[name]}"
            continue
        inner = [each.selection_set for each in nodes if each.selection_set is not None]
        yield from _of_type(schema, inner, of.fields[nodes[0].name.value].type, answered[name], f"{path}.{name}")


def _collect(
    schema: GraphQLSchema, selected: SelectionSetNode, of: GraphQLObjectType, into: dict[str, list[FieldNode]]
) -> None:
    for each in selected.selections:
        if isinstance(each, FieldNode):
            into.setdefault(each.alias.value if each.alias else each.name.value, []).append(each)
            continue
        assert isinstance(each, InlineFragmentNode), f"{FragmentSpreadNode.__name__} is never written here"
        condition = schema.get_type(each.type_condition.name.value) if each.type_condition else of
        if condition is of or (is_abstract_type(condition) and schema.is_sub_type(condition, of)):
            _collect(schema, each.selection_set, of, into)


def _of_type(schema: GraphQLSchema, inner: list[SelectionSetNode], of: Any, told: Any, path: str) -> Iterator[str]:
    if isinstance(of, GraphQLNonNull):
        if told is None:
            yield f"{path}: null"
            return
        of = cast("Any", of).of_type
    if told is None:
        return
    if isinstance(of, GraphQLList):
        if not is_list(told):
            yield f"{path}: no list"
            return
        for each in told:
            yield from _of_type(schema, inner, cast("Any", of).of_type, each, f"{path}[]")
    else:
        yield from _of_named(schema, inner, of, told, path)


def _of_named(schema: GraphQLSchema, inner: list[SelectionSetNode], of: Any, told: Any, path: str) -> Iterator[str]:
    if isinstance(of, GraphQLObjectType):
        yield from _of_object(schema, inner, of, told, path)
    elif isinstance(of, (GraphQLUnionType, GraphQLInterfaceType)):
        yield from _of_any(schema, inner, of, told, path)
    elif not (told in of.values if isinstance(of, GraphQLEnumType) else _fits(str(of), told)):
        yield f"{path}: {told!r} is no {of}"


def _of_any(schema: GraphQLSchema, inner: list[SelectionSetNode], of: Any, told: Any, path: str) -> Iterator[str]:
    """Of a union: the type that it says it is, or any whose fields it has."""
    possible = schema.get_possible_types(of)
    said: object = cast("dict[str, object]", told).get("__typename") if isinstance(told, dict) else None
    tried = [list(_of_object(schema, inner, each, told, path)) for each in possible if said in {None, each.name}]
    if not any(not each for each in tried):
        yield from min(tried, key=len, default=[f"{path}: {said!r} is none of {of.name}"])


def _fits(scalar: str, told: Any) -> bool:
    if scalar == "Int":
        return isinstance(told, int) and not isinstance(told, bool)
    if scalar == "Boolean":
        return isinstance(told, bool)
    if scalar in {"JSON", "Metadata"}:
        return True
    if not isinstance(told, str):
        return False
    if scalar == "Instant":
        return datetime.fromisoformat(told).tzinfo is not None
    return AMOUNT.fullmatch(told) is not None if scalar == "Amount" else True
