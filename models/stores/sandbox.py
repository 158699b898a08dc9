"""The sandbox's own books: what it was asked under each key, and how that stands."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from billing.dataclass import dataclass
from billing.ports import Outcome
from models.choices import SandboxKind
from models.rows import Runner, row, upsert, value
from models.tables.base import table
from models.tables.payment import SandboxEntryRow

if TYPE_CHECKING:
    from datetime import datetime

E = table(SandboxEntryRow)


@dataclass(frozen=True, slots=True)
class SandboxEntry:
    """A charge or refund of the sandbox; what stands under `later` holds from `later_at` on."""

    environment_id: str
    key: str
    kind: SandboxKind
    amount: int
    currency: str
    outcome: Outcome
    created_at: datetime
    charge_key: str = ""
    method: str = ""
    code: str = ""
    disputed: int = 0
    later: Outcome | None = None
    later_code: str = ""
    later_disputed: int = 0
    later_at: datetime | None = None


class Sandbox:
    """The books, by key."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection."""
        self._run = run

    async def entry(self, environment_id: str, key: str, *, hold: bool = False) -> SandboxEntry | None:
        """Find what was asked under a key; `hold` lets nobody else change it until commit."""
        wanted = select(E).where(E.c.environment_id == environment_id, E.c.key == key)
        found = await row(self._run, wanted.with_for_update() if hold else wanted)
        return SandboxEntry(**{name: found[name] for name in SandboxEntry.__slots__}) if found else None

    async def once(self, entry: SandboxEntry) -> SandboxEntry:
        """Write down what was asked, and answer what stands under its key: that of the first who asked."""
        fresh = upsert(E, self._run.dialect.name).values(asdict(entry))
        await self._run.execute(fresh.on_conflict_do_nothing())
        return await self.entry(entry.environment_id, entry.key) or entry

    async def save(self, entry: SandboxEntry) -> None:
        """Write down how it stands now."""
        held = update(E).where(E.c.environment_id == entry.environment_id, E.c.key == entry.key)
        await self._run.execute(held.values(asdict(entry)))

    async def given_back(self, environment_id: str, charge_key: str) -> int:
        """How much of a charge has gone back or is on its way."""
        of = (E.c.environment_id == environment_id, E.c.charge_key == charge_key, E.c.kind == SandboxKind.REFUND)
        total = select(func.sum(E.c.amount)).where(*of, E.c.outcome != Outcome.FAILED)
        return int(await value(self._run, total) or 0)
