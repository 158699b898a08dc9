"""Lives of subscriptions for the laws: what is held when, reckoned as it changes, and written down plainly beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from billing.calendar import Interval, IntervalUnit, Period, local_instant
from billing.invoicing.ruler import ProrationUnit
from billing.invoicing.values import BillingMode, Due, Rebate
from tests.billing.invoicing import oracle
from tests.billing.invoicing.book import BERLIN, GREENWICH, NEW_YORK, Book, slot

if TYPE_CHECKING:
    from billing.invoicing.values import Reckoned

PRICES = {"free": 0, "basic": 999, "like basic": 999, "team": 2500, "big": 7001}
SUPPORT = "support"
SUPPORT_PRICE = 333
INTERVALS = {
    "week": Interval(IntervalUnit.WEEK),
    "month": Interval(IntervalUnit.MONTH),
    "quarter": Interval(IntervalUnit.MONTH, 3),
    "year": Interval(IntervalUnit.YEAR),
}
HOURS = {"week": 24 * 7, "month": 24 * 30, "quarter": 24 * 91, "year": 24 * 365}

zones = st.sampled_from((GREENWICH, BERLIN, NEW_YORK))
anchors = st.sampled_from(
    [datetime.fromisoformat(text) for text in ("2024-01-01T00:00", "2024-01-31T09:30", "2024-03-30T02:30")]
)
shares = st.builds(Fraction, st.integers(1, 99), st.just(100))
WHOLE: st.SearchStrategy[Rebate | None] = st.none()
PARTS = st.sampled_from((None, Rebate("half", ppm=500_000), Rebate("third", ppm=333_333)))
AMOUNTS = st.sampled_from(
    (None, Rebate("half", ppm=500_000), Rebate("some", amount=701), Rebate("much", amount=20_000))
)


@dataclass(frozen=True)
class Act:
    """Something a customer does, some part of an interval after the last act."""

    after: Fraction
    plan: str | None = None
    quantity: int | None = None
    add_on: bool | None = None
    ends: Fraction | None = None
    """End after such a part of an interval; 0 takes the end back."""
    prorate: bool = True
    invoiced: bool = False


@dataclass(frozen=True)
class Held:
    """What is held for a piece of time inside an interval."""

    period: Period
    natural: Period
    plan: str
    quantity: int
    add_on: bool


@dataclass
class Life:
    """One subscription: its book, what it holds now, and what it held."""

    book: Book
    name: str
    local: datetime
    at: datetime
    plan: str
    quantity: int = 1
    add_on: bool = False
    end: datetime | None = None
    held: list[Held] = field(default_factory=list[Held])
    turns: list[tuple[datetime, list[Due], bool]] = field(default_factory=list[tuple[datetime, list[Due], bool]])

    def part(self, of: Fraction) -> timedelta:
        """So much of an interval, in whole minutes."""
        return timedelta(minutes=int(HOURS[self.name] * 60 * of))

    def owed(self) -> list[Due]:
        """What is due from now to the end of the interval, or the subscription's."""
        natural = self.book.natural(self.at)
        end = natural.end if self.end is None else max(self.at, min(natural.end, self.end))
        piece = Period(self.at, end)
        plain = Due(slot(self.plan, PRICES[self.plan]), self.quantity, piece, natural)
        return [plain, Due(slot(SUPPORT, SUPPORT_PRICE, add_on=True), 1, piece, natural)] if self.add_on else [plain]

    def reckon(self, *, prorate: bool = True) -> Reckoned:
        """Bill what is held from now on, and write it down."""
        owed = self.owed()
        cut = [
            Held(Period(h.period.start, min(h.period.end, self.at)), *_rest(h))
            for h in self.held
            if h.period.start < self.at
        ]
        self.held = [*cut, Held(owed[0].period, owed[0].natural, self.plan, self.quantity, self.add_on)]
        self.turns.append((self.at, owed, prorate))
        return self.book.reckon(self.at, *owed, prorate=prorate)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.end is not None and self.end <= self.at

    def wait(self, part: Fraction) -> None:
        """Let time go by; intervals that begin are billed."""
        until = self.at + self.part(part)
        while (turn := self.book.natural(self.at).end) <= until and not self.over:
            self.at = turn
            if not self.over:
                self.reckon()
        self.at = until

    def live(self, act: Act) -> Reckoned | None:
        """Wait, and act; None where it is over."""
        self.wait(act.after)
        if self.over:
            return None
        self.plan = act.plan or self.plan
        self.quantity = act.quantity or self.quantity
        self.add_on = self.add_on if act.add_on is None else act.add_on
        if act.ends is not None:
            self.end = self.at + self.part(act.ends) if act.ends else None
        found = self.reckon(prorate=act.prorate)
        if act.invoiced:
            self.book.invoiced()
        return found


def _rest(held: Held) -> tuple[Period, str, int, bool]:
    return held.natural, held.plan, held.quantity, held.add_on


def share(life: Life, piece: Period, natural: Period) -> Fraction:
    """Which part of an interval a piece is, by the oracle's calendar."""
    unit = life.book.unit.value
    sides = (piece.start, piece.end), (natural.start, natural.end)
    return oracle.share(*sides, unit, life.name, life.local, life.book.zone)


def price(plan: str, quantity: int) -> int:
    """What a whole interval costs."""
    return PRICES[plan] * quantity


def integral(life: Life) -> Fraction:
    """The price over all the time that was held, exactly, after today's discount."""
    off = Fraction(life.book.rebate.ppm or 0, 1_000_000) if life.book.rebate else Fraction(0)
    return sum(
        (
            share(life, each.period, each.natural)
            * (price(each.plan, each.quantity) + (SUPPORT_PRICE if each.add_on else 0))
            * (1 - off)
            for each in life.held
        ),
        Fraction(0),
    )


@st.composite
def lives(
    draw: st.DrawFn,
    modes: tuple[BillingMode, ...] = tuple(BillingMode),
    rebates: st.SearchStrategy[Rebate | None] = PARTS,
) -> Life:
    """A subscription that begins inside an interval or with it, under one discount all its life."""
    name, zone, local = draw(st.sampled_from(sorted(INTERVALS))), draw(zones), draw(anchors)
    anchor = local_instant(local, zone)
    rebate = draw(rebates)
    mode = draw(st.sampled_from(modes)) if rebate is None else BillingMode.FLEXIBLE
    book = Book(anchor, INTERVALS[name], draw(st.sampled_from(ProrationUnit)), zone, mode, rebate)
    life = Life(book, name, local, anchor, draw(st.sampled_from(sorted(PRICES))), draw(st.integers(1, 5)))
    life.at += life.part(draw(st.just(Fraction(0)) | shares))
    life.reckon()
    return life


def acts(*, prorate: st.SearchStrategy[bool], most: int = 7) -> st.SearchStrategy[list[Act]]:
    """What a customer does in its life."""
    nothing = st.none()
    act = st.builds(
        Act,
        after=st.just(Fraction(0)) | shares,
        plan=nothing | st.sampled_from(sorted(PRICES)),
        quantity=nothing | st.integers(1, 5),
        add_on=nothing | st.booleans(),
        ends=nothing | st.just(Fraction(0)) | shares | shares.map(lambda part: part * 2),
        prorate=prorate,
        invoiced=st.booleans(),
    )
    return st.lists(act, max_size=most)
