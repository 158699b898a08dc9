"""What a database says about itself: everything that a migrated and a created one must agree on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy import Connection

Described: TypeAlias = "dict[str, Any]"

COLUMNS = """
    SELECT table_name, column_name, row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position), data_type,
        is_nullable, column_default, collation_name, is_identity, is_generated
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
    ORDER BY table_name, ordinal_position
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, convalidated
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
VIEWS = "SELECT viewname AS name, definition FROM pg_views WHERE schemaname = 'public'"
OTHERS = """
    SELECT 'sequence', sequencename FROM pg_sequences WHERE schemaname = 'public'
    UNION ALL SELECT 'type', typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype <> 'c'
        AND typelem = 0
    UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
"""
MASTER = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
OWN = "alembic_version"


def described(connection: Connection) -> Described:
    """Describe tables, columns, constraints, indexes and whatever else there is, but not the views and the version."""
    return _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)


def views(connection: Connection) -> dict[str, str]:
    """The views by name."""
    sqlite = connection.dialect.name == "sqlite"
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'view'" if sqlite else VIEWS
    return {row.name: row[1] for row in connection.exec_driver_sql(query)}


def _sqlite(connection: Connection) -> Described:
    found: Described = {"columns": {}, "strict": {}, "constraints": {}, "others": {}}
    for kind, name, _table, sql in connection.exec_driver_sql(MASTER).all():
        if kind == "table" and name != OWN:
            found["columns"][name] = connection.exec_driver_sql(f'PRAGMA table_xinfo("{name}")').all()
            found["strict"][name] = _after_last_bracket(sql)
            found["constraints"][name] = sorted(part for part in parts_of(sql) if part.startswith("CONSTRAINT "))
        elif kind not in ("table", "view"):
            found["others"][name] = _even(sql)
    return found


def _postgresql(connection: Connection) -> Described:
    found: Described = {"columns": {}}
    for table, *column in connection.exec_driver_sql(COLUMNS):
        if table != OWN:
            found["columns"].setdefault(table, []).append(tuple(column))
    found["constraints"] = {(t.strip('"'), *rest) for t, *rest in connection.exec_driver_sql(CONSTRAINTS) if t != OWN}
    found["indexes"] = {tuple(index) for index in connection.exec_driver_sql(INDEXES) if index[0] != OWN}
    found["others"] = {tuple(other) for other in connection.exec_driver_sql(OTHERS)}
    return found


def _even(sql: str) -> str:
    """Write SQL with one space between words."""
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.split()))


def _after_last_bracket(sql: str) -> str:
    return sql[sql.rindex(")") + 1 :].strip()


def parts_of(sql: str) -> list[str]:
    """Take what stands between the outer brackets apart at the commas that are in no inner ones."""
    inside = _even(sql[sql.index("(") + 1 : sql.rindex(")")])
    parts, depth = [""], 0
    for character in inside:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
