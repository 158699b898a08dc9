"""How the schema came to be what it is: revisions, and the one way to move a database between them."""

from models.migrations.migration import BrokenReference, migrate
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
    "BrokenReference",
    "SchemaForeign",
    "SchemaIncomplete",
    "SchemaOutdated",
    "SchemaUnfit",
    "UnknownRevision",
    "demand_current",
    "migrate",
    "schema_version",
]
