"""Comparing the time that is due with the time that was billed, piece by piece: never totals. (C17, C18)

Every piece that was billed and is not due becomes a credit, every piece due and not billed a charge. Where nothing is
left to compare there is no line: running it twice adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.invoicing.values import BillingMode, Charge, Credit, Given, Reckoned, Waived
from billing.money import rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from billing.invoicing.ruler import Ruler
    from billing.invoicing.values import Billed, Due, Rebate, Slot


@dataclass(frozen=True, slots=True)
class Agreed:
    """How a subscription is billed: how time is measured, what a credit is a share of, and today's discount of a slot.

    `rebate` is asked only where a piece is billed for the first time: a discount belongs to its line.
    """

    ruler: Ruler
    mode: BillingMode
    rebate: Callable[[Slot], Rebate | None]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What an elementary piece of time was settled as: by a line, or by a waiver, which may stand on a line."""

    root: str
    billed: Billed | None
    slot: Slot | None
    quantity: int
    waived: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """What differs in one piece: time settled that nothing is due for, and time due that nothing settled."""

    standing: _Standing | None
    due: Due | None
    period: Period


def reconcile(
    since: datetime,
    due: Sequence[Due],
    billed: Sequence[Billed],
    waived: Sequence[Waived],
    agreed: Agreed,
    *,
    prorate: bool = True,
) -> Reckoned:
    """Find what has to be charged and credited from `since` on; without `prorate` it is let go instead.

    What lies before `since` is settled. At any instant a slot is billed by one line at most; waivers come oldest first.
    """
    found = _joined(
        each for piece in _pieces(since, due, billed, waived) for each in _differences(piece, due, billed, waived)
    )
    if not prorate:
        return Reckoned(waived=tuple(_let_go(each) for each in found))
    recalled, found = _recall(found, billed)
    returns = _credits(found, agreed)
    charges = tuple(_charged(each.due, each.period, returns, agreed) for each in found if each.due is not None)
    return Reckoned(charges, tuple(credit for credit in returns if credit.amount), recalled=recalled)


def _pieces(
    since: datetime, due: Iterable[Due], billed: Iterable[Billed], waived: Iterable[Waived]
) -> Iterator[Period]:
    """The elementary pieces from `since` on: inside one, nothing begins or ends."""
    periods = [each.period for each in due] + [each.period for each in billed] + [each.period for each in waived]
    periods += [given.period for line in billed for given in line.credited]
    edges = {since, *(edge for each in periods for edge in (each.start, each.end) if edge > since)}
    return (Period(start, end) for start, end in pairwise(sorted(edges)))


def _differences(
    piece: Period, due: Iterable[Due], billed: Iterable[Billed], waived: Iterable[Waived]
) -> Iterator[_Found]:
    """Compare one elementary piece; what leaves and what comes in its place are told together."""
    owed = [each for each in due if _covers(each.period, piece) and each.slot.terms.full(each.quantity)]
    left: list[_Standing] = []
    for stands in _standing(piece, billed, waived):
        same = next((each for each in owed if _settles(stands, each)), None)
        if same is not None:
            owed.remove(same)
        elif stands.slot is not None:
            left.append(stands)
    for stands in left:
        taken = _partner(stands, owed)
        if taken is not None:
            owed.remove(taken)
        yield _Found(stands, taken, piece)
    for each in owed:
        yield _Found(None, each, piece)


def _standing(piece: Period, billed: Iterable[Billed], waived: Iterable[Waived]) -> list[_Standing]:
    """What settled the piece, after every waiver; those that stand on a credited line are gone with it."""
    found = {
        line.line_id: _Standing(line.line_id, line, line.slot, line.quantity)
        for line in billed
        if _covers(line.period, piece) and not any(_covers(given.period, piece) for given in line.credited)
    }
    for each in waived:
        if not _covers(each.period, piece):
            continue
        if not each.stands_on:
            found[each.waiver_id] = _Standing(each.waiver_id, None, each.slot, each.quantity, waived=True)
        elif (under := found.pop(each.stands_on, None)) is not None:
            root = each.waiver_id
            found[root] = _Standing(root, under.billed, each.slot, each.quantity, waived=True)
    return list(found.values())


def _settles(stands: _Standing, due: Due) -> bool:
    return stands.slot is not None and stands.slot.key == due.slot.key and stands.quantity == due.quantity


def _partner(stands: _Standing, owed: Iterable[Due]) -> Due | None:
    """What comes in the place of what leaves: of the same plan before another's, an add-on only for an add-on."""
    slot = stands.slot
    fitting = [each for each in owed if slot is not None and each.slot.add_on == slot.add_on]
    same = [each for each in fitting if slot is not None and each.slot.plan_id == slot.plan_id]
    return next(iter(same or ([] if slot is not None and slot.add_on else fitting)), None)


def _covers(period: Period, piece: Period) -> bool:
    return period.start <= piece.start and piece.end <= period.end


def _joined(found: Iterable[_Found]) -> list[_Found]:
    """Neighbouring pieces with the same difference, as one."""
    joined: list[_Found] = []
    for each in found:
        for index, other in enumerate(joined):
            same = (other.standing, other.due) == (each.standing, each.due)
            if same and other.period.end == each.period.start:
                joined[index] = replace(other, period=Period(other.period.start, each.period.end))
                break
        else:
            joined.append(each)
    return joined


def _recall(found: Sequence[_Found], billed: Iterable[Billed]) -> tuple[tuple[str, ...], list[_Found]]:
    """Where what is due again is exactly what a pending credit gave back, the credit goes and nothing is charged."""
    pending = [(line, given) for line in billed for given in line.credited if given.pending]
    recalled: list[str] = []
    kept: list[_Found] = []
    for each in found:
        match = next(
            (
                given.line_id
                for line, given in pending
                if each.due is not None
                and (line.slot.key, line.quantity, given.period) == (each.due.slot.key, each.due.quantity, each.period)
                and given.line_id not in recalled
            ),
            None,
        )
        if match is None:
            kept.append(each)
            continue
        recalled.append(match)
        if each.standing is not None:
            kept.append(replace(each, due=None))
    return tuple(recalled), kept


def _credits(found: Iterable[_Found], agreed: Agreed) -> list[Credit]:
    made: list[Credit] = []
    for each in found:
        if each.standing is None or each.standing.billed is None:
            continue
        billed = each.standing.billed
        before = tuple(Given("", c.period, c.amount) for c in made if c.billed.line_id == billed.line_id)
        line = replace(billed, credited=billed.credited + before)
        made.append(Credit(billed, each.period, _given_back(each.standing, line, each.period, agreed)))
    return made


def _given_back(standing: _Standing, line: Billed, piece: Period, agreed: Agreed) -> int:
    """A share of what was debited: at most what is left of it, and all that is left with the line's last piece.

    Time that was let go to something cheaper gives back no more than that costs.
    """
    share = agreed.ruler.share(piece, line.natural)
    if agreed.mode is BillingMode.CLASSIC:
        amount = rounded(line.slot.terms.full(line.quantity) * share)
    elif _last(line, piece):
        amount = line.left
    else:
        amount = rounded(line.net * agreed.ruler.share(piece, line.period))
    if standing.waived and standing.slot is not None:
        amount = min(amount, rounded(standing.slot.terms.full(standing.quantity) * share))
    return max(0, min(amount, line.left))


def _last(line: Billed, piece: Period) -> bool:
    """Whether nothing of the line's time is left once the piece is taken back."""
    reached = line.period.start
    for each in sorted((piece, *(given.period for given in line.credited)), key=lambda period: period.start):
        if each.start > reached:
            return False
        reached = max(reached, each.end)
    return reached >= line.period.end


def _charged(due: Due, piece: Period, returns: Sequence[Credit], agreed: Agreed) -> Charge:
    replaced = _replaced(due, piece, returns)
    gross = rounded(due.slot.terms.full(due.quantity) * agreed.ruler.share(piece, due.natural))
    rebate = agreed.rebate(due.slot) if replaced is None else _carried(replaced.billed, piece, agreed)
    discount = min(gross, rounded(rebate.of(gross, Fraction(1)))) if rebate else 0
    if replaced is not None and _costs_the_same(due, replaced, piece):
        gross = replaced.amount + discount  # equal prices cost nothing, to the unit
    return Charge(
        due=due,
        period=piece,
        gross=gross,
        discount=discount,
        rebate=rebate,
        replaces=replaced.billed.line_id if replaced else "",
        proration=piece != due.natural,
    )


def _replaced(due: Due, piece: Period, returns: Iterable[Credit]) -> Credit | None:
    """The credit of the same time that the charge takes the place of: of the same plan before another's."""
    fitting = [
        credit for credit in returns if _covers(credit.period, piece) and credit.billed.slot.add_on == due.slot.add_on
    ]
    same = [credit for credit in fitting if credit.billed.slot.plan_id == due.slot.plan_id]
    return next(iter(same or fitting), None)


def _carried(line: Billed, piece: Period, agreed: Agreed) -> Rebate | None:
    """The discount of a replaced line; of an amount, the share that falls to the piece."""
    if line.rebate is None or line.rebate.amount is None:
        return line.rebate
    return replace(line.rebate, amount=rounded(line.rebate.amount * agreed.ruler.share(piece, line.period)))


def _costs_the_same(due: Due, replaced: Credit, piece: Period) -> bool:
    line = replaced.billed
    same_price = line.slot.terms.full(line.quantity) == due.slot.terms.full(due.quantity)
    return same_price and line.natural == due.natural and replaced.period == piece


def _let_go(found: _Found) -> Waived:
    """What is not prorated is settled: as what is owed from now on, standing on what was billed."""
    stands_on = found.standing.root if found.standing is not None else ""
    if found.due is None:
        return Waived("", stands_on, found.period)
    return Waived("", stands_on, found.period, found.due.slot, found.due.quantity)
