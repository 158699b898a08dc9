"""Coercing variables: what each may be is found out once, and what is as it should be is taken as it is.

Whatever is not, a value of the wrong kind or one that graphql-core would change, is left to graphql-core.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# The library's own generics are partly open.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities.coerce_input_value import coerce_default_value

from plangate.execution.compiled.leaves import Unforeseen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphql import GraphQLInputField, GraphQLSchema, VariableDefinitionNode
    from graphql.execution.get_variable_signature import GraphQLVariableSignature

    Take: TypeAlias = Callable[[Any], Any]

MOST: Final = 2**31
NEEDED: Final = object()


class KnownVariables:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        """Find out what each may be; where one cannot be told in advance, graphql-core coerces all of them."""
        signatures = [get_variable_signature(schema, each) for each in definitions]
        self._known: list[tuple[GraphQLVariableSignature, Take]] | None = None
        try:
            self._known = [(each, _taker(each.type, ())) for each in map(_right, signatures)]
        except Unforeseen:
            return

    def coerced(self, sent: Mapping[str, object]) -> VariableValues | None:
        """Give the values as graphql-core would; None where it has to be asked."""
        if self._known is None:
            return None
        values = VariableValues({}, {})
        try:
            for signature, take in self._known:
                name = signature.name
                if name in sent:
                    value = sent[name]
                    values.sources[name] = VariableValueSource(signature, value)
                    values.coerced[name] = take(value)
                elif signature.default is not None or isinstance(signature.type, GraphQLNonNull):
                    return None
                else:
                    values.sources[name] = VariableValueSource(signature)
        except Exception:  # noqa: BLE001  (whatever it was, graphql-core meets it again and tells it)
            return None
        return values


def _right(signature: GraphQLVariableSignature | GraphQLError) -> GraphQLVariableSignature:
    if isinstance(signature, GraphQLError):
        raise Unforeseen
    return signature


def _taker(of: object, above: tuple[object, ...]) -> Take:
    """Make what takes a value of a type; raises `Unforeseen`, as that does. `above` are the types around it."""
    if isinstance(of, GraphQLNonNull):
        return _there(_of_something(of.of_type, above))
    take = _of_something(of, above)
    return lambda value: None if value is None else take(value)


def _there(take: Take) -> Take:
    def taken(value: Any) -> Any:  # noqa: ANN401  (JSON)
        if value is None:
            raise Unforeseen
        return take(value)

    return taken


def _of_something(of: object, above: tuple[object, ...]) -> Take:
    if isinstance(of, GraphQLList):
        return _list_taker(_taker(of.of_type, above))
    if isinstance(of, GraphQLInputObjectType):
        if of in above:
            raise Unforeseen  # it nests as deeply as it is sent
        return _object_taker(of, (*above, of))
    return _leaf_taker(cast("GraphQLLeafType", of))


def _list_taker(take: Take) -> Take:
    def taken(value: Any) -> Any:  # noqa: ANN401  (as above)
        if value.__class__ is not list:
            raise Unforeseen
        return [take(each) for each in value]

    return taken


def _object_taker(of: GraphQLInputObjectType, above: tuple[object, ...]) -> Take:
    one_of, made, names = of.is_one_of, of.out_type, frozenset(of.fields)
    fields = [
        (name, field.out_name or name, _taker(field.type, above), Undefined if one_of else _absent(field))
        for name, field in of.fields.items()
    ]

    def taken(value: Any) -> Any:  # noqa: ANN401  (as above)
        if value.__class__ is not dict or not value.keys() <= names:
            raise Unforeseen
        if one_of and (len(value) != 1 or None in value.values()):
            raise Unforeseen
        found: dict[str, Any] = {}
        for name, out, take, absent in fields:
            if name in value:
                found[out] = take(value[name])
            elif absent is NEEDED:
                raise Unforeseen
            elif absent is not Undefined:
                found[out] = absent
        return made(found)

    return taken


def _absent(field: GraphQLInputField) -> object:
    """What stands for a field that is left out: its default, `Undefined` where it has none, or that it is needed."""
    return NEEDED if is_required_input_field(field) else coerce_default_value(field)


def _leaf_taker(of: GraphQLLeafType) -> Take:
    if of.name in ("String", "ID"):
        return _text
    if of.name == "Int":
        return _whole
    if of.name == "Boolean":
        return _truth

    def taken(value: Any) -> Any:  # noqa: ANN401  (as above)
        try:
            coerced = of.coerce_input_value(value)
        except Exception as wrong:
            raise Unforeseen from wrong
        if coerced is Undefined:
            raise Unforeseen
        return coerced

    return taken


def _text(value: Any) -> str:  # noqa: ANN401  (as above)
    if value.__class__ is not str:
        raise Unforeseen
    return value


def _whole(value: Any) -> int:  # noqa: ANN401  (as above)
    if value.__class__ is not int or not -MOST <= value < MOST:
        raise Unforeseen
    return value


def _truth(value: Any) -> bool:  # noqa: ANN401  (as above)
    if value.__class__ is not bool:
        raise Unforeseen
    return value
