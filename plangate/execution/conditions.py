"""What the variables of a request decide about its document: which selections stay, and how many are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, cast

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    VariableNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphql import DirectiveNode, SelectionNode, ValueNode

Lengths: TypeAlias = "tuple[tuple[str, int], ...]"
"""How many are in the lists of an input object, by name; a list by itself has no name."""
Given: TypeAlias = "int | bool | str | Lengths | None"
LONGEST: Final = 64
"""Characters of a text on which a price may depend: an instant or the name of a unit is shorter."""


class Variables:
    """The values of a request's variables, as they were sent, with the operation's defaults behind them."""

    def __init__(self, sent: Mapping[str, object], defaults: Mapping[str, ValueNode | None]) -> None:
        """Look at `sent` first."""
        self._sent = sent
        self._defaults = defaults

    def plain(self, name: str) -> Given:
        """Give a number, truth value, short text or lengths of lists; None for what is none of them, or not there."""
        if name not in self._sent:
            return self.written(self._defaults.get(name))
        sent = self._sent[name]
        if isinstance(sent, float) and sent.is_integer():
            return int(sent)  # GraphQL's Int takes 100.0 for 100
        if isinstance(sent, str) and len(sent) > LONGEST:
            return None
        if isinstance(sent, dict):
            listed = ((name, _length(each)) for name, each in cast("dict[str, object]", sent).items())
            return tuple(sorted((name, length) for name, length in listed if length is not None))
        if isinstance(sent, list):
            return (("", len(cast("list[object]", sent))),)
        return sent if isinstance(sent, int | str) else None

    def written(self, value: ValueNode | None) -> Given:
        """Give what a document says in a place: a literal, or a variable's value."""
        if isinstance(value, VariableNode):
            return self.plain(value.name.value)
        if isinstance(value, IntValueNode):
            return int(value.value)
        if isinstance(value, StringValueNode | EnumValueNode):
            return value.value if len(value.value) <= LONGEST else None
        if isinstance(value, ListValueNode):
            return (("", len(value.values)),)
        if isinstance(value, ObjectValueNode):
            fields = ((each.name.value, self.written(each.value)) for each in value.fields)
            return tuple(sorted((name, each[0][1]) for name, each in fields if isinstance(each, tuple) and each))
        return value.value if isinstance(value, BooleanValueNode) else None


def _length(value: object) -> int | None:
    return len(cast("list[object]", value)) if isinstance(value, list) else None


def stays(node: SelectionNode, variables: Variables) -> bool:
    """Whether neither `@skip` nor `@include` takes a selection away."""
    return all(
        _holds(directive, variables) is not (directive.name.value == "skip")
        for directive in node.directives or ()
        if directive.name.value in ("skip", "include")
    )


def matters(
    definitions: Iterable[OperationDefinitionNode | FragmentDefinitionNode], sizes: frozenset[str]
) -> frozenset[str]:
    """Name the variables on which a cost depends: those of directives, and of arguments that are `sizes`."""
    return frozenset(name for each in definitions for name in _named(each, sizes))


def _named(top: OperationDefinitionNode | FragmentDefinitionNode, sizes: frozenset[str]) -> Iterator[str]:
    waiting: list[SelectionNode] = list(top.selection_set.selections)
    while waiting:
        node = waiting.pop()
        arguments = [argument for directive in node.directives or () for argument in directive.arguments or ()]
        if isinstance(node, FieldNode):
            arguments += [argument for argument in node.arguments or () if argument.name.value in sizes]
        yield from (name for each in arguments for name in _variables(each.value))
        if isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set:
            waiting.extend(node.selection_set.selections)


def _variables(value: ValueNode) -> Iterator[str]:
    if isinstance(value, VariableNode):
        yield value.name.value
    elif isinstance(value, ObjectValueNode):
        yield from (each.value.name.value for each in value.fields if isinstance(each.value, VariableNode))


def _holds(directive: DirectiveNode, variables: Variables) -> bool:
    """Read the condition of a directive; one of the wrong kind is refused later, and counts as if it let through."""
    given = variables.written(next(iter(directive.arguments or ())).value)
    return directive.name.value == "include" if given is None else bool(given)
