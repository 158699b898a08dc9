"""Which revision a database is at, and which one this program knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from models.files import file_of
from models.migrations.engine import looked
from models.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

HEAD = "0030"
"""The revision that the tables of this program have."""

VERSIONS = "alembic_version"


FIRST = frozenset({"environment", "sequence", "customer", "subscription", "event"})
"""Tables that every revision has."""

SHOWN = 3
"""How many tables a refusal names."""


class SchemaUnfit(Exception):  # noqa: N818  (it says what was found; nothing went wrong yet)
    """The database is not what this program can work with; nothing was done to it."""


class SchemaOutdated(SchemaUnfit):
    """The database is at another revision than this program: older, newer, or without any (`found` is None)."""

    def __init__(self, found: str | None, known: str = HEAD) -> None:
        """Name both revisions, and what to do."""
        if found is None:
            text = f"The database has no schema yet and this program needs revision {known}: run `plangate migrate`."
        else:
            way = "run `plangate migrate`" if found in revisions() else "it was made by a newer program, run that one"
            text = f"The database is at revision {found} and this program needs {known}: {way}."
        super().__init__(text)
        self.found = found
        self.known = known


class SchemaIncomplete(SchemaUnfit):
    """The database has only a part of what its revision has."""

    def __init__(self, found: str | None, missing: Collection[str]) -> None:
        """Name the revision and some of what is missing."""
        lacks = f"says that it is at revision {found} and has no table {_some(missing)}"
        what = lacks if found else "has tables of Plangate and does not say at which revision they are"
        super().__init__(f"The database {what}: restore a backup, or name an empty database (PLANGATE_DATABASE_URL).")


class SchemaForeign(SchemaUnfit):
    """The database is somebody else's."""

    def __init__(self, tables: Collection[str]) -> None:
        """Name some of its tables."""
        super().__init__(
            f"The database has tables that are not Plangate's ({_some(tables)}) and none of Plangate's: "
            "name a database of its own (PLANGATE_DATABASE_URL)."
        )


class UnknownRevision(Exception):  # noqa: N818  (as above)
    """There is no such revision to migrate to."""


async def schema_version(url: str) -> str | None:
    """Answer the revision a database is at; None where it has no schema yet. Raises TemporarilyUnavailable."""
    file = file_of(url)
    if file is not None and not file.exists():
        return None
    return await looked(url, version_of)


async def demand_current(url: str) -> None:
    """Refuse, by SchemaUnfit, a database that is older or newer than this program, incomplete, or somebody else's."""
    file = file_of(url)
    if file is not None and not file.exists():
        raise SchemaOutdated(None)
    found = await looked(url, demand_ours)
    if found != HEAD:
        raise SchemaOutdated(found)


def demand_ours(connection: Connection) -> str | None:
    """Read the revision inside a transaction; raises SchemaForeign and SchemaIncomplete."""
    tables, found = {*inspect(connection).get_table_names()} - {VERSIONS}, version_of(connection)
    if found is None and not tables:
        return None
    strange = tables and not tables & metadata.tables.keys()
    if not tables >= FIRST and (strange or found not in revisions()):
        raise SchemaForeign(tables or {VERSIONS})
    wanted = metadata.tables.keys() if found == HEAD else FIRST
    if found is None or not wanted <= tables:
        raise SchemaIncomplete(found, wanted - tables)
    return found


def revisions() -> frozenset[str]:
    """Name the revisions that this program knows."""
    return frozenset(script.name.split("_")[0] for script in (Path(__file__).parent / "versions").glob("[0-9]*.py"))


def version_of(connection: Connection) -> str | None:
    """Read the revision inside a transaction."""
    if not inspect(connection).has_table(VERSIONS):
        return None
    found: str | None = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar()  # noqa: S608  (our constant)
    return found


def _some(names: Collection[str]) -> str:
    return ", ".join(sorted(names)[:SHOWN]) + (" …" if len(names) > SHOWN else "")
