"""A life once more, cell by cell and to the fraction: the oracle where some changes are not prorated.

A cell is a moment at which nothing begins or ends. It keeps what was paid for it, apart for every time it was billed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from billing.calendar import Period
from tests.billing.invoicing.lives import PRICES, SUPPORT, SUPPORT_PRICE, share

if TYPE_CHECKING:
    from datetime import datetime

    from billing.invoicing.values import Due
    from tests.billing.invoicing.lives import Life

Want = tuple[str, int]


@dataclass
class Paid:
    """A time that the cell was billed: for what, how much is paid, and what it stands for now."""

    billed: Want | None
    amount: Fraction
    stands: Want | None


@dataclass
class Cell:
    """One lane of one moment."""

    period: Period
    part: Fraction
    paid: list[Paid] = field(default_factory=list[Paid])
    returned: list[Paid] = field(default_factory=list[Paid])
    total: Fraction = Fraction(0)

    def price(self, want: Want | None) -> Fraction:
        """What a plan costs for the cell."""
        if want is None:
            return Fraction(0)
        return self.part * (SUPPORT_PRICE if want[0] == SUPPORT else PRICES[want[0]]) * want[1]

    def turn(self, want: Want | None, *, prorate: bool) -> None:
        """Go over to what is wanted from now on."""
        settled = next((each for each in self.paid if want is not None and each.stands == want), None)
        others = [each for each in self.paid if each is not settled]
        missing = want if settled is None else None
        for each in others:
            if missing is not None and each.billed == missing:
                each.stands, missing, settled = missing, None, each
        leaving = [each for each in others if each.stands is not None and each is not settled]
        if prorate:
            self._exchange(leaving, missing)
        elif missing is None:
            for each in leaving:
                each.stands = None
        elif leaving:
            leaving[-1].stands = missing
            for each in leaving[:-1]:
                each.stands = None
        else:
            self.paid.append(Paid(None, Fraction(0), missing))

    def _exchange(self, leaving: list[Paid], missing: Want | None) -> None:
        """Give back what leaves, and charge what is missing: what was given back for it before, or its price."""
        replaced = leaving[-1] if leaving and leaving[-1].billed is not None else None
        charge = self.price(missing)
        before = next(
            (each for each in reversed(self.returned) if missing is not None and each.stands == missing), None
        )
        if before is not None:
            charge = before.amount
        elif replaced is not None and replaced.stands != replaced.billed and charge <= self.price(replaced.stands):
            charge = min(charge, self.back(replaced)) if charge < self.price(replaced.stands) else self.back(replaced)
        for each in leaving:
            if each.billed is not None:
                self.total -= self.back(each)
                self.returned.append(Paid(each.billed, self.back(each), each.stands))
                self.paid.remove(each)
        if missing is not None:
            self.total += charge
            self.paid.append(Paid(missing, charge, missing))

    def back(self, paid: Paid) -> Fraction:
        """What is given back: what was paid, and of time let go no more than what it stands for costs."""
        return paid.amount if paid.stands == paid.billed else min(paid.amount, self.price(paid.stands))


def exactly(life: Life) -> Fraction:
    """What the whole life costs, credits being invoiced at once."""
    edges = sorted({at for _, owed, _ in life.turns for each in owed for at in _edges(each)})
    total = Fraction(0)
    for piece in (Period(start, end) for start, end in pairwise(edges)):
        for lane in (False, True):
            total += _lived(life, piece, add_on=lane)
    return total


def _edges(due: Due) -> tuple[datetime, ...]:
    return due.period.start, due.period.end, due.natural.start, due.natural.end


def _lived(life: Life, piece: Period, *, add_on: bool) -> Fraction:
    natural = life.book.natural(piece.start)
    cell = Cell(piece, share(life, piece, natural))
    for at, owed, prorate in life.turns:
        if not natural.contains(at) or piece.start < at:
            continue
        held = next((each for each in owed if each.slot.add_on == add_on), None)
        here = held is not None and held.period.start <= piece.start and piece.end <= held.period.end
        free = held is None or held.slot.plan_id == "free"
        cell.turn(None if held is None or free or not here else (held.slot.plan_id, held.quantity), prorate=prorate)
    return cell.total
