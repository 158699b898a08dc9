"""Which fields of an object are asked for, once it is known which of `@skip` and `@include` hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    VariableNode,
    is_abstract_type,
)

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from graphql import (
        DirectiveNode,
        FragmentDefinitionNode,
        GraphQLSchema,
        OperationDefinitionNode,
        SelectionNode,
        SelectionSetNode,
    )

Fields: TypeAlias = "dict[str, list[FieldNode]]"
"""By the name in the answer, in the answer's order: the nodes whose selections belong together."""
_CONDITIONS: Final = ("skip", "include")


class NotCompilable(Exception):  # noqa: N818  (no fault: the operation is interpreted)
    """This operation holds what the compiler leaves to graphql-core."""


def conditions(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[str, ...]:
    """Name the variables on which selections depend, each once."""
    found: dict[str, None] = {}
    waiting: list[SelectionNode] = list(operation.selection_set.selections)
    for fragment in fragments.values():
        waiting.extend(fragment.selection_set.selections)
    while waiting:
        node = waiting.pop()
        for directive in _conditions(node):
            value = _condition(directive)
            if isinstance(value, VariableNode):
                found[value.name.value] = None
        if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            waiting.extend(node.selection_set.selections)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Choice:
    """Reads selections of one document under fixed conditions."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    holds: Mapping[str, bool]

    def fields(self, of: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> Fields:
        """Collect what is asked of an object of this type: as met, each named fragment once."""
        found: Fields = {}
        met: set[str] = set()
        for each in sets:
            self._collect(of, each, found, met)
        return found

    def _collect(self, of: GraphQLObjectType, chosen: SelectionSetNode, found: Fields, met: set[str]) -> None:
        for node in chosen.selections:
            if not self._stays(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._fits(of, node.type_condition.name.value):
                    self._collect(of, node.selection_set, found, met)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in met:
                fragment = self.fragments[node.name.value]
                if self._fits(of, fragment.type_condition.name.value):
                    met.add(node.name.value)
                    self._collect(of, fragment.selection_set, found, met)

    def nodes(self, sets: Iterable[SelectionSetNode]) -> Iterator[FieldNode]:
        """Meet the fields that are chosen one level down, of whatever type."""
        waiting: list[SelectionNode] = [node for each in sets for node in each.selections]
        met: set[str] = set()
        while waiting:
            node = waiting.pop()
            if not self._stays(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                waiting.extend(node.selection_set.selections)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in met:
                met.add(node.name.value)
                waiting.extend(self.fragments[node.name.value].selection_set.selections)

    def _fits(self, of: GraphQLObjectType, condition: str) -> bool:
        if condition == of.name:
            return True
        named = self.schema.get_type(condition)
        return named is not None and is_abstract_type(named) and self.schema.is_sub_type(named, of)

    def _stays(self, node: SelectionNode) -> bool:
        for directive in _conditions(node):
            value = _condition(directive)
            if isinstance(value, VariableNode):
                given = self.holds[value.name.value]
            elif isinstance(value, BooleanValueNode):
                given = value.value
            else:
                raise NotCompilable("a condition that is neither written nor a variable")
            if given is (directive.name.value == "skip"):
                return False
        return True


class Below:
    """What is chosen below a field, found out when it is first asked for."""

    def __init__(self, choice: Choice, sets: Sequence[SelectionSetNode]) -> None:
        """Read these selections."""
        self._choice = choice
        self._sets = sets
        self._below: dict[tuple[str, ...], frozenset[str]] = {}

    def below(self, *names: str) -> frozenset[str]:
        """The names of the fields below those of these names, each below the one before it."""
        found = self._below.get(names)
        if found is None:
            sets = self._sets
            for name in names:
                sets = sets_of([node for node in self._choice.nodes(sets) if node.name.value == name])
            found = self._below[names] = frozenset(node.name.value for node in self._choice.nodes(sets))
        return found


def sets_of(nodes: Sequence[FieldNode]) -> tuple[SelectionSetNode, ...]:
    """List the selections below fields that are answered as one."""
    return tuple(node.selection_set for node in nodes if node.selection_set)


def _conditions(node: SelectionNode) -> Iterator[DirectiveNode]:
    for directive in node.directives or ():
        if directive.name.value in _CONDITIONS:
            yield directive
        else:
            raise NotCompilable(f"@{directive.name.value}")


def _condition(directive: DirectiveNode) -> object:
    return next(iter(directive.arguments or ())).value
