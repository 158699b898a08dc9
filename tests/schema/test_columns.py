"""A list reads the columns of what is asked for: each field alone is answered as among all the others."""

# graphql-core leaves the types inside lists open.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from schema import build
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

CORE = build.schema._schema  # pyright: ignore[reportPrivateUsage]  (it has no public name)
LISTED = "{ subscriptions(filter: {customer: {externalId: %s}}) { edges { node { %%s } } } }"
LISTS = [
    ("Subscription", LISTED % '"c1"'),
    ("Subscription", LISTED % '"steady"'),
    ("Plan", "{ plans(addOns: true) { %s } }"),
    ("Plan", "{ subscriptions { edges { node { plan { %s } } } } }"),
    ("Price", "{ plans { prices { %s } } }"),
    ("Invoice", '{ invoices(filter: {customer: {externalId: "c1"}}) { edges { node { %s } } } }'),
    ("PlanEntitlement", "{ plans { entitlements { %s } } }"),
    ("Feature", "{ plans { entitlements { feature { %s } } } }"),
]


def fields_of(name: str) -> list[str]:
    """Write every field of a type, with one level below where there must be one."""
    of = CORE.type_map[name]
    assert isinstance(of, GraphQLObjectType)
    return [each + _below(get_named_type(field.type)) for each, field in of.fields.items()]


def _below(of: object) -> str:
    if not isinstance(of, GraphQLObjectType):
        return ""
    leaves = " ".join(each for each, field in of.fields.items() if is_leaf_type(get_named_type(field.type)))
    return f" {{ {leaves} }}"


def members(answer: Any) -> list[dict[str, Any]]:
    """List the innermost objects that have the fields that were asked for."""
    if isinstance(answer, list):
        return [found for each in answer for found in members(each)]
    below = [each for each in answer.values() if isinstance(each, list | dict)]
    return members(below[0]) if len(answer) == 1 and below else [answer]


async def test_a_field_that_is_asked_for_alone_is_answered_as_among_all_others(database: Database) -> None:
    world = await World.begin(database)
    await world.subscribed("c1", "team", currency="USD", interval={"unit": "MONTH"}, quantity=2)
    await world.subscribed("c1", "team", currency="USD", interval={"unit": "MONTH"}, resourceId="other")
    await world.subscribed("c1", "team", currency="USD", interval={"unit": "MONTH"}, resourceId="third")
    await world.advance(timedelta(days=70))
    for number in range(3):
        await world.subscribed("steady", "team", currency="USD", interval={"unit": "MONTH"}, resourceId=f"r{number}")
    for name, document in LISTS:
        fields = fields_of(name)
        whole = members(await world.ask(document % " ".join(["__typename", *fields])))
        assert len(whole) > 2
        for written in fields:
            field, *_ = written.split()
            alone = members(await world.ask(document % f"__typename {written}"))
            assert alone == [{"__typename": name, field: each[field]} for each in whole]
        assert members(await world.ask(document % "__typename")) == [{"__typename": name}] * len(whole)


async def test_lists_that_are_read_together_have_each_what_was_asked_of_them(database: Database) -> None:
    world = await World.begin(database)
    together = await world.ask(
        "{ plans { a: entitlements { granted } entitlements { feature { key } }"
        " prices { id } b: prices { currency } } }"
    )
    for said, path in {
        "{ plans { a: entitlements { granted } } }": "a",
        "{ plans { entitlements { feature { key } } } }": "entitlements",
        "{ plans { prices { id } } }": "prices",
        "{ plans { b: prices { currency } } }": "b",
    }.items():
        assert (await world.ask(said))["plans"] == [{path: each[path]} for each in together["plans"]]
