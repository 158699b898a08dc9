"""How the schema came to be what it is: revisions, and at which of them a database is.

Who moves one asks `migration`, which loads Alembic; nobody else needs that.
"""

from models.migrations.version import (
    HEAD,
    SchemaForeign,
    SchemaIncomplete,
    SchemaOutdated,
    SchemaUnfit,
    UnknownRevision,
    demand_current,
    schema_version,
)

__all__ = [
    "HEAD",
    "SchemaForeign",
    "SchemaIncomplete",
    "SchemaOutdated",
    "SchemaUnfit",
    "UnknownRevision",
    "demand_current",
    "schema_version",
]
