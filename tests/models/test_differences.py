"""The comparison of catalogs sees every single difference: each part of a schema is changed in turn, and it is told."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

from models.migrations.views import drop_views
from tests.models.catalogs import MASTER, OWN, described, parts_of
from tests.models.inside import asked, inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from tests.models.catalogs import Described

EACH = 12
"""How many parts of a kind are changed on PostgreSQL; on SQLite it is all of them."""
COLUMN = re.compile(r'("?\w+"?) (INTEGER|TEXT)( NOT NULL)?$')


def other_parts(part: str, keys: str) -> Iterator[str]:
    """Write a column or a constraint in other ways; '' leaves it away. STRICT `keys` are never NULL anyway."""
    yield ""
    if part.startswith("CONSTRAINT ck_"):
        yield re.sub(r"CHECK\((.*)\)$", r"CHECK(NOT(\1))", part)
    elif part.startswith("CONSTRAINT fk_"):
        yield f"{part} ON DELETE CASCADE"
        yield re.sub(r"REFERENCES (\S+?)\(", r"REFERENCES other_\1(", part)
    elif column := COLUMN.match(part):
        name, kind, demanded = column.groups()
        yield f"{name} {'TEXT' if kind == 'INTEGER' else 'INTEGER'}{demanded or ''}"
        if name not in re.findall(r'"?\w+"?', keys):
            yield f"{name} {kind}{'' if demanded else ' NOT NULL'}"
        yield f"{part} DEFAULT 0"


def other_tables(sql: str) -> Iterator[str]:
    """Write a table with one part of it changed or left away."""
    head, parts, tail = sql[: sql.index("(") + 1], parts_of(sql), sql[sql.rindex(")") :]
    keys = next((part.partition("PRIMARY KEY")[2] for part in parts if "PRIMARY KEY" in part), "")
    for number, part in enumerate(parts):
        for other in other_parts(part, keys):
            changed = [*parts[:number], *([other] if other else []), *parts[number + 1 :]]
            yield f"{head}{', '.join(changed)}{tail}"
    yield sql[: sql.rindex(")") + 1]


def other_indexes(sql: str) -> Iterator[str]:
    """Write an index with its predicate, its uniqueness or its columns changed; '' leaves it away."""
    yield ""
    yield sql.replace("CREATE INDEX", "CREATE UNIQUE INDEX") if "UNIQUE" not in sql else sql.replace("UNIQUE ", "")
    bare, where, _ = sql.partition(" WHERE ")
    if where:
        yield bare
        yield f"{sql} AND 1 = 1"
    columns = re.search(r"\(([^()]*,[^()]*)\)", bare)
    if columns:
        turned = ", ".join(reversed([each.strip() for each in columns[1].split(",")]))
        yield sql.replace(columns[0], f"({turned})")


def alone(*statements: str) -> Described | str:
    """Describe what statements make in an empty database; what SQLite says where they cannot be."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            for statement in filter(None, statements):
                connection.exec_driver_sql(statement)
            return described(connection)
    except OperationalError as refused:
        return str(refused.orig)
    finally:
        engine.dispose()


async def test_every_difference_of_a_table_is_told_on_sqlite(sqlite_url: str) -> None:
    rows = await asked(sqlite_url, MASTER)
    tables = {name: sql for kind, name, _, sql in rows if kind == "table" and name != OWN}
    indexes = [(table, sql) for kind, _, table, sql in rows if kind == "index"]
    unseen: list[str] = []
    tried = 0
    for table, sql in tables.items():
        same = alone(sql)
        for other in other_tables(sql):
            tried += 1
            if alone(other) == same:
                unseen.append(other)
        for index in (each for of, each in indexes if of == table):
            same_index = alone(sql, index)
            for other in other_indexes(index):
                tried += 1
                if alone(sql, other) == same_index:
                    unseen.append(other or f"no {index}")

    assert unseen == []
    assert tried > 1_000


NAMED = """
    SELECT contype::text, conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u') ORDER BY 1, 2, 3
"""
INDEXED = """
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname !~ '^(pk|uq_.*_id)'
    AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY 1
"""
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2
"""


def changes(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    """Every single change of a schema on PostgreSQL: its kind, and the statements that make it."""
    for kind, table, name, definition in connection.exec_driver_sql(NAMED).all():
        gone = f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE"
        yield f"{kind} gone", [gone]
        if kind == "c":
            yield (
                "c other",
                [gone, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition.replace('CHECK (', 'CHECK (NOT ')}"],
            )
        if kind == "f":
            yield "f other", [gone, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} ON DELETE CASCADE"]
    for name, definition in connection.exec_driver_sql(INDEXED).all():
        for other in other_indexes(definition):
            yield "index", [f"DROP INDEX {name}", other]
    for table, column, kind, null in connection.exec_driver_sql(COLUMNS).all():
        of = f'ALTER TABLE "{table}" ALTER COLUMN "{column}"'
        yield "type", [f"{of} TYPE {'varchar' if kind == 'text' else 'numeric' if kind == 'bigint' else 'text'}"]
        yield "default", [f"{of} SET DEFAULT 'x'"] if kind == "text" else []
        if null == "NO":
            yield "null", [f"{of} DROP NOT NULL"]


def unseen_changes(connection: Connection) -> tuple[int, list[list[str]]]:
    """Make some changes of each kind, each for itself: how many, and those that the comparison does not see."""
    chance, kinds = random.Random(5), dict[str, list[list[str]]]()
    drop_views(connection)
    for kind, statements in changes(connection):
        kinds.setdefault(kind, []).append(statements)
    chosen = [each for found in kinds.values() for each in chance.sample(found, min(EACH, len(found))) if each]
    same = described(connection)
    return len(chosen), [each for each in chosen if changed(connection, each) == same]


def changed(connection: Connection, statements: list[str]) -> Described | str:
    """Describe a schema with changes, and take them back; what PostgreSQL says where they cannot be."""
    nested = connection.begin_nested()
    try:
        for statement in filter(None, statements):
            connection.exec_driver_sql(statement)
        return described(connection)
    except DBAPIError as refused:
        return str(refused.orig)
    finally:
        nested.rollback()


@pytest.mark.postgres
async def test_every_kind_of_difference_is_told_on_postgresql(postgresql_url: str) -> None:
    async with inside(postgresql_url) as connection:
        tried, unseen = await connection.run_sync(unseen_changes)
        await connection.rollback()

    assert unseen == []
    assert tried > 80
