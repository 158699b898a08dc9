"""A unit of work: the stores opened for writing, one sequence to take numbers from, one instant."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import bindparam, case, select, update

from billing.dataclass import dataclass
from billing.lifecycle import Cause, Channel
from models.given import Given, sent
from models.reader import Reader
from models.recollections import Mark
from models.rows import row, tuples
from models.stores.outbox import Outbox
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.environment import SequenceRow
from models.transaction import Transaction
from models.types import Instant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
    from datetime import datetime

    from models.crossing import Question
    from models.ids import Ids
    from models.rows import Runner
    from models.stores.invoices import Invoices
    from models.views import EnvironmentView

T = TypeVar("T")
UnitOf: TypeAlias = "Callable[[Work], Coroutine[Any, Any, T]]"
"""What is carried out in a unit of work: it awaits that unit and nothing else."""
Named: TypeAlias = "tuple[str | None, str | None]"
"""A customer by our id, or by the host's own."""
C = table(CustomerRow)
Q = table(SequenceRow)
NOW = bindparam("now", type_=Instant())
LATEST = case((Q.c.latest_at > NOW, Q.c.latest_at), else_=NOW)
TAKE = (
    update(Q)
    .where(Q.c.environment_id == bindparam("env"), Q.c.owner_id == bindparam("owner"))
    .values(seq=Q.c.seq + 1, latest_at=LATEST, taken=Transaction())
    .returning(Q.c.seq, Q.c.latest_at)
)
REFS = Given("refs")
ALL = Q.alias("all_")
_SEEN = select(ALL.c.seq).where(ALL.c.owner_id == bindparam("env")).scalar_subquery()
_HELD = select(REFS.number(0).label("place"), Q.c.owner_id, Q.c.seq, Q.c.latest_at, _SEEN).where(
    Q.c.environment_id == bindparam("env")
)
_HOLD = _HELD.select_from(REFS.rows.join(Q, Q.c.owner_id == REFS.text(1)))
_NAMED = REFS.rows.join(C, (C.c.environment_id == REFS.text(2)) & (C.c.external_id == REFS.text(1)))
_HOLD_NAMED = _HELD.select_from(_NAMED.join(Q, Q.c.owner_id == C.c.id))
HOLD, HOLD_NAMED = (each.with_for_update(key_share=True, of=Q) for each in (_HOLD, _HOLD_NAMED))
FREE = select(Q.c.owner_id).where(Q.c.owner_id == bindparam("owner")).with_for_update(key_share=True, skip_locked=True)
REACH = (
    update(Q)
    .where(Q.c.owner_id == bindparam("owner"))
    .values(seq=bindparam("reached"), latest_at=LATEST, taken=Transaction())
)


class Moment(NamedTuple):
    """When and by whom: the scheduled instant, the real one, where the call came from and which human made it.

    `job_id` names the job that a bulk act belongs to; every event of the act tells it as `jobId`. `request_id` names
    the request, '' where none was made.
    """

    at: datetime
    recorded_at: datetime
    channel: Channel
    actor: str = ""
    job_id: str = ""
    request_id: str = ""


class Happening(NamedTuple):
    """An event before it has a number."""

    type: str
    subject_id: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Telling:
    """An event that is told later, with the moment at which it happened."""

    moment: Moment
    by_time: bool
    happening: Happening


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """A document that gets its number when the work closes, with the event that tells it and that event's place."""

    kind: str
    prefix: str
    owner_id: str
    seq: int
    told: Telling
    keep: Callable[[str], Awaitable[None]]


class Reached(NamedTuple):
    """How far an owner's sequence goes, and when that was."""

    seq: int
    at: datetime


class Held(NamedTuple):
    """A customer whose sequence was taken; `later` where what went before happened after this work does."""

    owner_id: str
    later: bool
    mark: Mark


def _kind(document: Numbered) -> str:
    return document.kind


def _in_turn(document: Numbered) -> tuple[str, datetime]:
    return document.kind, document.told.moment.at


def whole(environment: EnvironmentView, moment: Moment, ids: Ids, act: UnitOf[T]) -> Question[T]:
    """Make a unit of work of an act: it is opened before and closed after it."""

    async def carried_out(run: Runner) -> T:
        work = Work(run, environment.id, moment, ids)
        await work.open(environment)
        done = await act(work)
        await work.close()
        return done

    return carried_out


async def numbered(invoices: Invoices, works: Sequence[Work]) -> dict[Numbered, str]:
    """Give the documents of units of work in one transaction their numbers, those of one kind in order of time.

    Everybody takes the kinds in one order: nobody waits in a ring.
    """
    documents = sorted((each for work in works for each in work.documents), key=_in_turn)
    given: dict[Numbered, str] = {}
    for kind, alike in groupby(documents, key=_kind):
        several = list(alike)
        first = await invoices.next_numbers(kind, len(several))
        given |= {each: f"{each.prefix}{number:06d}" for number, each in enumerate(several, first)}
    return given


class Work(Reader):
    """One unit of work in one environment. Stores write; leaving the work commits."""

    def __init__(self, run: Runner, environment_id: str, moment: Moment, ids: Ids) -> None:
        """Open the stores on the work's own connection."""
        super().__init__(run, environment_id, moment.at)
        self.moment: Moment = moment
        self.ids = ids
        self.outbox = Outbox(run)
        self._run = run
        self._events: list[dict[str, object]] = []
        self._numbers: dict[str, int] = {}
        self._bumped: dict[str, Reached] = {}
        self.documents: list[Numbered] = []
        """What waits for its number."""
        self._by_time = False

    @property
    def at(self) -> datetime:
        """The instant at which this work happens."""
        return self.moment.at

    @property
    def cause(self) -> Cause:
        """Whether a call asked for what happens, or time brings it."""
        return Cause.AUTOMATIC if self._by_time else Cause.REQUEST

    async def open(self, environment: EnvironmentView) -> None:
        """Take the present from the test clock, where there is one, and hold it until commit: it may have moved."""
        if environment.clock_at is None:
            return
        clock, _ = await self.environments.clock(environment.id, hold=True)
        if clock is not None and clock > self.moment.at:
            self.happen_at(clock)

    def happen_at(self, at: datetime) -> None:
        """Let the work happen at another instant: the worker's scheduled one."""
        self.moment = self.moment._replace(at=at)
        self.look_from(at)

    async def bump(self, owner_id: str, *, scheduled: bool = False) -> bool:
        """Take the owner's sequence before reading: nobody else writes about it until commit. False: unknown.

        A call that waited for its turn happens no earlier than what went before it, so that it sees all of that; what
        is `scheduled` keeps its own instant.
        """
        if owner_id in self._numbers:
            return True
        taken = await row(self._run, TAKE, {"owner": owner_id, "env": self.environment_id, "now": self.at})
        if taken is None:
            return False
        self._numbers[owner_id] = int(taken["seq"])
        if taken["latest_at"] > self.at and not scheduled:
            self.happen_at(taken["latest_at"])
        self._bumped[owner_id] = Reached(self._numbers[owner_id], self.at)
        return True

    @contextmanager
    def by_time(self) -> Generator[None, None, None]:
        """Let everything that is told inside be brought by a due instant and by no call."""
        before, self._by_time = self._by_time, True
        yield
        self._by_time = before

    @contextmanager
    def by_call(self, call: Moment) -> Generator[None, None, None]:
        """Let everything that is told inside be what a call asked for, though it is written down after it."""
        before = self.moment
        self.moment = before._replace(channel=call.channel, actor=call.actor, request_id=call.request_id)
        yield
        self.moment = self.moment._replace(channel=before.channel, actor=before.actor, request_id=before.request_id)

    async def free(self, owner_id: str) -> bool:
        """Hold the owner's sequence unless somebody else does; False, without waiting, where they do."""
        return await row(self._run, FREE, {"owner": owner_id}) is not None

    async def hold(self, named: Sequence[Named]) -> list[Held | None]:
        """Take the sequences of customers, each by its id or the host's own, before reading; None is nobody.

        Nothing is written about who does nothing. One who is alone waits as `bump` does, others are told of as `later`.
        """
        found: list[Held | None] = [None] * len(named)
        for statement, of in ((HOLD, 0), (HOLD_NAMED, 1)):
            env = self.environment_id  # told with each: SQLite would look for all of an environment first
            refs = [(place, ref, env) for place, each in enumerate(named) if (ref := each[of]) and not (of and each[0])]
            given = {"env": env, "refs": sent(refs)}
            for place, owner_id, *stood in await tuples(self._run, statement, given) if refs else ():
                mark = Mark(*stood)
                seq, latest_at, _ = mark
                later = (latest_at or self.at) > self.at
                if latest_at is not None and later and len(named) == 1:
                    self.happen_at(latest_at)
                    later = False
                self._numbers[owner_id] = seq + 1
                self._bumped[owner_id] = Reached(seq, self.at)
                found[place] = Held(owner_id, later, mark)
        return found

    def left(self, held: Held) -> Mark:
        """Where the sequences of a customer that was held stand, once this work is closed."""
        seq, at = self._bumped[held.owner_id]
        return held.mark if seq == held.mark.seq else held.mark._replace(seq=seq, latest_at=at)

    def next_number(self, owner_id: str) -> int:
        """Take the next number of a bumped owner's sequence."""
        number = self._numbers[owner_id]
        self._numbers[owner_id] = number + 1
        return number

    async def record(self, owner_id: str, happening: Happening, *, number: int | None = None) -> int:
        """Tell an event in the owner's sequence and answer its number; it is written when the work closes."""
        seq = self.next_number(owner_id) if number is None else number
        told = {"jobId": self.moment.job_id} if self.moment.job_id and not self._by_time else {}
        self._events.append(
            {
                "id": self.ids.new("evt"),
                "environment_id": self.environment_id,
                "owner_id": owner_id,
                "seq": seq,
                "type": happening.type,
                "subject_id": happening.subject_id,
                "occurred_at": self.moment.at,
                "recorded_at": self.moment.recorded_at,
                "cause": self.cause,
                "channel": Channel.WORKER if self._by_time else self.moment.channel,
                "actor": "" if self._by_time else self.moment.actor,
                "before": dict(happening.before),
                "after": {**happening.after, **told},
                "position": None,
                "request_id": "" if self._by_time else self.moment.request_id,
            }
        )
        return seq

    def number_at_end(
        self, owner_id: str, kind: str, prefix: str, happening: Happening, keep: Callable[[str], Awaitable[None]]
    ) -> None:
        """Let a document have the next number of its kind when the work closes, and tell of it then.

        The numbers have no gaps, so whoever takes one holds them all until commit: that is as late and short as can be.
        """
        seq = self.next_number(owner_id)
        told = Telling(self.moment, self._by_time, happening)
        self.documents.append(Numbered(kind, prefix, owner_id, seq, told, keep))

    async def close(self) -> None:
        """Write what was kept back: usage, numbers, bookings, events, how far the sequences went; none is left out."""
        await self.usage.flush()
        await self.write(await numbered(self.invoices, [self]))

    async def write(self, numbers: Mapping[Numbered, str]) -> None:
        """Write what was kept back, with the numbers that its documents were given; nothing happens after that."""
        present, by_time = self.moment, self._by_time
        for document in sorted(self.documents, key=_kind):
            await document.keep(number := numbers[document])
            self.moment, self._by_time = document.told.moment, document.told.by_time
            happening = document.told.happening
            told = happening._replace(after={**happening.after, "number": number})
            await self.record(document.owner_id, told, number=document.seq)
        self.moment, self._by_time, self.documents = present, by_time, []
        await self.books.flush()
        await self.journal.append(self._events)
        self._events = []
        reached = {owner_id: Reached(next_ - 1, self.at) for owner_id, next_ in self._numbers.items()}
        moved = {owner_id: to for owner_id, to in reached.items() if to != self._bumped[owner_id]}
        if moved:
            given = [{"owner": owner_id, "reached": to.seq, "now": to.at} for owner_id, to in moved.items()]
            await self._run.execute(REACH, given)
            self._bumped |= moved
