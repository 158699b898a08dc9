"""One pass over a parsed document, whatever its fragments multiply to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
)

from billing.dataclass import dataclass
from plangate.execution.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphql import ArgumentNode, DirectiveNode, DocumentNode, SelectionSetNode, ValueNode

    from plangate.execution.limits import ExecutionLimits

_INTROSPECTION: Final = frozenset({"__schema", "__type"})
_LONGEST_INT: Final = 19
_INT_BOUND: Final = 2**63


@dataclass(frozen=True, slots=True)
class Measure:
    """What a selection amounts to with its fragments written out; `here` counts the fields of its own level."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    here: int = 0
    introspects: bool = False

    def beside(self, other: Measure) -> Measure:
        """Add a sibling of the same level."""
        return Measure(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.here + other.here,
            self.introspects or other.introspects,
        )


_NOTHING: Final = Measure()


def measure(document: DocumentNode, limits: ExecutionLimits) -> dict[str | None, Measure]:
    """Measure each operation by name (None where it has none); refuse the first that is beyond a limit."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > limits.operations:
        raise exceeded("operations", limits.operations)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    surveyor = _Surveyor(fragments, limits.selections_nested)
    for fragment in fragments.values():
        surveyor.fragment(fragment.name.value, 0)
    measures: dict[str | None, Measure] = {}
    for node in operations:
        for variable in node.variable_definitions or ():
            _check_ints([variable.default_value] if variable.default_value else [])
        total = surveyor.selections(node.selection_set, 0)
        total = replace(total, directives=total.directives + _directives(node.directives))
        _hold(total, limits)
        measures[node.name.value if node.name else None] = total
    return measures


class _Surveyor:
    """The pass; every fragment is measured once. A cycle counts as nothing here: validation names it."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], deepest: int) -> None:
        self._fragments = fragments
        self._deepest = deepest
        self._known: dict[str, Measure] = {}

    def fragment(self, name: str, nesting: int) -> Measure:
        known = self._known.get(name)
        if known is not None:
            return known
        node = self._fragments.get(name)
        if node is None:
            return _NOTHING
        self._known[name] = _NOTHING
        found = self.selections(node.selection_set, nesting)
        self._known[name] = found = replace(found, directives=found.directives + _directives(node.directives))
        return found

    def selections(self, node: SelectionSetNode, nesting: int) -> Measure:
        if nesting > self._deepest:
            raise exceeded("selectionsNested", self._deepest)
        total = _NOTHING
        for selection in node.selections:
            own = Measure(directives=_directives(selection.directives))
            if isinstance(selection, FieldNode):
                found = self._field(selection, nesting)
            elif isinstance(selection, FragmentSpreadNode):
                found = self.fragment(selection.name.value, nesting + 1)
            elif isinstance(selection, InlineFragmentNode):
                found = self.selections(selection.selection_set, nesting + 1)
            else:  # pragma: no cover  (the grammar has no fourth kind)
                continue
            total = total.beside(own).beside(found)
        return total

    def _field(self, node: FieldNode, nesting: int) -> Measure:
        _check_arguments(node.arguments)
        below = self.selections(node.selection_set, nesting + 1) if node.selection_set else _NOTHING
        return Measure(
            below.depth + 1,
            below.fields + 1,
            below.aliases + (node.alias is not None),
            below.directives,
            1,
            below.introspects or node.name.value in _INTROSPECTION,
        )


def _directives(nodes: Iterable[DirectiveNode] | None) -> int:
    count = 0
    for node in nodes or ():
        _check_arguments(node.arguments)
        count += 1
    return count


def _check_arguments(arguments: Iterable[ArgumentNode] | None) -> None:
    if arguments:
        _check_ints([argument.value for argument in arguments])


def _check_ints(values: list[ValueNode]) -> None:
    """Refuse an integer beyond 64 bits, which no type of ours can hold and no JSON number can give back."""
    while values:
        value = values.pop()
        if isinstance(value, IntValueNode):
            text = value.value
            if len(text) > _LONGEST_INT + 1 or not -_INT_BOUND <= int(text) < _INT_BOUND:
                error = GraphQLError("An integer beyond 64 bits cannot be used.", value)
                raise RequestRefused.of("BAD_USER_INPUT", [error])
        elif isinstance(value, ListValueNode):
            values.extend(value.values)
        elif isinstance(value, ObjectValueNode):
            values.extend(field.value for field in value.fields)


def _hold(found: Measure, limits: ExecutionLimits) -> None:
    bounds = (
        ("depth", found.depth, limits.depth),
        ("rootFields", found.here, limits.root_fields),
        ("fields", found.fields, limits.fields),
        ("aliases", found.aliases, limits.aliases),
        ("directives", found.directives, limits.directives),
    )
    for name, count, maximum in bounds:
        if count > maximum:
            raise exceeded(name, maximum)


def exceeded(name: str, maximum: int) -> RequestRefused:
    """Say that a document or its variables are beyond the limit `name`."""
    message = f"The request exceeds the limit of {maximum} for {name}."
    error = GraphQLError(message, extensions={"limit": name, "maximum": maximum})
    return RequestRefused.of("LIMIT_EXCEEDED", [error])
