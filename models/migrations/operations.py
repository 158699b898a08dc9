"""What revisions do beyond Alembic's own operations."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic import op
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from alembic.operations import BatchOperations


@contextmanager
def altering(table: str) -> Generator[BatchOperations, None, None]:
    """Change a table that has rows: in place where the database can, else by a copy that stays STRICT.

    SQLite's copy drops the old table; foreign keys are off while migrating, or its children's rows would go with it.
    """
    reflected = {"resolve_fks": False}  # nothing of the tables that it refers to is needed for that
    with op.batch_alter_table(table, table_kwargs={"sqlite_strict": True}, reflect_kwargs=reflected) as changes:
        yield changes


def partial_index(name: str, table: str, columns: Sequence[str], *, where: str, unique: bool = False) -> None:
    """Make an index over the rows that a predicate meets, which both databases are given."""
    op.create_index(name, table, columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
