"""The rules of a counted feature kept as plain books, apart from the engine: rows in lists, tokens taken one by one.

One subscription by calendar months in UTC, `size` per seat and month. Nothing of the engine is used.
It is also the oracle of what rolls over, which is a rule about a history and not about one instant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LIMIT, ROLLED = "limit", "rolled"
THRESHOLDS = (50, 100)


@dataclass
class Row:
    """One row of the ledger, and what each pot bore of it, in the order in which rows were written."""

    at: datetime
    bore: dict[str, int]

    @property
    def amount(self) -> int:
        """All of it."""
        return sum(self.bore.values())


@dataclass
class Given:
    """A grant."""

    name: str
    amount: int
    priority: int
    since: datetime
    until: datetime
    revoked: datetime = NEVER


@dataclass
class Instead:
    """An override."""

    limit: int
    since: datetime
    until: datetime


@dataclass
class Hold:
    """A reservation, and what it holds in the order in which that burns."""

    parts: list[tuple[str, int]]
    since: datetime
    until: datetime
    ended: datetime = NEVER

    def holds(self, at: datetime) -> bool:
        """Whether it holds at an instant."""
        return self.since <= at < min(self.until, self.ended)


def window(at: datetime) -> tuple[datetime, datetime]:
    """The calendar month of an instant."""
    start = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


@dataclass
class Books:
    """Everything that was done, and the present."""

    hard: bool
    size: int = 10
    most: int = 6
    least: int = 2
    now: datetime = BEGINNING
    rows: list[Row] = field(default_factory=list[Row])
    grants: list[Given] = field(default_factory=list[Given])
    overrides: list[Instead] = field(default_factory=list[Instead])
    holds: list[Hold] = field(default_factory=list[Hold])
    told_of: dict[tuple[datetime, int], int] = field(default_factory=dict[tuple[datetime, int], int])
    seats: list[tuple[datetime, int]] = field(default_factory=lambda: [(BEGINNING, 1)])
    reached: list[tuple[datetime, datetime, int]] = field(default_factory=list[tuple[datetime, datetime, int]])

    # -- what stands ---------------------------------------------------------------------------------------------

    def limit(self, at: datetime) -> int:
        """What the seats of an instant allow."""
        return self.size * [seats for since, seats in self.seats if since <= at][-1]

    def override(self, at: datetime) -> Instead | None:
        """What stands instead."""
        found = [each for each in self.overrides if each.since <= at < each.until]
        return found[-1] if found else None

    def bore(self, pot: str, since: datetime, until: datetime, at: datetime = NEVER) -> int:
        """What a pot bore of rows in a span, up to an instant."""
        return sum(row.bore.get(pot, 0) for row in self.rows if since <= row.at < until and row.at <= at)

    def held(self, pot: str, at: datetime) -> int:
        """What is held of a pot."""
        return sum(part for hold in self.holds if hold.holds(at) for name, part in hold.parts if name == pot)

    def rolled(self, start: datetime) -> int:
        """What rolls over into the window that begins then."""
        last = start - TICK
        if last < BEGINNING or self.override(last):
            return 0
        unspent = self.limit(last) - self.bore(LIMIT, *window(last))
        carried = min(self.most, max(0, unspent))
        return carried if carried >= self.least else 0

    def pots(self, at: datetime, reach: datetime) -> list[tuple[str, int]]:
        """Every pot in burning order with what is free in it, for usage at `at` as it is known at `reach`.

        `reach` is `at` itself in a question, and the present where usage is dated back: seats and overrides are those
        of `at`, what is used and held, and which grants there are, those of `reach`.
        """
        start, end = window(at)
        limit, used = self.limit(at), self.bore(LIMIT, start, end, reach)
        over = self.override(at)
        if over:
            return [(LIMIT, max(0, over.limit - used - self.held(LIMIT, reach)))]
        room, held = max(0, limit - used), self.held(LIMIT, reach)
        carried = max(0, self.rolled(start) - self.bore(ROLLED, start, end, reach))
        ordered: list[tuple[Any, str, int]] = [
            ((50, end, BEGINNING, 0, ""), LIMIT, max(0, room - held)),
            ((10, end, start, 1, ROLLED), ROLLED, max(0, carried - max(0, held - room))),
        ]
        for grant in self.grants:
            if grant.since <= at < grant.until and grant.since <= reach < grant.revoked:
                burned = self.bore(grant.name, datetime.min.replace(tzinfo=UTC), NEVER, reach)
                free = max(0, grant.amount - burned - self.held(grant.name, reach))
                ordered.append(((grant.priority, grant.until, grant.since, 1, grant.name), grant.name, free))
        return [(name, free) for _, name, free in sorted(ordered)]

    def answer(self, at: datetime) -> dict[str, Any]:
        """What a question is answered."""
        start, end = window(at)
        over, pots = self.override(at), self.pots(at, at)
        limit = over.limit if over else self.limit(at)
        used = self.bore(LIMIT, start, end, at)
        grants = [] if over else [name for name, _ in pots if name not in (LIMIT, ROLLED)]
        remaining = sum(free for _, free in pots)
        allowed = bool(over) is False and not self.hard
        above = max(0, used + self.held(LIMIT, at) - limit)
        return {
            "hasAccess": allowed or remaining > 0,
            "reason": "GRANTED" if allowed or remaining else "LIMIT_REACHED",
            "used": str(used),
            "limit": str(limit),
            "remaining": str(remaining),
            "overBy": str(above),
            "reserved": str(self.held(LIMIT, at) + sum(self.held(name, at) for name in grants)),
            "allowanceLeft": str(0 if over else sum(free for name, free in pots if name != LIMIT)),
            "windowStart": start.date().isoformat(),
            "resetsAt": end.date().isoformat(),
        }

    # -- acts ----------------------------------------------------------------------------------------------------

    def denied(self, amount: int) -> str | None:
        """Why an amount cannot be taken now."""
        told = self.answer(self.now)
        if (not self.override(self.now) and not self.hard) or int(told["remaining"]) >= amount:
            return None
        return "REQUESTED_EXCEEDS_LIMIT" if int(told["remaining"]) else "LIMIT_REACHED"

    def spread(self, amount: int, at: datetime) -> dict[str, int]:
        """Take tokens from the first pot that has one; from nowhere is from the limit."""
        if self.override(at):
            return {LIMIT: amount}
        pots, taken = dict(self.pots(at, self.now)), dict[str, int]()
        for _ in range(amount):
            name = next((name for name, free in pots.items() if free), LIMIT)
            pots[name] -= 1
            taken[name] = taken.get(name, 0) + 1
        return taken

    def use(self, amount: int, at: datetime | None = None) -> None:
        """Write usage down."""
        self.rows.append(Row(at or self.now, self.spread(amount, at or self.now)))
        self.notice(at or self.now)

    def notice(self, at: datetime) -> None:
        """Tell what the limit's use has come to, once a window and again of a raised limit that is crossed anew."""
        start, end = window(at)
        over = self.override(self.now)
        limit, used = over.limit if over else self.limit(self.now), self.bore(LIMIT, start, end, self.now)
        before = used - self.rows[-1].bore.get(LIMIT, 0)
        for percent in THRESHOLDS if limit and end > self.now else ():
            told = self.told_of.get((start, percent))
            anew = told is None or (told < limit and before * 100 < limit * percent)
            if anew and used * 100 >= limit * percent:
                self.told_of[start, percent] = limit
                self.reached.append((start, self.now, percent))

    def total(self, at: datetime) -> int:
        """All that was written into a window."""
        start, end = window(at)
        return sum(row.amount for row in self.rows if start <= row.at < end)

    def take_back(self, amount: int, at: datetime) -> bool:
        """Write a correction down; False where some instant since would have less than nothing."""
        start, end = window(at)
        instants = [at, *(row.at for row in self.rows if at < row.at < end)]
        late = [row for row in self.rows if start <= row.at <= at]
        burned = {name: place for place, row in enumerate(late) for name, part in row.bore.items() if part > 0}
        grants = sorted((name for name in burned if name not in (LIMIT, ROLLED)), key=lambda n: (burned[n], n))
        back: dict[str, int] = {}
        for pot in (LIMIT, *reversed(grants), ROLLED):
            least = min(self.bore(pot, start, end, instant) for instant in instants)
            if part := min(amount, max(0, least)):
                back[pot], amount = -part, amount - part
        if amount:
            return False
        self.rows.append(Row(at, back))
        return True

    def hold(self, amount: int, until: datetime) -> None:
        """Reserve: what was rolled over is held with the limit, in the limit's place."""
        taken = self.spread(amount, self.now)
        order = [name for name, _ in self.pots(self.now, self.now) if name != ROLLED]
        counter = taken.pop(ROLLED, 0) + taken.pop(LIMIT, 0)
        parts = [(name, counter if name == LIMIT else taken.get(name, 0)) for name in order]
        self.holds.append(Hold([part for part in parts if part[1]], self.now, until))

    def settle(self, hold: Hold, amount: int) -> str | None:
        """Settle: first what is held, in its order, then what is beyond it; or why that is denied."""
        reserved = sum(part for _, part in hold.parts)
        beyond: dict[str, int] = {}
        if amount > reserved:
            if reason := self.denied(amount - reserved):
                return reason
            beyond = self.spread(amount - reserved, self.now)
        rest = min(amount, reserved)
        bore = {name: part for name, part in beyond.items() if name not in (LIMIT, ROLLED)}
        counter = beyond.get(LIMIT, 0) + beyond.get(ROLLED, 0)
        for name, part in hold.parts:
            piece, rest = min(rest, part), rest - min(rest, part)
            if name == LIMIT:
                counter += piece
            else:
                bore[name] = bore.get(name, 0) + piece
        start, end = window(self.now)
        carried = 0 if self.override(self.now) else max(0, self.rolled(start) - self.bore(ROLLED, start, end))
        bore[ROLLED] = min(counter, carried)
        bore[LIMIT] = counter - bore[ROLLED]
        hold.ended = self.now
        self.rows.append(Row(self.now, bore))
        self.notice(self.now)
        return None
