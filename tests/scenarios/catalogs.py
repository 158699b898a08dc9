"""Catalogs of scenarios: each is read once, and applied once to an SQLite world in which nothing else has happened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from plangate.catalog.reading import parse_catalog
from plangate.ids import TimeOrderedIds
from resolvers.catalog_apply import catalog_apply
from tests.scenarios.templates import Copy

if TYPE_CHECKING:
    from billing.catalog.values import Catalog
    from tests.world import World

_kept: dict[tuple[Path, int], tuple[Path, int]] = {}
"""By where copies are made and which catalog it is: a world with it, and the last id that was given there."""


@cache
def written(text: str) -> Catalog:
    """Read a catalog."""
    return parse_catalog(text.encode())


async def publish(world: World, catalog: Catalog) -> None:
    """Publish a catalog, which lives as long as the run: a new copy becomes what the first one became by it."""
    file = _untouched(world)
    if file is None:
        await catalog_apply(await world.context(), catalog)
        return
    ids = world.contexts.ids
    assert isinstance(ids, TimeOrderedIds)
    key = file.parent, id(catalog)
    if key in _kept:
        kept, ids._last = _kept[key]
        _copy(kept, file)
        return
    await catalog_apply(await world.context(), catalog)
    kept = file.with_name(f"catalog-{len(_kept)}.db")
    _copy(file, kept)
    _kept[key] = kept, ids._last


def _untouched(world: World) -> Path | None:
    """Give the file of a copy as long as nothing was committed to it: its log is empty."""
    if not isinstance(world, Copy) or not world.database.sqlite:
        return None
    file = Path(make_url(world.database.url).database or "")
    log = file.with_name(f"{file.name}-wal")
    return None if log.exists() and log.stat().st_size else file


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as write:
        read.backup(write)
