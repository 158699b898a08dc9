"""Which revision a database is at, and which one this program knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from models.files import file_of
from models.migrations.engine import looking

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD = "0006"
"""The revision that the tables of this program have."""

VERSIONS = "alembic_version"


class SchemaOutdated(Exception):  # noqa: N818  (it says what was found; nothing went wrong yet)
    """The database is at another revision than this program: older, newer, or without any (`found` is None)."""

    def __init__(self, found: str | None, known: str = HEAD) -> None:
        """Name both revisions."""
        if found is None:
            text = f"The database has no schema yet and this program needs revision {known}: run `plangate migrate`."
        else:
            text = (
                f"The database is at revision {found} and this program needs {known}: run `plangate migrate`, "
                "or the program that the database was migrated for."
            )
        super().__init__(text)
        self.found = found
        self.known = known


class UnknownRevision(Exception):  # noqa: N818  (as above)
    """There is no such revision to migrate to."""


async def schema_version(url: str) -> str | None:
    """Answer the revision a database is at; None where it has no schema yet. Raises TemporarilyUnavailable."""
    file = file_of(url)
    if file is not None and not file.exists():
        return None
    async with looking(url) as connection:
        return await connection.run_sync(version_of)


async def demand_current(url: str) -> None:
    """Refuse, by SchemaOutdated, a database that is older or newer than this program."""
    found = await schema_version(url)
    if found != HEAD:
        raise SchemaOutdated(found)


def version_of(connection: Connection) -> str | None:
    """Read the revision inside a transaction."""
    if not inspect(connection).has_table(VERSIONS):
        return None
    found: str | None = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar()  # noqa: S608  (our constant)
    return found
