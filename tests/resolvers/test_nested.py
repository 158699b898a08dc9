"""Who may reach what through another object: every field that leads on, by every credential, generated from the schema.

A field of the schema that leads to somebody's object and has no row in `LEADS` fails here.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import pytest
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
from tests.resolvers.root_fields import MANAGE, READ
from tests.resolvers.scene import UNKNOWN, Holder, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphql import GraphQLNamedType

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROMISE = build_schema(print_schema(schema._schema))  # pyright: ignore[reportPrivateUsage]  (strawberry's schema as graphql-core's)
HELD = {
    "Customer": "customer", "Event": "event", "Grant": "grant", "Override": "override", "Reservation": "reservation",
    "ScheduledChange": "change", "Subscription": "changing", "UsageRecord": "record",
}  # fmt: skip
"""The kinds that are a customer's, and which of a holder's ids is of that kind."""
MERCHANTS = {"ApiKey": "key", "Feature": "feature", "Job": "job", "Plan": "plan", "Product": "product"}
"""The kinds that are the merchant's."""
GUARDED = {*HELD, "ApiKey", "Job", "Entitlement"}

LEADS = {
    "Customer.subscriptions": "subscriptions:read",
    "Customer.entitlements": "entitlements:read",
    "Customer.grants": "entitlements:read",
    "Customer.overrides": "entitlements:read",
    "Subscription.customer": "customers:read",
    "Subscription.entitlements": "entitlements:read",
    "Subscription.scheduledChanges": "subscriptions:read",
    "Grant.customer": "customers:read",
    "Override.customer": "customers:read",
    "UsageRecord.customer": "customers:read",
    "Reservation.customer": "customers:read",
    "Reservation.record": "entitlements:read",
    "ScheduledChange.subscription": "subscriptions:read",
    "ScheduledChange.job": "jobs:read",
    "Event.job": "jobs:read",
    "JobItem.subscription": "subscriptions:read",
    "PlanMigrationMove.change": "jobs:read",
    "PlanMigrationMove.replacedChanges": "jobs:read",
    "PlanMigrationMove.restoredChanges": "jobs:read",
}
"""What a secret key needs to follow a field; without it nothing of the object is told."""
NOTHING = {
    "Event.job",
    "JobItem.subscription",
    "PlanMigrationMove.change",
    "PlanMigrationMove.replacedChanges",
    "PlanMigrationMove.restoredChanges",
    "Reservation.record",
    "ScheduledChange.job",
}
"""Where the scene has nothing to tell: its job has not run and its reservation is not settled."""


@dataclass(frozen=True)
class Lead:
    """A field that leads to somebody's object, and the fields from a node of kind `kind` to it."""

    kind: str
    steps: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The field itself."""
        return ".".join(self.steps[-1])

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
        return f"query($id: ID!) {{ node(id: $id) {{ {inner} }} }}"


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


def _leads(kind: str, of: Any, steps: tuple[tuple[str, str], ...]) -> Iterator[Lead]:
    several = PROMISE.get_possible_types(of) if isinstance(of, (GraphQLInterfaceType, GraphQLUnionType)) else (of,)
    for each in several:
        for name, field in each.fields.items():
            target = _target(each, name)
            if is_leaf_type(target) or any(map(is_required_argument, field.args.values())):
                continue
            further = (*steps, (each.name, name))
            if target.name in GUARDED:
                yield Lead(kind, further)
            elif target.name not in MERCHANTS and (each.name, name) not in steps:
                yield from _leads(kind, target, further)


@cache
def leads() -> tuple[Lead, ...]:
    """Every field that leads from a node to somebody's object."""
    return tuple(lead for kind in (HELD | MERCHANTS) for lead in _leads(kind, PROMISE.get_type(kind), ()))


def named(holder: Holder) -> set[str]:
    """What only an answer about this holder holds."""
    return {str(each) for each in astuple(holder)}


async def credentials(scene: Scene) -> dict[str, str]:
    """Customer tokens of acme and what else is not the merchant's own key."""
    world = scene.world
    return {
        "publishable": world.places["main"].publishable,
        "reads": await world.token("acme", scopes=[READ]),
        "manages": await world.token("acme", scopes=[READ, MANAGE]),
        "bound": await world.token("acme", scopes=[READ], subscription=scene.own.plain),
        "elsewhere": await world.token("acme", place="other", scopes=[READ, MANAGE]),
        "another environment": world.places["other"].secret,
    }


async def test_every_field_that_leads_to_somebodys_object_has_a_row() -> None:
    node = PROMISE.get_type("Node")
    assert isinstance(node, GraphQLInterfaceType)

    assert {each.name for each in PROMISE.get_possible_types(node)} == HELD.keys() | MERCHANTS.keys()
    assert {lead.name for lead in leads()} == LEADS.keys()


@pytest.mark.parametrize("lead", leads(), ids=[f"{each.kind}:{each.name}" for each in leads()])
async def test_what_is_anothers_is_answered_as_the_unknown_is_and_never_told(lead: Lead, scene: Scene) -> None:
    attribute = (HELD | MERCHANTS)[lead.kind]
    for name, key in (await credentials(scene)).items():
        abroad = name in ("elsewhere", "another environment")
        mine = scene.foreign if abroad else scene.own
        others = named(scene.rival) | named(scene.own if abroad else scene.foreign)
        others = (others - named(mine)) | {"rival"}
        if name == "bound":
            others |= {mine.changing, mine.cancelling, mine.change}
        unknown = await scene.world.post(lead.document, key=key, id=getattr(UNKNOWN, attribute))
        about = {mine, scene.rival, scene.own, scene.foreign}
        for holder in about:
            answer = await scene.world.post(lead.document, key=key, id=getattr(holder, attribute))
            assert not [each for each in others if each in json.dumps(answer)], (name, answer)
            if getattr(holder, attribute) not in named(mine):
                assert answer == unknown, name


@pytest.mark.parametrize("lead", leads(), ids=[f"{each.kind}:{each.name}" for each in leads()])
async def test_a_key_without_the_scope_is_told_nothing_behind_the_field(lead: Lead, scene: Scene) -> None:
    about = getattr(scene.own, (HELD | MERCHANTS)[lead.kind])
    full = await scene.world.post(lead.document, id=about)
    assert "errors" not in full, full
    assert bool(_behind(full["data"], [name for _, name in lead.steps])) is (lead.name not in NOTHING), full

    answer = await scene.world.post(lead.document, key=scene.with_scopes(without=LEADS[lead.name]), id=about)

    assert {error["extensions"]["code"] for error in answer.get("errors", ())} <= {"SCOPE_MISSING"}
    assert not _behind(answer["data"], [name for _, name in lead.steps]), answer


def _behind(data: Any, path: list[str]) -> list[Any]:
    """What an answer tells of the object that a field leads to."""
    if not data:
        return []
    if isinstance(data, list):
        return [one for each in cast("Sequence[Any]", data) for one in _behind(each, path)]
    inner = next((name for name in ("node", "edges") if name in data), None)
    if inner is not None:
        return _behind(data[inner], path)
    return _behind(data.get(path[0]), path[1:]) if path else [data]
