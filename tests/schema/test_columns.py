"""A list reads the columns of what is asked for: each field alone is answered as among all the others."""

# graphql-core leaves the types inside lists open.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from schema import build
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

CORE = build.schema._schema  # pyright: ignore[reportPrivateUsage]  (it has no public name)
LISTS = {
    "PlanEntitlement": "{ plans { entitlements { %s } } }",
    "Feature": "{ plans { entitlements { feature { %s } } } }",
}


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


@pytest.mark.parametrize("name", LISTS)
async def test_a_field_that_is_asked_for_alone_is_answered_as_among_all_others(database: Database, name: str) -> None:
    world = await World.begin(database)
    fields = fields_of(name)
    whole = members(await world.ask(LISTS[name] % " ".join(["__typename", *fields])))
    assert len(whole) > 5

    for written in fields:
        field, *_ = written.split()
        alone = members(await world.ask(LISTS[name] % f"__typename {written}"))
        assert alone == [{"__typename": name, field: each[field]} for each in whole]
    assert [each["__typename"] for each in members(await world.ask(LISTS[name] % "__typename"))] == [name] * len(whole)
    twice = await world.ask(
        LISTS[name].replace("entitlements", "a: entitlements { __typename } entitlements") % fields[0]
    )
    assert [each["entitlements"] for each in twice["plans"]] == [
        each["entitlements"] for each in (await world.ask(LISTS[name] % fields[0]))["plans"]
    ]
