"""Every field that answers a list has its price, and the price list names nothing that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLList, get_named_type, is_composite_type, is_object_type

from plangate.execution.plans import core_schema
from schema.build import schema
from schema.costs import COSTS, OBJECT, PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMISED = core_schema(schema)


def fields() -> Iterator[tuple[str, str, Any]]:
    """Every field of every object: its type, its name, and what it is."""
    for name, type_ in PROMISED.type_map.items():
        if is_object_type(type_):
            yield from ((name, field, what) for field, what in type_.fields.items())


def lists(type_: Any) -> bool:
    """Whether a type is a list, or never null and one."""
    return isinstance(type_, GraphQLList) or (hasattr(type_, "of_type") and lists(type_.of_type))


def names(owner: str, field: str) -> tuple[str, str]:
    """By what the price list may name a field."""
    return f"{owner}.{field}", field


def test_every_list_of_objects_says_how_many_it_holds() -> None:
    unpriced = {
        f"{owner}.{field}"
        for owner, field, what in fields()
        if lists(what.type) and is_composite_type(get_named_type(what.type)) and not COSTS.keys() & names(owner, field)
    }

    assert unpriced == set(), "give them a row in schema/costs.py"


def test_a_member_of_a_list_costs_no_less_than_an_object_alone() -> None:
    listed = {
        name: COSTS[name]
        for owner, field, what in fields()
        if lists(what.type) and is_composite_type(get_named_type(what.type)) and not owner.startswith("__")
        for name in names(owner, field)
        if name in COSTS and name != "edges"
    }

    assert listed
    assert {name for name, cost in listed.items() if cost.member < OBJECT.points} == set()


def test_every_connection_is_priced_by_the_argument_that_says_how_many() -> None:
    for owner, field, what in fields():
        if "first" in what.args:
            found = next((COSTS[name] for name in names(owner, field) if name in COSTS), None)
            assert found is not None, f"{owner}.{field} has no price"
            assert found.by == "first", f"{owner}.{field}"


def test_the_price_list_names_what_there_is() -> None:
    there = list(fields())
    known = {name for owner, field, _ in there for name in names(owner, field)} | {"__typename", "Mutation.*"}
    priced = {field: what for owner, name, what in there if (field := f"{owner}.{name}") in COSTS and COSTS[field].by}

    assert set(COSTS) - known == set()
    assert all(COSTS[field].by in what.args for field, what in priced.items())


def test_only_the_places_of_connections_buckets_and_rows_in_bulk_are_as_many_as_was_asked_for() -> None:
    assert {name for name, cost in COSTS.items() if cost.size == PAGE} == {
        "edges",
        "UsageHistory.buckets",
        "UsageManyReported.results",
    }
    assert all(lists(what.type) for _, field, what in fields() if field == "edges")
