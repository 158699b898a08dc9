"""How the schema came to be what it is: revisions, and the one way to move a database between them."""

from models.migrations.migration import BrokenReference, migrate
from models.migrations.version import HEAD, SchemaOutdated, UnknownRevision, demand_current, schema_version

__all__ = [
    "HEAD",
    "BrokenReference",
    "SchemaOutdated",
    "UnknownRevision",
    "demand_current",
    "migrate",
    "schema_version",
]
