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

    def settle(self) -> None:
        """Be as it can be kept: of more than an amount can be, an empty window, and the ledger tells what counts."""
        if not -MAX_AMOUNT <= self.used <= MAX_AMOUNT:
            self.start, self.end, self.used = self.latest_at, self.latest_at, 0

    def named(self, place: Place) -> dict[str, object]:
        """What a head that the database has is changed to, and whose it is."""
        return {
            "customer": place.customer_id,
            "feature": place.feature_id,
            "of": place.scope,
            "begins": self.start,
            "ends": self.end,
            "counted": self.used,
            "at": self.latest_at,
        }

    def made(self, place: Place, environment_id: str) -> dict[str, object]:
        """The values of every column of a head that is new."""
        return {
            "customer_id": place.customer_id,
            "feature_id": place.feature_id,
            "scope": place.scope,
            "environment_id": environment_id,
            "window_start": self.start,
            "window_end": self.end,
            "used": self.used,
            "latest_at": self.latest_at,
        }
