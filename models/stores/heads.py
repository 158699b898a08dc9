"""What counters hold, kept beside the ledger: the sum of one window each, so that nobody adds it up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from billing.amounts import MAX_AMOUNT
from billing.dataclass import dataclass
from models.tables.base import table
from models.tables.entitlement import BalanceRow
from models.types import Instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from billing.entitlements.sources import Counter
    from models.stores.corrections import Place

H = table(BalanceRow)
_NAMED = (
    H.c.customer_id == bindparam("customer"),
    H.c.feature_id == bindparam("feature"),
    H.c.scope == bindparam("of"),
)
HEAD = select(H.c.window_start, H.c.window_end, H.c.used, H.c.latest_at).where(*_NAMED)
KEEP_HEAD = (
    update(H)
    .where(*_NAMED)
    .values(
        window_start=bindparam("begins", type_=Instant()),
        window_end=bindparam("ends", type_=Instant()),
        used=bindparam("counted"),
        latest_at=bindparam("at", type_=Instant()),
    )
)


@dataclass(slots=True)
class Head:
    """What one counter holds in one window, as of `latest_at`; `known` where the database has a row to change."""

    start: datetime | None
    end: datetime | None
    used: int
    latest_at: datetime
    known: bool

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Head:
        """Read a head that the database has."""
        return cls(found["window_start"], found["window_end"], found["used"], found["latest_at"], known=True)

    def holds(self, occurred_at: datetime) -> bool:
        """Whether what happened then is inside the window."""
        return (self.start is None or occurred_at >= self.start) and (self.end is None or occurred_at < self.end)

    def of_window(self, counter: Counter) -> bool:
        """Whether it is of a counter's present window."""
        return self.start == counter.start and self.end == counter.end

    def kept(self) -> Mapping[str, Any]:
        """What the database has of it once it is written."""
        start, end, used = self._storable()
        return {"window_start": start, "window_end": end, "used": used, "latest_at": self.latest_at}

    def named(self, place: Place) -> dict[str, object]:
        """What a head that the database has is changed to, and whose it is."""
        start, end, used = self._storable()
        kept = {"begins": start, "ends": end, "counted": used, "at": self.latest_at}
        return {"customer": place.customer_id, "feature": place.feature_id, "of": place.scope, **kept}

    def made(self, place: Place, environment_id: str) -> dict[str, object]:
        """The values of every column of a head that is new."""
        of = {"customer_id": place.customer_id, "feature_id": place.feature_id, "scope": place.scope}
        return {**of, "environment_id": environment_id, **self.kept()}

    def _storable(self) -> tuple[datetime | None, datetime | None, int]:
        """As it is kept; of more than an amount can be, an empty window: nothing counts in it, the ledger tells."""
        fits = -MAX_AMOUNT <= self.used <= MAX_AMOUNT
        return (self.start, self.end, self.used) if fits else (self.latest_at, self.latest_at, 0)
