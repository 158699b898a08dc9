"""A subscription's lines and waivers as a store would keep them, and words for prices, times and dues."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from billing.calendar import Interval, IntervalUnit, Period, period_at
from billing.catalog.values import PriceModel
from billing.invoicing.reconcile import Agreed, reconcile
from billing.invoicing.ruler import ProrationUnit, Ruler
from billing.invoicing.values import Billed, BillingMode, Due, Given, Rebate, Reckoned, Slot, Terms, Waived
from billing.money import exponent

NANO = 10**9
GREENWICH, BERLIN, NEW_YORK = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
MONTH, YEAR = Interval(IntervalUnit.MONTH), Interval(IntervalUnit.YEAR)


def utc(text: str) -> datetime:
    """An instant written in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(start: str, end: str) -> Period:
    """A piece of time written in UTC."""
    return Period(utc(start), utc(end))


def slot(plan: str, amount: int, terms: Terms | None = None, *, add_on: bool = False) -> Slot:
    """A price of a plan: so many minor US cents a unit and month, or the terms."""
    plain = Terms("USD", MONTH, PriceModel.PER_UNIT, unit_amount=amount * NANO // 100)
    return Slot(plan, f"{plan}-price", terms or plain, add_on)


def yearly(plan: str, amount: int) -> Slot:
    """A price of so many cents a unit and year."""
    return slot(plan, amount, Terms("USD", YEAR, PriceModel.PER_UNIT, unit_amount=amount * NANO // 100))


def priced_in(currency: str, minor: int) -> Slot:
    """A monthly price of so many minor units of a currency."""
    nano = minor * 10 ** (9 - exponent(currency))
    return slot("plan", 0, Terms(currency, MONTH, PriceModel.FLAT, unit_amount=nano))


def due(of: Slot, start: str, end: str, natural: tuple[str, str], quantity: int = 1) -> Due:
    """What is owed from start to end, inside its natural interval."""
    return Due(of, quantity, between(start, end), between(*natural))


@dataclass
class Book:
    """Reckons, and keeps what was reckoned: lines and waivers oldest first, credits pending until `invoiced`."""

    anchor: datetime = field(default_factory=lambda: utc("2024-01-01"))
    interval: Interval = MONTH
    unit: ProrationUnit = ProrationUnit.SECOND
    zone: ZoneInfo = GREENWICH
    mode: BillingMode = BillingMode.FLEXIBLE
    rebate: Rebate | None = None
    billed: list[Billed] = field(default_factory=list[Billed])
    waived: list[Waived] = field(default_factory=list[Waived])
    rounded: int = 0
    last: int = 0

    def reckon(self, since: datetime | str, *owed: Due, prorate: bool = True) -> Reckoned:
        """Compare what is owed with what is kept, and keep the outcome."""
        at = utc(since) if isinstance(since, str) else since
        found = self.compared(at, *owed, prorate=prorate)
        self.billed = [
            replace(line, credited=tuple(each for each in line.credited if each.line_id not in found.recalled))
            for line in self.billed
        ]
        for credit in found.credits:
            given = Given(self._next("credit"), credit.period, credit.amount, pending=True)
            self.billed = [
                replace(line, credited=(*line.credited, given)) if line.line_id == credit.billed.line_id else line
                for line in self.billed
            ]
        for charge in found.charges:
            made = self._next("line")
            of = charge.due
            self.billed.append(
                Billed(made, of.slot, of.quantity, charge.period, of.natural, charge.net, (), charge.rebate)
            )
        self.waived += [replace(each, waiver_id=self._next("waiver")) for each in found.waived]
        self.rounded += len(found.charges) + len(found.credits)
        return found

    def compared(self, at: datetime, *owed: Due, prorate: bool = True) -> Reckoned:
        """The outcome alone."""
        ruler = Ruler(self.unit, self.anchor, self.zone)
        agreed = Agreed(ruler, self.mode, lambda _: self.rebate)
        return reconcile(at, owed, self.billed, self.waived, agreed, prorate=prorate)

    def invoiced(self) -> None:
        """Put every pending credit on an invoice."""
        self.billed = [
            replace(line, credited=tuple(replace(each, pending=False) for each in line.credited))
            for line in self.billed
        ]

    def undone(self, waivers: tuple[Waived, ...]) -> None:
        """Remove the waivers that an act had made, as its undo does."""
        gone = [(each.stands_on, each.period, each.slot) for each in waivers]
        self.waived = [each for each in self.waived if (each.stands_on, each.period, each.slot) not in gone]

    @property
    def total(self) -> int:
        """What was billed in all, less what was given back."""
        return sum(line.left for line in self.billed)

    def natural(self, at: datetime) -> Period:
        """The interval that contains an instant."""
        return period_at(self.anchor, self.interval, at, self.zone)

    def _next(self, kind: str) -> str:
        self.last += 1
        return f"{kind}-{self.last}"


def charges(found: Reckoned) -> list[int]:
    """What was charged, line by line, after discount."""
    return [each.net for each in found.charges]


def credits_of(found: Reckoned) -> list[int]:
    """What was given back, line by line."""
    return [each.amount for each in found.credits]


def lines(found: Reckoned) -> list[int]:
    """Every amount: charges, then credits with their minus."""
    return charges(found) + [-each for each in credits_of(found)]
