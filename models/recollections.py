"""What units of work knew of a customer's usage when they ended: the next one need not read it again. (ADR 27)

A unit of work takes a customer's sequence before it reads anything. Where that stands as a unit of this process left
it, and the environment's as it was seen then, nobody wrote about either since: what was known is so still, until the
instant at which time alone may make another of it. The next unit sees so for itself, in its own transaction, on
whatever database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from billing.entitlements.lasting import sources_last_until
from models.weighing import SNAPSHOT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from models.stores.standing import Asked, Standing

SHARE: Final = 16
"""One customer takes no more than this part of the memory."""
OF_A_STANDING: Final = 3_000
"""So many bytes are reckoned for what stands: to weigh it would cost as much as to read it."""
OF_A_SOURCE: Final = 1_200
"""So many more are reckoned for each subscription, add-on and other source."""


class Mark(NamedTuple):
    """Where a customer's sequence stands and since when, and where the environment's does."""

    seq: int
    latest_at: datetime | None
    environment_seq: int


class Recollection(NamedTuple):
    """What stands about a customer and a feature, from an instant until another; None where none is known."""

    standing: Standing
    since: datetime
    until: datetime | None

    def tells(self, at: datetime) -> bool:
        """Whether it is so at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


class _Kept(NamedTuple):
    """What is kept of one customer, by the id and by the key of a feature."""

    mark: Mark
    of: Mapping[str, Recollection]
    bytes: int


class Recollections:
    """What this process keeps. One thread keeps; any may look."""

    def __init__(self, most: int = SNAPSHOT_BYTES) -> None:
        """Keep at most so many bytes; none keeps nothing."""
        self.most: Final = most
        self.bytes = 0
        self._customers: dict[str, _Kept] = {}

    def __len__(self) -> int:
        """How many customers something is kept of."""
        return len(self._customers)

    def find(self, of: Asked, mark: Mark, at: datetime) -> Recollection | None:
        """Find what stands about a customer and a feature, where nothing was written since."""
        kept = self._customers.get(of.customer_id)
        if kept is None or kept.mark != mark:
            return None
        found = kept.of.get(of.feature)
        return found if found is not None and found.tells(at) else None

    def read(self, of: Asked, standing: Standing, at: datetime) -> Recollection:
        """Say of what was read until when it is so: time alone changes it, or something is to be made permanent.

        Whoever holds memory to what is read has to know of whom it was: tests do.
        """
        del of
        turn = sources_last_until(standing.sources, at) if standing.sources is not None else None
        return Recollection(standing, at, min([each for each in (turn, standing.due_at) if each], default=None))

    def keep(self, customer_id: str, before: Mark, after: Mark, left: Iterable[Recollection]) -> None:
        """Keep what a unit left that found the sequences at one mark and left them at another.

        What was kept of other features stands: a unit that leaves something behind wrote about nothing else. After one
        that leaves nothing, nothing is kept.
        """
        named = {name: each for each in left for name in _names(each.standing)}
        former = self._customers.pop(customer_id, None)
        if former is not None:
            self.bytes -= former.bytes
            if named and former.mark == before:
                named = {**former.of, **named}
        size = sum(map(_size, named.values()))
        if not named or size > self.most // SHARE:
            return
        self._customers[customer_id] = _Kept(after, named, size)
        self.bytes += size
        while self.bytes > self.most:
            self.bytes -= self._customers.pop(next(iter(self._customers))).bytes

    def clear(self) -> None:
        """Forget everything."""
        self._customers.clear()
        self.bytes = 0


def _names(standing: Standing) -> Iterable[str]:
    return (standing.feature.id, standing.feature.key) if standing.feature is not None else ()


def _size(of: Recollection) -> int:
    """Reckon the bytes of what is kept under one name."""
    sources = of.standing.sources
    if sources is None:
        return OF_A_STANDING
    add_ons = sum([len(each.add_ons) for each in sources.subscriptions])
    return OF_A_STANDING + OF_A_SOURCE * (
        add_ons + len(sources.subscriptions) + len(sources.allowances) + len(sources.overrides)
    )
