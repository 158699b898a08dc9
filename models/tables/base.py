"""What every table shares: named constraints and SQLite's STRICT."""

from typing import Any, cast

from sqlalchemy import MetaData, Table
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


def strict(*items: SchemaItem) -> tuple[Any, ...]:
    """Build the table arguments of a STRICT table."""
    return (*items, {"sqlite_strict": True})


def table(row: type[SQLModel]) -> Table:
    """Give the Core table of a row class."""
    return cast("Table", vars(row)["__table__"])
