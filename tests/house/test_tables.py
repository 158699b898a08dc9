"""What is remembered has the same types on both databases, and SQLite may be strict about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql.asyncpg import dialect as postgresql
from sqlalchemy.dialects.sqlite.aiosqlite import dialect as sqlite
from sqlalchemy.schema import CreateIndex
from sqlmodel import SQLModel

from models.tables import metadata
from models.types import Choice, Flag, Instant, Int64, Json, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

OURS = (Text, Int64, Instant, Flag, Choice, Json)
TABLES: list[Table] = list(metadata.tables.values())


def test_there_are_tables_and_no_others_than_ours() -> None:
    assert TABLES
    assert metadata is SQLModel.metadata


def test_every_table_is_strict_on_sqlite() -> None:
    assert [table.name for table in TABLES if table.dialect_options["sqlite"]["strict"] is not True] == []


def test_every_column_has_a_type_of_our_own() -> None:
    foreign = [
        f"{table.name}.{column.name} is {type(column.type).__name__}"
        for table in TABLES
        for column in table.columns
        if type(column.type) not in OURS
    ]

    assert foreign == []


def test_a_partial_index_has_its_predicate_on_both_databases() -> None:
    indexes = [index for table in TABLES for index in table.indexes]
    told = [
        {str(CreateIndex(index).compile(dialect=of())).partition(" WHERE ")[2] for of in (postgresql, sqlite)}
        for index in indexes
    ]

    assert {len(each) for each in told} == {1}
    assert {""} in told
    assert {"due_at IS NOT NULL"} in told


def rows(above: type[SQLModel]) -> Iterator[type[SQLModel]]:
    """Every class below one that is mapped to a table."""
    for below in above.__subclasses__():
        yield from rows(below)
        if hasattr(below, "__table__"):
            yield below


def test_rows_are_not_mapped_and_have_no_relationship_attributes() -> None:
    of_tables = [*rows(SQLModel)]
    found = [row.__name__ for row in of_tables if hasattr(row, "__mapper__") or row.__sqlmodel_relationships__]

    assert len(of_tables) == len(TABLES)
    assert found == []
