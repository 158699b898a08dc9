"""What is remembered has the same types on both databases, and SQLite may be strict about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import class_mapper
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


def test_a_partial_index_has_the_predicate_of_both_databases() -> None:
    halves = [
        index.name
        for table in TABLES
        for index in table.indexes
        if (index.dialect_options["sqlite"]["where"] is None) != (index.dialect_options["postgresql"]["where"] is None)
    ]

    assert halves == []


def rows(above: type[SQLModel]) -> Iterator[type[SQLModel]]:
    """Every class below one that is mapped to a table."""
    for below in above.__subclasses__():
        yield from rows(below)
        if hasattr(below, "__table__"):
            yield below


def test_rows_have_no_relationship_attributes() -> None:
    found = [f"{row.__name__}.{line.key}" for row in rows(SQLModel) for line in class_mapper(row).relationships]

    assert found == []
