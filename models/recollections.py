"""What units of work knew of a customer's usage when they ended: the next one need not read it again. (ADR 27)

A unit of work takes a customer's sequence before it reads anything. Where that stands as a unit of this process left
it, and the environment's as it was seen then, nobody wrote about either since: what was known is so still, until the
instant at which time alone may make another of it. The next unit sees so for itself, in its own transaction, on
whatever database, and goes on with it: what it writes it changes there as well.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, NamedTuple

from billing.dataclass import dataclass
from billing.entitlements.lasting import sources_last_until
from billing.entitlements.resolution import resolve_meant
from models.stores.corrections import Place
from models.stores.heads import Head
from models.weighing import SNAPSHOT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Counter, Sources
    from models.stores.giving import Holder
    from models.stores.standing import Asked, Standing
    from models.views import FeatureView

SHARE: Final = 16
"""One customer takes no more than this part of the memory."""
OF_A_STANDING: Final = 3_000
"""So many bytes are reckoned for what stands: to weigh it would cost as much as to read it."""
OF_A_SOURCE: Final = 1_200
"""So many more are reckoned for each subscription, add-on and other source."""
MOST_HEARD: Final = 8
"""Of so many resources is kept what was heard about them."""


class Mark(NamedTuple):
    """Where a customer's sequence stands and since when, and where the environment's does."""

    seq: int
    latest_at: datetime | None
    environment_seq: int


@dataclass(slots=True)
class Recollection:
    """What stands about a customer and a feature, from an instant until another; None where none is known.

    `heads` are those that were looked for; `used` and `reserved` tell whether anything ever was. What a unit of work
    writes it changes here too.
    """

    holder: Holder
    feature: FeatureView
    sources: Sources
    heads: dict[Place, Head | None]
    used: bool
    reserved: bool
    due_at: datetime | None
    """When something is to be made permanent next."""
    since: datetime
    until: datetime | None
    _heard: dict[str, Resolution] = field(default_factory=dict["str", "Resolution"], compare=False)

    @classmethod
    def of(cls, standing: Standing, at: datetime) -> Recollection | None:
        """Take over what was read, so far for this instant alone; None where there is no such customer or feature."""
        holder, feature, sources = standing.holder, standing.feature, standing.sources
        if holder is None or feature is None or sources is None:
            return None
        read = standing.heads.items()
        heads = {Place(holder.id, feature.id, of): Head.read(head) if head else None for of, head in read}
        return cls(holder, feature, sources, heads, standing.used, standing.reserved, standing.due_at, at, None)

    def tells(self, at: datetime) -> bool:
        """Whether it is so at an instant."""
        return self.since <= at and (self.until is None or at < self.until)

    def heard(self, resource: str, at: datetime) -> Resolution:
        """Hear every source about exactly this resource.

        What was heard before is so until the sources are others, or the window that counts is over.
        """
        found = self._heard.get(resource)
        if found is not None and found.sources is self.sources and _inside(found.counter, at):
            found.at = at
            return found
        if len(self._heard) >= MOST_HEARD:
            self._heard.clear()
        found = self._heard[resource] = resolve_meant(self.sources, at, resource)
        return found


@dataclass(slots=True, eq=False)
class Memory:
    """What is kept of one customer, by the id and by the key of a feature.

    It is so where the sequences stand at its mark. Who is about to write takes that away, and gives it another when
    what it wrote is on disk: of a unit that failed nothing is believed.
    """

    mark: Mark | None = None
    of: dict[str, Recollection] = field(default_factory=dict["str", "Recollection"])
    bytes: int = 0

    def find(self, feature: str, at: datetime) -> Recollection | None:
        """Find what stands about a feature at an instant."""
        found = self.of.get(feature)
        return found if found is not None and found.tells(at) else None


class Recollections:
    """What this process keeps. One thread keeps; any may look, and change what it found there as it writes."""

    def __init__(self, most: int = SNAPSHOT_BYTES) -> None:
        """Keep at most so many bytes; none keeps nothing."""
        self.most: Final = most
        self.bytes = 0
        self._customers: dict[str, Memory] = {}

    def __len__(self) -> int:
        """How many customers something is kept of."""
        return len(self._customers)

    def of(self, customer_id: str, mark: Mark) -> Memory:
        """Give what is kept of a customer, where nothing was written since; else an empty memory."""
        kept = self._customers.get(customer_id)
        return kept if kept is not None and kept.mark == mark else Memory()

    def read(self, of: Asked, standing: Standing, at: datetime) -> Recollection | None:
        """Say of what was read until when it is so: time alone changes it, or something is to be made permanent.

        Whoever holds memory to what is read has to know of whom it was: tests do.
        """
        del of
        made = Recollection.of(standing, at)
        if made is not None:
            turns = (sources_last_until(made.sources, at), made.due_at)
            made.until = min([each for each in turns if each], default=None)
        return made

    def keep(self, customer_id: str, memory: Memory, mark: Mark, left: Iterable[Recollection]) -> None:
        """Keep what a unit left behind, beside what its memory holds of other features: it wrote about none of them."""
        self.forget(customer_id)
        for each in left:
            if memory.of.get(each.feature.id) is not each:
                memory.of[each.feature.id] = memory.of[each.feature.key] = each
                memory.bytes = sum(map(_size, memory.of.values()))
        if not memory.of or memory.bytes > self.most // SHARE:
            return
        self._customers[customer_id] = memory
        self.bytes += memory.bytes
        memory.mark = mark
        while self.bytes > self.most:
            self.forget(next(iter(self._customers)))

    def forget(self, customer_id: str) -> None:
        """Forget what is kept of a customer."""
        former = self._customers.pop(customer_id, None)
        if former is not None:
            self.bytes -= former.bytes

    def clear(self) -> None:
        """Forget everything."""
        self._customers.clear()
        self.bytes = 0


def _inside(counter: Counter | None, at: datetime) -> bool:
    """Whether an instant is in a counter's window; what nothing counts for lasts as long as its sources."""
    if counter is None:
        return True
    return (counter.start is None or counter.start <= at) and (counter.end is None or at < counter.end)


def _size(of: Recollection) -> int:
    """Reckon the bytes of what is kept under one name."""
    add_ons = sum([len(each.add_ons) for each in of.sources.subscriptions])
    sources = len(of.sources.subscriptions) + len(of.sources.allowances) + len(of.sources.overrides)
    return OF_A_STANDING + OF_A_SOURCE * (add_ons + sources)
