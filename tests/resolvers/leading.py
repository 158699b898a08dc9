"""Every way through the schema to somebody's object: from a node, who asks, a preview, what an act answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    print_schema,
)

from schema.build import schema
from tests.resolvers.job_fields import MIGRATION
from tests.resolvers.root_fields import ACTS, MANY, ROOT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphql import GraphQLNamedType

    from tests.resolvers.scene import Holder

Steps: TypeAlias = "tuple[tuple[str, str], ...]"
PROMISE = build_schema(print_schema(schema._schema))  # pyright: ignore[reportPrivateUsage]  (strawberry's schema as graphql-core's)
HELD = {
    "Customer": "customer", "Discount": "discount", "Event": "happened", "Grant": "grant", "Override": "override",
    "Reservation": "settled", "ScheduledChange": "move", "Invoice": "invoice", "Subscription": "planned",
    "SubscriptionSchedule": "schedule",
    "UsageRecord": "record",
}  # fmt: skip
"""The kinds that are a customer's, and which of a holder's ids is of that kind."""
MERCHANTS = {
    "ApiKey": "key", "Coupon": "coupon", "Feature": "feature", "Job": "ran", "Plan": "plan", "Product": "product",
    "PromotionCode": "code",
}  # fmt: skip
"""The kinds that are the merchant's."""
GUARDED = {*HELD, "ApiKey", "Coupon", "Job", "PromotionCode", "Entitlement"}
PREVIEW = "planMigrationPreview"


@dataclass(frozen=True)
class Start:
    """Where a way begins: `head` asks for it, with room for what is asked of an object of type `of`."""

    name: str
    of: str
    head: str
    about: Callable[[Holder], Mapping[str, Any]]


@dataclass(frozen=True)
class Lead:
    """A field that leads to somebody's object, and the fields from the start to it."""

    start: Start
    steps: Steps

    @property
    def name(self) -> str:
        """The field itself."""
        return ".".join(self.steps[-1])

    @property
    def path(self) -> list[str]:
        """The names on the way."""
        return [name for _, name in self.steps]

    @property
    def document(self) -> str:
        """Ask for everything plain behind it."""
        last = PROMISE.get_type(self.steps[-1][0])
        assert isinstance(last, GraphQLObjectType)
        inner = _whole(_target(last, self.steps[-1][1]))
        for of, name in reversed(self.steps):
            held = PROMISE.get_type(of)
            assert isinstance(held, GraphQLObjectType)
            if _named(held, name).name.endswith("Connection"):
                inner = f"edges {{ node {{ {inner} }} }}"
            inner = f"... on {of} {{ {name} {{ {inner} }} }}"
        return self.start.head % inner


def _node(kind: str, attribute: str) -> Start:
    return Start(kind, kind, "query($id: ID!) { node(id: $id) { %s } }", lambda h: {"id": getattr(h, attribute)})


def _preview(holder: Holder) -> dict[str, Any]:
    among = {"filter": {"subscriptionIds": [holder.moving, holder.planned]}, "pendingChanges": "REPLACE"}
    return {"input": {**MIGRATION, **among, "from": {"planId": "team"}}}


SHOWING = ("StalePreview", "PreviewRequired")
"""Refusals of a merchant's acts that show their preview: they come behind no question, nor as a row of one."""
NODES = tuple(_node(kind, attribute) for kind, attribute in (HELD | MERCHANTS).items())
VIEWER = Start("viewer", "Viewer", "{ viewer { %s } }", lambda _: {})
PREVIEWED = Start(
    PREVIEW,
    "PlanMigrationPreview",
    f"query($input: PlanMigrationPreviewInput!) {{ {PREVIEW}(input: $input) {{ %s }} }}",
    _preview,
)
ABOUT: Mapping[str, Callable[[Holder], Mapping[str, Any]]] = {
    "planMigrationUndo": lambda h: {"input": {"id": h.ran}},
    "scheduledChangeUndo": lambda h: {"input": {"id": h.move}},
}
"""Acts that are asked about something else here than elsewhere, so that there is something behind the answer."""
ANSWERED = tuple(
    Start(
        each.name,
        each.payload or "",
        each.document.replace(each.selection, "{ %s }"),
        ABOUT.get(each.name, each.variables),
    )
    for each in (*ACTS, *MANY)
)
"""Acts, which answer with what they made or changed."""


def _target(of: GraphQLObjectType, name: str) -> GraphQLNamedType:
    """The type that a field leads to, looked into where it is a connection."""
    named = _named(of, name)
    if isinstance(named, GraphQLObjectType) and named.name.endswith("Connection"):
        edge = _named(named, "edges")
        assert isinstance(edge, GraphQLObjectType)
        return _named(edge, "node")
    return named


def _named(of: GraphQLObjectType, name: str) -> GraphQLNamedType:
    field: Any = of.fields[name]
    return cast("GraphQLNamedType", get_named_type(field.type))


def _whole(of: Any) -> str:
    if not isinstance(of, GraphQLObjectType):
        return "__typename"
    plain = (name for name, field in of.fields.items() if is_leaf_type(get_named_type(field.type)))
    return " ".join(plain)


def _ways(of: Any, steps: Steps, depth: int) -> Iterator[Steps]:
    """Every way on that passes `depth` guarded objects at most, each where it comes to one."""
    several = PROMISE.get_possible_types(of) if isinstance(of, (GraphQLInterfaceType, GraphQLUnionType)) else (of,)
    for each in (one for one in several if one.name not in SHOWING):
        for name, field in each.fields.items():
            target = _target(each, name)
            if is_leaf_type(target) or any(map(is_required_argument, field.args.values())):
                continue
            further = (*steps, (each.name, name))
            if target.name in GUARDED:
                yield further
                if depth > 1:
                    yield from _ways(target, further, depth - 1)
            elif target.name not in MERCHANTS and (each.name, name) not in steps:
                yield from _ways(target, further, depth)


@cache
def leads() -> tuple[Lead, ...]:
    """Every field that leads from a question to somebody's object; beyond what is no node, also what that leads to."""
    one = [(start, 1) for start in NODES]
    return tuple(
        Lead(start, steps)
        for start, depth in (*one, (VIEWER, 2), (PREVIEWED, 2))
        for steps in _ways(PROMISE.get_type(start.of), (), depth)
    )


@cache
def answered() -> tuple[Lead, ...]:
    """Every field that leads on from an object that an act answers with."""
    found = [(start, steps) for start in ANSWERED for steps in _ways(PROMISE.get_type(start.of), (), 2)]
    ways = {(start.name, steps) for start, steps in found}
    return tuple(Lead(start, steps) for start, steps in found if _beyond(start, steps, ways))


def _beyond(start: Start, steps: Steps, ways: set[tuple[str, Steps]]) -> bool:
    """Whether a guarded object stands on the way, before its end."""
    return any((start.name, steps[:length]) in ways for length in range(1, len(steps)))


def behind(data: Any, path: list[str]) -> list[Any]:
    """What an answer tells of the object that a field leads to."""
    if not data:
        return []
    if isinstance(data, list):
        return [one for each in cast("Sequence[Any]", data) for one in behind(each, path)]
    if not path:
        return [data]
    if path[0] in data:
        return behind(data[path[0]], path[1:])
    inner = next((name for name in ("node", "edges", *ROOT_FIELDS) if name in data), None)
    return behind(data[inner], path) if inner is not None else []
