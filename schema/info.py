"""What a resolver sees of a request: its context, and which fields are wanted of its answer."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import strawberry
from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

from resolvers.context import Context


class Info(strawberry.Info[Context, None]):
    """The context of the call, and the fields that are wanted; a compiled operation brings another of its kind."""

    @property
    def wanted(self) -> frozenset[str]:
        """The names of the fields selected one level down, those of fragments included, skipped ones left out."""
        fields = (field for node in self._raw.field_nodes for field in self._fields(node.selection_set))
        return frozenset(field.name.value for field in fields)

    @property
    def _raw(self) -> Any:  # noqa: ANN401  (the executor's own, which nothing else here may see)
        return cast("Any", self._raw_info)  # pyright: ignore[reportUnknownMemberType]  (the library leaves its parameter open)

    def _fields(self, chosen: SelectionSetNode | None) -> Iterator[FieldNode]:
        """Walk fragments as they are met; one that is met twice is walked once."""
        waiting: list[SelectionNode] = list(chosen.selections) if chosen else []
        met: set[str] = set()
        while waiting:
            node = waiting.pop()
            if not _stays(node.directives, self.variable_values):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                waiting.extend(node.selection_set.selections)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in met:
                met.add(node.name.value)
                waiting.extend(self._raw.fragments[node.name.value].selection_set.selections)


def _stays(directives: tuple[DirectiveNode, ...] | None, variables: Mapping[str, object]) -> bool:
    """Whether neither `@skip` nor `@include` takes the selection away."""
    for directive in directives or ():
        name = directive.name.value
        if name in ("skip", "include") and _condition(directive, variables) is (name == "skip"):
            return False
    return True


def _condition(directive: DirectiveNode, variables: Mapping[str, object]) -> bool | None:
    for argument in directive.arguments or ():
        if isinstance(argument.value, BooleanValueNode):
            return argument.value.value
        if isinstance(argument.value, VariableNode):
            return bool(variables.get(argument.value.name.value))
    return None
