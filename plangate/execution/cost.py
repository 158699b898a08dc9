"""What an operation costs, reckoned from the document and its variables before anything is read.

A point stands for about ten microseconds of our time. Each field has its points and, where it answers several, how
many are to be expected (`FieldCost`); what stands below a list counts once for each of its members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    InlineFragmentNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)

from billing.dataclass import dataclass
from plangate.execution.conditions import Variables, matters, stays
from plangate.execution.errors import RequestRefused
from resolvers.access import closed
from resolvers.principal import PrincipalKind
from schema.costs import LEAF, OBJECT, PAGE, FieldCost

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from graphql import (
        GraphQLCompositeType,
        GraphQLField,
        GraphQLNamedType,
        GraphQLSchema,
        OperationDefinitionNode,
        SelectionSetNode,
    )

_REMEMBERED: Final = 64
_NOWHERE: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation costs, and the list that most of it comes from, as a path in the answer."""

    requested: int
    dearest: str | None


@dataclass(frozen=True, slots=True)
class _Part:
    """What a piece of an operation costs; `lists` leads to the innermost list that most of it comes from."""

    points: int
    lists: tuple[str, ...] = _NOWHERE


class Pricing:
    """The price list of one schema."""

    def __init__(self, schema: GraphQLSchema, table: Mapping[str, FieldCost]) -> None:
        """Price by this table; what it does not name costs as a leaf or an object."""
        self._schema = schema
        self._table = table
        self.sizes: Final = frozenset(name for cost in table.values() for name in cost.names)

    def field(self, of: GraphQLObjectType, name: str) -> tuple[FieldCost, GraphQLField | None]:
        """Find the price of a field and what it is; introspection is priced like everything else."""
        known = self._schema.get_field(of, name)
        named = (f"{of.name}.{name}", name, f"{of.name}.*")
        priced = next((self._table[each] for each in named if each in self._table), None)
        if priced is None:
            priced = LEAF if known is None or is_leaf_type(_named(known)) else OBJECT
        return priced, known

    def possible(self, of: GraphQLCompositeType) -> Sequence[GraphQLObjectType]:
        """List the types of which an object of this type can be."""
        if is_abstract_type(of):
            return self._schema.get_possible_types(of)
        return (cast("GraphQLObjectType", of),)

    def fits(self, of: GraphQLObjectType, condition: str) -> bool:
        """Whether a fragment on the type `condition` speaks of an object of type `of`."""
        if condition == of.name:
            return True
        named = self._schema.get_type(condition)
        return named is not None and is_abstract_type(named) and self._schema.is_sub_type(named, of)

    def root(self, operation: OperationDefinitionNode) -> GraphQLObjectType | None:
        """Find the type that an operation begins with."""
        return self._schema.get_root_type(operation.operation)


class OperationCost:
    """The cost of one operation of one valid document, remembered by the values of the variables that matter to it."""

    def __init__(
        self,
        pricing: Pricing,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> None:
        """Prepare an operation whose fragments, written out, are few enough to be walked."""
        self._pricing = pricing
        self._operation = operation
        self._fragments = fragments
        self._defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
        self._names = tuple(sorted(matters((operation, *fragments.values()), pricing.sizes)))
        self._known: dict[tuple[object, ...], Cost] = {}

    def of(self, variables: Mapping[str, object], kind: PrincipalKind = PrincipalKind.SECRET) -> Cost:
        """Reckon with these values, as they were sent; those of the wrong kind are refused later.

        What is closed to every credential of this kind costs next to nothing: it is refused at once.
        """
        given = Variables(variables, self._defaults)
        key = (kind, *(given.plain(name) for name in self._names))
        cost = self._known.get(key)
        if cost is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            cost = self._known[key] = self._reckoned(given, kind)
        return cost

    def _reckoned(self, given: Variables, kind: PrincipalKind) -> Cost:
        root = self._pricing.root(self._operation)
        if root is None:
            return Cost(0, None)
        refused = {(root.name, name) for name in root.fields if closed(name, kind)}
        walk = _Walk(self._pricing, self._fragments, given, refused)
        part = walk.objects(root, (self._operation.selection_set,), 1)
        return Cost(part.points, ".".join(part.lists) or None)


class _Walk:
    """One reckoning: fields of one answer's name count once, as they are resolved once."""

    def __init__(
        self,
        pricing: Pricing,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Variables,
        refused: Collection[tuple[str, str]],
    ) -> None:
        self._pricing = pricing
        self._fragments = fragments
        self._variables = variables
        self._refused = refused

    def objects(self, of: GraphQLCompositeType, chosen: Sequence[SelectionSetNode], page: int) -> _Part:
        """Price an object of a type; of an interface or union the dearest type counts."""
        parts = (self._object(each, chosen, page) for each in self._pricing.possible(of))
        return max(parts, key=lambda part: part.points, default=_Part(0))

    def _object(self, of: GraphQLObjectType, chosen: Sequence[SelectionSetNode], page: int) -> _Part:
        fields: dict[str, list[FieldNode]] = {}
        for node in self._collected(of, chosen):
            fields.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        priced = {name: self._field(of, nodes, page) for name, nodes in fields.items()}
        total = sum(part.points for part in priced.values())
        name, dearest = max(priced.items(), key=lambda each: each[1].points, default=("", _Part(0)))
        leads = dearest.lists and dearest.points * 2 >= total
        return _Part(total, (name, *dearest.lists[1:]) if leads else _NOWHERE)

    def _field(self, of: GraphQLObjectType, nodes: Sequence[FieldNode], page: int) -> _Part:
        name = nodes[0].name.value
        if (of.name, name) in self._refused:
            return _Part(1)
        cost, field = self._pricing.field(of, name)
        named = _named(field) if field is not None else None
        below = _Part(0)
        given = self._size(nodes[0], field, cost) if cost.names and field is not None else 1
        if named is not None and is_composite_type(named):
            chosen = [node.selection_set for node in nodes if node.selection_set]
            below = self.objects(named, chosen, given)
        size = page if cost.size == PAGE else cost.size
        members = page if cost.size == PAGE else max(given, cost.size)
        several = bool(cost.names) or cost.size > 1
        lists = (name, *below.lists) if several or below.lists else _NOWHERE
        return _Part(cost.points + cost.member * members + size * below.points, lists)

    def _size(self, node: FieldNode, field: GraphQLField, cost: FieldCost) -> int:
        """How many are asked for; what is beyond the bounds is refused when it is looked at, and costs no more."""
        said = {each.name.value: self._variables.written(each.value) for each in node.arguments or ()}
        usual: dict[str, object] = {name: field.args[name].default_value for name in cost.names}
        values = usual | {name: said[name] for name in cost.names if said.get(name) is not None}
        asked = cost.count(values) if cost.count else values[cost.by]
        if not isinstance(asked, int):
            asked = usual[cost.by]
        return min(max(1, asked), cost.most) if isinstance(asked, int) else 1

    def _collected(self, of: GraphQLObjectType, chosen: Sequence[SelectionSetNode]) -> Iterator[FieldNode]:
        """Walk the fields that are asked of an object, those of fragments included; a named one is walked once."""
        waiting = [node for each in reversed(chosen) for node in reversed(each.selections)]
        met: set[str] = set()
        while waiting:
            node = waiting.pop()
            if not stays(node, self._variables):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._pricing.fits(of, condition.name.value):
                    waiting.extend(reversed(node.selection_set.selections))
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in met:
                met.add(node.name.value)
                fragment = self._fragments[node.name.value]
                if self._pricing.fits(of, fragment.type_condition.name.value):
                    waiting.extend(reversed(fragment.selection_set.selections))


def _named(field: GraphQLField) -> GraphQLNamedType:
    """Find the type inside the lists of a field."""
    return cast("GraphQLNamedType", get_named_type(cast("Any", field).type))


def too_dear(cost: Cost, limit: int) -> RequestRefused:
    """Refuse what costs more than the credential may spend on one request."""
    where = f" Most of it is in `{cost.dearest}`: ask for fewer there, or in several requests." if cost.dearest else ""
    message = f"This operation costs {cost.requested} points, and this credential may spend {limit} on one.{where}"
    error = GraphQLError(message, extensions=shown(cost, limit))
    return RequestRefused.of("COST_LIMIT", [error])


def shown(cost: Cost, limit: int) -> dict[str, object]:
    """Tell a cost as `extensions.cost` does."""
    return {"requested": cost.requested, "limit": limit, "dearest": cost.dearest}
