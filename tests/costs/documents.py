"""Documents that ask for one field as often, and as widely, as a cost allows."""

# graphql-core leaves the types inside lists open.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from graphql import (
    GraphQLField,
    GraphQLList,
    SchemaMetaFieldDef,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
    is_required_argument,
    is_union_type,
    print_ast,
    utilities,
)

from plangate.execution.cost import Pricing
from plangate.execution.documents import Documents
from plangate.execution.errors import RequestRefused
from plangate.execution.limits import ExecutionLimits
from plangate.execution.plans import core_schema
from plangate.execution.profile import DEVELOPMENT
from schema.build import schema
from schema.costs import COSTS
from tests.costs.arguments import ARGUMENTS
from tests.resolvers.root_fields import ROOT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from graphql import GraphQLObjectType

    from tests.costs.people import People

LIMITS: Final = ExecutionLimits()
PROMISED: Final = core_schema(schema)
PRICES: Final = Pricing(PROMISED, COSTS)
MOST: Final = LIMITS.aliases
_REFUSAL: Final = "UserError"
REFUSED: Final = "refused"
"""Under which name documents ask for the code of a refusal."""


@dataclass(frozen=True, slots=True)
class Step:
    """One field on the way to the field that is asked for."""

    owner: str
    name: str
    answers: str

    @property
    def field(self) -> str:
        """As the price list names it."""
        return f"{self.owner}.{self.name}"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a field is asked for: how wide, how many members of its lists, and which field is written many times."""

    wide: int
    first: int
    inner: bool
    repeated: int = 1

    def __str__(self) -> str:
        """Tell it in a table."""
        where = "field" if self.inner else "root"
        return f"{('bare', 'leaves', 'wide')[self.wide]}, first {self.first}, {self.repeated} of {where}"


Way: TypeAlias = tuple[Step, ...]


def targets() -> dict[str, list[Way]]:
    """The shortest ways to each root field that asks, and to each list: by any root field, and by those of pages."""
    query = PROMISED.query_type
    assert query is not None
    pages = {name for name, field in query.fields.items() if "first" in field.args}
    ways = [_ways(query, roots) for roots in ({*_fields(query)}, pages)]
    return {field: [*dict.fromkeys(found[field] for found in ways if field in found)] for field in ways[0]}


def _ways(query: GraphQLObjectType, roots: Collection[str]) -> dict[str, Way]:
    found: dict[str, Way] = {}
    waiting: deque[tuple[GraphQLObjectType, Way]] = deque([(query, ())])
    met = {query.name}
    while waiting:
        owner, way = waiting.popleft()
        for name, field in _fields(owner).items():
            if not is_composite_type(get_named_type(field.type)) or (not way and name not in roots):
                continue
            for type_ in _answered(field):
                steps = (*way, Step(owner.name, name, type_.name))
                if (not way or _is_list(field.type)) and name != "edges":
                    found.setdefault(steps[-1].field, steps)
                if (type_.name not in met and name != "node") or owner.name.endswith("Edge"):
                    met.add(type_.name)
                    waiting.append((type_, steps))
    return found


def shapes(way: Way) -> Iterator[Shape]:
    """The ways in which a field is tried."""
    pages = (1, 100) if any("first" in _field(step).args for step in way) else (1,)
    for wide, first, inner in product((0, 1, 2), pages, (False, True)):
        if not inner or len(way) > 1:
            yield Shape(wide, first, inner)


def document(way: Way, shape: Shape, people: People) -> str:
    """Write the document of a shape."""
    return f"{{ {_written(way, shape, people)} }}"


def points(text: str, variables: Mapping[str, object] | None = None) -> int:
    """What a document costs; raises `RequestRefused` where it is beyond another limit."""
    return Documents(PROMISED, LIMITS, DEVELOPMENT).get(text).cost(None, PRICES).of(variables or {}).requested


def filled(way: Way, shape: Shape, people: People, limit: int) -> tuple[str, Shape, int] | None:
    """The longest document of a shape that is within every limit, with its cost; None where one is too much."""

    def tried(repeated: int) -> tuple[str, Shape, int] | None:
        wanted = replace(shape, repeated=repeated)
        text = document(way, wanted, people)
        try:
            cost = points(text)
        except RequestRefused:
            return None
        return (text, wanted, cost) if cost <= limit else None

    one, two = tried(1), tried(2)
    if one is None or two is None:
        return one
    many = min(MOST if shape.inner else LIMITS.root_fields, 2 + (limit - two[2]) // max(1, two[2] - one[2]))
    while many > 2:
        longest = tried(many)
        if longest is not None:
            return longest
        many = many * 4 // 5
    return two


def _written(way: Way, shape: Shape, people: People, at: int = 0, number: int = 0) -> str:
    step = way[at]
    repeats = shape.repeated if at == (len(way) - 1 if shape.inner else 0) else 1
    every: list[str] = []
    for each in range(repeats):
        one = number + each
        arguments = (ARGUMENTS.get(step.field) or _usual(step, people)) % people.named(one, shape.first)
        call = f"({arguments})" if arguments else ""
        below = _inside(way, shape, people, at, one)
        alias = f"a{each}: " if repeats > 1 else ""
        every.append(f"{alias}{step.name}{call} {{ {below} }}")
    return " ".join(every)


def _usual(step: Step, people: People) -> str:
    """How the tests of who may ask a question, with the page that is wanted."""
    asked = _field(step).args
    about = ROOT_FIELDS[step.name].variables(people.held) if step.name in ROOT_FIELDS and step.owner == "Query" else {}
    write: Any = cast("Any", utilities).ast_from_value
    written = [
        f"{name}: {print_ast(write(value, asked[name].type))}".replace("%", "%%") for name, value in about.items()
    ]
    return ", ".join([*written, "first: %(first)s"] if "first" in asked else written)


def _inside(way: Way, shape: Shape, people: People, at: int, number: int) -> str:
    step = way[at]
    below = _leaves(step.answers, shape.wide, people) if at == len(way) - 1 else None
    chosen = _written(way, shape, people, at + 1, number) if below is None else below
    named: Any = get_named_type(_field(step).type)
    if not is_abstract_type(named):
        return chosen
    refused = any(_refuses(each) for each in PROMISED.get_possible_types(named))
    refusals = f" ... on {_REFUSAL} {{ {REFUSED}: code }}" if refused and is_union_type(named) else ""
    return f"... on {step.answers} {{ {chosen} }}{refusals}"


def _leaves(owner: str, wide: int, people: People) -> str:
    """What is chosen of the objects that are asked for; of a connection, of what is in it."""
    type_: Any = PROMISED.get_type(owner)
    if "edges" in type_.fields:
        edge: Any = get_named_type(type_.fields["edges"].type)
        node: Any = get_named_type(edge.fields["node"].type)
        return f"edges {{ node {{ {_leaves(node.name, wide, people)} }} }}"
    chosen = ["__typename"]
    for name, field in type_.fields.items():
        named: Any = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if not is_composite_type(named):
            chosen += [name] * bool(wide)
        elif wide == 2 and is_object_type(named) and "first" not in field.args:
            chosen.append(f"{name} {{ {_leaves(named.name, 1, people)} }}")
    return " ".join(chosen)


def _fields(owner: GraphQLObjectType) -> dict[str, GraphQLField]:
    return {**owner.fields, "__schema": SchemaMetaFieldDef} if owner is PROMISED.query_type else owner.fields


def _field(step: Step) -> GraphQLField:
    owner: Any = PROMISED.get_type(step.owner)
    return _fields(owner)[step.name]


def _answered(field: GraphQLField) -> list[GraphQLObjectType]:
    """The types that a field may answer, without refusals."""
    named: Any = get_named_type(field.type)
    possible = PROMISED.get_possible_types(named) if is_abstract_type(named) else [named]
    return [each for each in possible if not _refuses(each)]


def _refuses(type_: GraphQLObjectType) -> bool:
    return any(each.name == _REFUSAL for each in type_.interfaces)


def _is_list(type_: Any) -> bool:
    if isinstance(type_, GraphQLList):
        return True
    named: Any = get_named_type(type_)
    return (hasattr(type_, "of_type") and _is_list(type_.of_type)) or "edges" in getattr(named, "fields", {})
