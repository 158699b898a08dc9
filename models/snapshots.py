"""What was read about customers and is still so: kept in memory, bounded in bytes, never the only place. (ADR 21, 24)

Whatever changes what a customer may use is an event of the customer or of the environment, and takes a number of its
sequence. What was read while both sequences stood where they stand now is what would be read now, until the instant at
which time alone may make another of it. What is about no customer is kept as the environment's own.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, TypeVar

from billing.dataclass import dataclass
from billing.refusals import TemporarilyUnavailable
from models.stores.sequences import Sequences
from models.weighing import weight

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Sequence
    from datetime import datetime

    from models.crossing import Question

T = TypeVar("T")
SHARE: Final = 16
"""One customer takes no more than this part of the memory."""
OF_A_CUSTOMER: Final = 1_000
"""So many bytes are reckoned for a customer beside what was read."""
OF_A_MEETING: Final = 320
"""So many bytes are reckoned for whom something that was asked once was about."""


class Watch(Protocol):
    """Notices that something was written, here or by another program."""

    @property
    def began(self) -> int:
        """From which count on it noticed everything: nothing that was seen before is to be believed."""
        ...

    def present(self) -> int | None:
        """Count what was noticed so far; None where nothing would be noticed."""
        ...

    async def certain(self) -> int | None:
        """Count likewise, where that takes asking somebody; None where nobody answers soon."""
        ...

    def moved(self, owners: Collection[str], seen: int) -> bool:
        """Whether something may have been written about one of these after so much was noticed."""
        ...


class Asked(Protocol):
    """Carries a question out in one snapshot of what is committed."""

    async def __call__(self, question: Question[T], *, brief: bool = False, alone: bool = False) -> T:
        """Answer it, at once where it is brief."""
        ...


class Name(NamedTuple):
    """A customer, by our id or by the host's."""

    environment_id: str
    id: str | None
    external_id: str | None = None


class Stand(NamedTuple):
    """Whom something was read about, and where the sequences stood in that snapshot."""

    environment_id: str
    customer_id: str
    seq: int
    environment_seq: int


@dataclass(slots=True)
class Read(Generic[T]):
    """What was read as of an instant; it stays so until another, None where none is known.

    `stand` is None of what is not to be kept. `name` is another than our id by which it was found, or is to be.
    Made for each decision, it is not frozen.
    """

    answer: T
    since: datetime
    until: datetime | None
    stand: Stand | None
    name: Hashable = None

    @property
    def customer_id(self) -> str:
        """Whom it was read about, where it is kept."""
        return self.stand.customer_id if self.stand is not None else ""

    def tells(self, at: datetime) -> bool:
        """Whether it is the answer at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(slots=True)
class Counts:
    """What became of questions: answered from memory or not, and of what was kept."""

    hits: int = 0
    misses: int = 0
    confirmed: int = 0
    changed: int = 0
    evicted: int = 0


@dataclass(slots=True, eq=False)
class _Kept:
    """What is kept of one customer; `seen` counts the changes after which it was known to be so."""

    stand: Stand
    seen: int
    answers: dict[Hashable, tuple[Read[Any], int]] = field(default_factory=dict["Hashable", "tuple[Read[Any], int]"])
    names: set[Hashable] = field(default_factory=set["Hashable"])
    bytes: int = OF_A_CUSTOMER


class Snapshots:
    """What this process keeps. One that may keep no bytes keeps nothing."""

    def __init__(self, most: int, watch: Watch, asked: Asked) -> None:
        """Keep at most so many bytes of what is watched; what may have changed is `asked` for."""
        self.most: Final = most
        self.counts: Final = Counts()
        self.bytes = 0
        self._watch = watch
        self._asked = asked
        self._began = watch.began
        self._customers: OrderedDict[str, _Kept] = OrderedDict()
        self._named: dict[Hashable, _Kept] = {}
        self._met: OrderedDict[Hashable, str] = OrderedDict()

    def __len__(self) -> int:
        """How many customers something is kept of."""
        return len(self._customers)

    def __contains__(self, name: Hashable) -> bool:
        """Whether anything is kept under a name, still so or not."""
        return name in self._named

    def known(self, name: Hashable, what: Hashable, at: datetime) -> Read[Any] | None:
        """Find what was read of a customer, where it is certain without waiting that it is still so."""
        kept = self._named.get(name)
        present = self._watch.present() if kept is not None else None
        if kept is None or present is None or self._began != self._watch.began or self._unsure((kept,), present):
            return None
        return self._told(kept, what, at)

    async def look(self, *names: Hashable, strong: bool = False) -> Look:
        """Open what is kept of some customers, once it is certain that it is still so; `strong` looks at none of it.

        To be asked before anything else is read: what is kept later is as old as this.
        """
        if not self.most:
            return NOTHING
        present = self._watch.present()
        if present is None:
            present = await self._watch.certain()
        if self._began != self._watch.began:
            self.clear()
            self._began = self._watch.began
        if present is None:
            return NOTHING
        unsure = self._unsure([kept for name in names if (kept := self._named.get(name)) is not None], present)
        if unsure and not strong:
            try:
                await self._confirm(unsure, present)
            except TemporarilyUnavailable:
                return NOTHING
        return Look(self, present, strong=strong)

    def find(self, name: Hashable, what: Hashable, at: datetime) -> Read[Any] | None:
        """Find what was read of a customer; only after a `look` at it."""
        kept = self._named.get(name)
        found = self._told(kept, what, at) if kept is not None else None
        self.counts.misses += found is None
        return found

    def keep(self, seen: int, what: Hashable, read: Read[Any], size: int | None = None) -> None:
        """Keep what was read after a look that had `seen` so many changes, unless something newer is kept.

        It is weighed unless its `size` is known.
        """
        stand = read.stand
        if stand is None or seen < self._watch.began:
            return
        size = weight((what, read)) if size is None else size
        if size > self.most // SHARE:
            return
        kept = self._customers.get(stand.customer_id)
        if kept is not None and kept.stand != stand:
            if kept.stand.seq > stand.seq or kept.stand.environment_seq > stand.environment_seq:
                return
            self._drop(kept)
            kept = None
        if kept is not None and kept.bytes + size > self.most // SHARE:
            self._drop(kept)
            kept = None
        if kept is None:
            kept = self._customers[stand.customer_id] = _Kept(stand, seen)
            self.bytes += kept.bytes
        kept.seen = max(kept.seen, seen)
        self._customers.move_to_end(stand.customer_id)
        _, former = kept.answers.get(what, (None, 0))
        kept.answers[what] = read, size
        kept.bytes += size - former
        self.bytes += size - former
        for name in _names(read, stand):
            if name not in kept.names:
                kept.names.add(name)
                self._named[name] = kept
        self._evict()

    def met(self, what: Hashable) -> str | None:
        """Whom something was about when it was asked last; a guess, on which nothing rests."""
        return self._met.get(what)

    def meet(self, what: Hashable, customer_id: str) -> None:
        """Remember whom something was about: all such memories take no more than one customer may."""
        if what not in self._met:
            self.bytes += OF_A_MEETING
        self._met[what] = customer_id
        self._met.move_to_end(what)
        if len(self._met) * OF_A_MEETING > self.most // SHARE:
            self._met.popitem(last=False)
            self.bytes -= OF_A_MEETING
        self._evict()

    def clear(self) -> None:
        """Forget everything."""
        self._customers.clear()
        self._named.clear()
        self._met.clear()
        self.bytes = 0

    def _told(self, kept: _Kept, what: Hashable, at: datetime) -> Read[Any] | None:
        found = kept.answers.get(what)
        if found is None or not found[0].tells(at):
            return None
        self.counts.hits += 1
        self._customers.move_to_end(kept.stand.customer_id)
        return found[0]

    def _unsure(self, those: Sequence[_Kept], present: int) -> list[_Kept]:
        """List what may not be so any more; of all else it is noted that it is still so."""
        unsure: list[_Kept] = []
        for kept in those:
            if kept.seen >= present:
                continue
            if self._watch.moved((kept.stand.customer_id, kept.stand.environment_id), kept.seen):
                unsure.append(kept)
            else:
                kept.seen = present
        return unsure

    def _evict(self) -> None:
        while self.bytes > self.most and self._customers:
            self.counts.evicted += 1
            self._drop(next(iter(self._customers.values())))

    def _drop(self, kept: _Kept) -> None:
        del self._customers[kept.stand.customer_id]
        for name in kept.names:
            if self._named.get(name) is kept:
                del self._named[name]
        self.bytes -= kept.bytes

    async def _confirm(self, unsure: Sequence[_Kept], present: int) -> None:
        """Compare sequences with where they stood; what is not so any more is forgotten."""
        owners = {owner for kept in unsure for owner in (kept.stand.customer_id, kept.stand.environment_id)}
        stands = await self._asked(lambda run: Sequences(run).of(owners), brief=True, alone=True)
        for kept in unsure:
            if self._customers.get(kept.stand.customer_id) is not kept:
                continue
            own, all_ = stands.get(kept.stand.customer_id), stands.get(kept.stand.environment_id)
            if own and all_ and (own.seq, all_.seq) == (kept.stand.seq, kept.stand.environment_seq):
                kept.seen = max(kept.seen, present)
                self.counts.confirmed += 1
            else:
                self.counts.changed += 1
                self._drop(kept)


@dataclass(slots=True, eq=False)
class Look:
    """What one question may use of what is kept, and where what it reads is kept.

    Two are made for each request: frozen they took three times as long.
    """

    _snapshots: Snapshots | None = None
    seen: int = 0
    strong: bool = False

    def find(self, name: Hashable, what: Hashable, at: datetime) -> Read[Any] | None:
        """Find what was read, if it is still so."""
        return None if self._snapshots is None or self.strong else self._snapshots.find(name, what, at)

    def keep(self, what: Hashable, read: Read[Any], size: int | None = None) -> None:
        """Keep what was read after this look."""
        if self._snapshots is not None:
            self._snapshots.keep(self.seen, what, read, size)


NOTHING: Final = Look()


def _names(read: Read[Any], stand: Stand) -> Iterator[Hashable]:
    yield Name(stand.environment_id, stand.customer_id)
    if read.name is not None:
        yield read.name
