"""What the variables of a request decide about its document: which selections stay, and how many are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    VariableNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphql import ConstValueNode, DirectiveNode, SelectionNode

Given: TypeAlias = "int | bool | None"


class Variables:
    """The values of a request's variables, as they were sent, with the operation's defaults behind them."""

    def __init__(self, sent: Mapping[str, object], defaults: Mapping[str, ConstValueNode | None]) -> None:
        """Look at `sent` first."""
        self._sent = sent
        self._defaults = defaults

    def number(self, name: str) -> Given:
        """Give a number or truth value; None for what is neither, or not there."""
        if name in self._sent:
            sent = self._sent[name]
            return sent if isinstance(sent, int) else None
        default = self._defaults.get(name)
        if isinstance(default, IntValueNode):
            return int(default.value)
        return default.value if isinstance(default, BooleanValueNode) else None


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
        yield from (each.value.name.value for each in arguments if isinstance(each.value, VariableNode))
        if isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set:
            waiting.extend(node.selection_set.selections)


def _holds(directive: DirectiveNode, variables: Variables) -> bool:
    """Read the condition of a directive; one of the wrong kind is refused later, and counts as if it let through."""
    value = next(iter(directive.arguments or ())).value
    if isinstance(value, BooleanValueNode):
        return value.value
    given = variables.number(value.name.value) if isinstance(value, VariableNode) else None
    return directive.name.value == "include" if given is None else bool(given)
