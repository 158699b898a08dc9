"""A value comes back as it went in, on both databases; what is no such value does not go in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from models.types import Choice, Flag, Instant, Int64, Json, Text, checked, from_microseconds, to_microseconds
from tests.models.inside import asked, inside

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Colour(StrEnum):
    """A set whose names are not its values."""

    RED = "red"
    GREEN = "green"


OF_EVERY_TYPE = Table(
    "of_every_type",
    MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}),
    Column("id", Int64, primary_key=True, autoincrement=False),
    Column("text", Text),
    Column("number", Int64),
    Column("instant", Instant),
    Column("flag", Flag),
    Column("choice", Choice(Colour)),
    Column("json", Json),
    checked("choice", Colour),
    sqlite_strict=True,
)


@pytest.fixture
async def url(empty_url: str) -> str:
    """A database with a table that has a column of every type."""
    async with inside(empty_url) as connection:
        await connection.run_sync(OF_EVERY_TYPE.create)
    return empty_url


async def kept(url: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Keep values and read them back."""
    async with inside(url) as connection:
        await connection.execute(insert(OF_EVERY_TYPE).values(id=1, **values))
        found = (await connection.execute(select(OF_EVERY_TYPE))).mappings().one()
        await connection.rollback()
    return {name: found[name] for name in values}


instants = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [FIRST, FIRST + MICROSECOND, LAST, LAST - MICROSECOND]
)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
whole = st.integers(-(2**63), 2**63 - 1)
documents = st.recursive(
    st.none() | st.booleans() | whole | texts | st.floats(-(2**53), 2**53),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
rows = st.fixed_dictionaries(
    {
        "text": st.none() | texts,
        "number": st.none() | whole,
        "instant": st.none() | instants,
        "flag": st.none() | st.booleans(),
        "choice": st.none() | st.sampled_from(Colour),
        "json": documents,
    },
)


@given(row=rows)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_kept_comes_back(url: str, row: dict[str, Any]) -> None:
    found = await kept(url, row)

    assert found == row
    assert {name: type(found[name]) for name in row if name != "json"} == {
        name: type(row[name]) for name in row if name != "json"
    }


@given(instants)
def test_an_instant_is_its_microseconds(instant: datetime) -> None:
    assert from_microseconds(to_microseconds(instant)) == instant
    assert to_microseconds(instant + MICROSECOND) - to_microseconds(instant) == 1 if instant < LAST else True


async def test_an_instant_of_another_zone_comes_back_as_the_same_instant_in_utc(url: str) -> None:
    there = datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2)))

    found = (await kept(url, {"instant": there}))["instant"]

    assert (found, found.tzinfo) == (there, UTC)


async def test_each_database_keeps_what_it_does_best(url: str) -> None:
    row = {"instant": FIRST, "flag": True, "choice": Colour.RED, "json": {"b": "ü", "a": [1, None]}}
    async with inside(url) as connection:
        await connection.execute(insert(OF_EVERY_TYPE).values(id=1, **row))
    found = await asked(url, "SELECT instant, flag, choice, json FROM of_every_type")

    if url.startswith("sqlite"):
        assert found == [(-62_135_596_800_000_000, 1, "red", '{"a":[1,null],"b":"ü"}')]
    else:
        assert found == [(-62_135_596_800_000_000, True, "red", {"a": [1, None], "b": "ü"})]


async def test_nothing_in_json_is_null_in_sql(url: str) -> None:
    async with inside(url) as connection:
        await connection.execute(insert(OF_EVERY_TYPE).values(id=1, json=None))

    assert await asked(url, "SELECT count(*) FROM of_every_type WHERE json IS NULL") == [(1,)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("instant", datetime(2026, 1, 1)),
        ("instant", "2026-01-01"),
        ("choice", "RED"),
        ("choice", "blue"),
        ("json", {1, 2}),
        ("json", "\ud800"),
    ],
)
async def test_what_is_no_value_of_the_type_is_refused(column: str, value: object, url: str) -> None:
    with pytest.raises((StatementError, TypeError)):
        await kept(url, {column: value})

    assert await asked(url, "SELECT count(*) FROM of_every_type") == [(0,)]


async def test_the_database_checks_a_choice_itself(url: str) -> None:
    with pytest.raises(IntegrityError, match="ck_of_every_type_choice"):
        await asked(url, "INSERT INTO of_every_type (id, choice) VALUES (1, 'RED') RETURNING id")


@pytest.mark.parametrize("column", ["number", "instant", "flag"])
async def test_a_number_is_a_number_for_the_database_itself(column: str, url: str) -> None:
    with pytest.raises(DBAPIError):
        await asked(url, f"INSERT INTO of_every_type (id, {column}) VALUES (1, 'many') RETURNING id")  # noqa: S608  (the case)


async def test_the_tables_of_a_migrated_sqlite_database_are_strict(sqlite_url: str) -> None:
    wrong = "INSERT INTO sequence (owner_id, environment_id, seq) VALUES ('a', 'b', 'many') RETURNING seq"

    with pytest.raises(IntegrityError, match=r"cannot store TEXT value in INTEGER column sequence\.seq"):
        await asked(sqlite_url, wrong)
