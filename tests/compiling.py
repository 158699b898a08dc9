"""What is compiled once for a whole run: modules, and statements, which each engine would compile anew otherwise."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.dialects.postgresql.asyncpg import dialect as postgresql
from sqlalchemy.dialects.sqlite.aiosqlite import dialect as sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

from models.prepared import Preparing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect

SIZE = 5_000


def keep_compiled_modules() -> None:
    """Let Python keep what it compiled, also where the environment says otherwise: tests start dozens of programs."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def share_compiled_statements() -> None:
    """Let engines of one kind share what they compiled; they have the same settings, and so the same statements."""
    caches: dict[str, Any] = {kind: LRUCache[Any, Any](SIZE) for kind in ("sqlite", "postgresql")}
    for of in (postgresql, sqlite):  # the key of what is compiled begins with the dialect
        setattr(of, "__hash__", _hash)  # noqa: B010  (a type says that it may not be assigned)
        setattr(of, "__eq__", _same)  # noqa: B010  (as above)
    made = Preparing.__init__
    prepared: dict[str, tuple[dict[Any, Any], dict[Any, Any]]] = {kind: ({}, {}) for kind in caches}

    def make(preparing: Preparing, dialect: Dialect) -> None:
        made(preparing, dialect)
        preparing._kept, preparing._shapes = prepared[dialect.name]  # pyright: ignore[reportPrivateUsage]

    setattr(Preparing, "__init__", make)  # noqa: B010  (as above)

    @event.listens_for(Engine, "engine_connect")
    def begin(connection: Connection) -> None:
        connection.engine._compiled_cache = caches.get(connection.dialect.name)


def _hash(dialect: Dialect) -> int:
    return hash(type(dialect))


def _same(dialect: Dialect, other: object) -> bool:
    return type(dialect) is type(other)
