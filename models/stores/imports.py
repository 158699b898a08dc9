"""What imports have brought in, by the host's own id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from models.choices import ImportKind
from models.rows import Runner, rows
from models.tables.base import table
from models.tables.job import ImportedRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

M = table(ImportedRow)


class Imports:
    """What one environment got from imports."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection or session, for one environment."""
        self._run = run
        self._env = environment_id

    async def known(self, keys: Iterable[tuple[ImportKind, str]]) -> set[tuple[ImportKind, str]]:
        """Answer which of these were brought in before."""
        by_kind: dict[ImportKind, list[str]] = {}
        for kind, key in keys:
            by_kind.setdefault(kind, []).append(key)
        found: set[tuple[ImportKind, str]] = set()
        for kind, named in by_kind.items():
            wanted = select(M.c.key).where(M.c.environment_id == self._env, M.c.kind == kind, M.c.key.in_(named))
            found |= {(kind, each["key"]) for each in await rows(self._run, wanted)}
        return found

    async def add(self, brought: Sequence[tuple[ImportKind, str, str]], at: datetime) -> None:
        """Remember what (kind, key) became (id), together; '' is what was there."""
        kept = [
            {"environment_id": self._env, "kind": kind, "key": key, "subject_id": subject_id, "imported_at": at}
            for kind, key, subject_id in brought
        ]
        if kept:
            await self._run.execute(insert(M), kept)
