"""What every table shares: named constraints, SQLite's STRICT, and predicates of indexes that both databases have."""

from typing import Any, cast

from sqlalchemy import Index, MetaData, Table, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.schema import SchemaItem
from sqlmodel import SQLModel

SQLModel.model_config["defer_build"] = True  # rows validate nothing: their validators were a tenth of what tables cost
metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeferredReflection, SQLModel):
    """What a table keeps, one object a row: it has its table, and is not mapped, as nothing here has sessions.

    SQLAlchemy puts that off until it is told to, and nobody tells it: mapping was a fourth of what tables cost a start,
    and half of what it costs to make a row. (ADR 31)
    """


def strict(*items: SchemaItem) -> tuple[Any, ...]:
    """Build the table arguments of a STRICT table."""
    return (*items, {"sqlite_strict": True})


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Index the rows that a predicate is true of."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


@compiles(CreateIndex, "postgresql")
def _create_index(create: CreateIndex, compiler: Any, **more: Any) -> str:  # noqa: ANN401  (SQLAlchemy's own)
    """Tell PostgreSQL the predicate too, and not before: that loads its dialect, which who has a file never needs."""
    options = create.element.dialect_options
    if options["postgresql"]["where"] is None:
        options["postgresql"]["where"] = options["sqlite"]["where"]
    said: str = compiler.visit_create_index(create, **more)
    return said


def table(row: type[SQLModel]) -> Table:
    """Give the Core table of a row class."""
    return cast("Table", vars(row)["__table__"])
