"""Where the time that is due and the time that was settled differ, piece by piece."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from billing.invoicing.values import Billed, Due, Given, Slot, Waived


@dataclass(frozen=True, slots=True)
class Standing:
    """What a piece of time was settled as: by a line, or by a waiver, which may stand on a line."""

    root: str
    billed: Billed | None
    slot: Slot | None
    quantity: int

    @property
    def let_go(self) -> bool:
        """Whether it stands for something else than what was billed."""
        return self.billed is not None and not (
            self.slot is not None and _same(self.slot, self.quantity, self.billed.slot, self.billed.quantity)
        )


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A line that had billed the time, the credit that took it back, and whether it stood for just what is due."""

    line: Billed
    given: Given
    wanted: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one piece: time settled that is not due, and time due in its place that nothing settles."""

    standing: Standing | None
    due: Due | None
    period: Period
    taken_back: TakenBack | None = None

    @property
    def regained(self) -> bool:
        """Whether what is due is what was billed all along, and only let go in between: it was never given back."""
        billed = self.standing.billed if self.standing is not None else None
        return billed is not None and self.due is not None and _wanted(self.due, billed.slot, billed.quantity)


def differences(
    since: datetime, due: Sequence[Due], billed: Sequence[Billed], waived: Sequence[Waived]
) -> list[Difference]:
    """Compare from `since` on. Lines and waivers come oldest first."""
    if not billed and not waived:  # a beginning or a renewal: nothing to compare with
        found = (_new(since, each) for each in due if each.period.end > since and _costs(each))
        return sorted(
            (each for each in found if each.period.start < each.period.end), key=lambda each: each.period.start
        )
    pieces = _pieces(since, due, billed, waived)
    return _joined(each for piece in pieces for each in _compared(piece, due, billed, waived))


def _new(since: datetime, due: Due) -> Difference:
    return Difference(None, due, due.period if due.period.start >= since else Period(since, due.period.end))


def _pieces(
    since: datetime, due: Iterable[Due], billed: Iterable[Billed], waived: Iterable[Waived]
) -> Iterator[Period]:
    """The elementary pieces from `since` on: inside one, nothing begins or ends."""
    periods = [each.period for each in due] + [each.period for each in billed] + [each.period for each in waived]
    periods += [given.period for line in billed for given in line.credited]
    edges = {since, *(edge for each in periods for edge in (each.start, each.end) if edge > since)}
    return (Period(start, end) for start, end in pairwise(sorted(edges)))


def _compared(
    piece: Period, due: Iterable[Due], billed: Sequence[Billed], waived: Iterable[Waived]
) -> Iterator[Difference]:
    """Compare one elementary piece; what leaves and what comes in its place are told together."""
    owed = [each for each in due if _covers(each.period, piece) and _costs(each)]
    left: list[Standing] = []
    for stands in _standing(piece, billed, waived):
        settled = next((each for each in owed if stands.slot and _wanted(each, stands.slot, stands.quantity)), None)
        if settled is None:
            left.append(stands)
        else:
            owed.remove(settled)
    for stands, taken in _paired(left, owed):
        if stands.slot is not None or taken is not None:
            before = None if taken is None else _taken_back(piece, taken, billed, waived)
            yield Difference(stands, taken, piece, before if before is not None and before.wanted else None)
    for each in owed:
        yield Difference(None, each, piece, _taken_back(piece, each, billed, waived))


def _standing(piece: Period, billed: Iterable[Billed], waived: Iterable[Waived]) -> list[Standing]:
    """What settled the piece, after every waiver; those that stand on a credited line are gone with it."""
    lines = [line for line in billed if not any(_covers(given.period, piece) for given in line.credited)]
    return _after_waivers(piece, lines, waived)


def _after_waivers(piece: Period, lines: Iterable[Billed], waived: Iterable[Waived]) -> list[Standing]:
    found = {
        line.line_id: Standing(line.line_id, line, line.slot, line.quantity)
        for line in lines
        if _covers(line.period, piece)
    }
    for each in waived:
        if not _covers(each.period, piece):
            continue
        if not each.stands_on:
            found[each.waiver_id] = Standing(each.waiver_id, None, each.slot, each.quantity)
        elif (under := found.pop(each.stands_on, None)) is not None:
            found[each.waiver_id] = Standing(each.waiver_id, under.billed, each.slot, each.quantity)
    return list(found.values())


def _paired(left: Sequence[Standing], owed: list[Due]) -> Iterator[tuple[Standing, Due | None]]:
    """What leaves with what comes in its place, which is taken from `owed`: first what was billed all along."""
    pairs: dict[str, Due] = {}
    for stands in left:
        billed = stands.billed
        again = next((each for each in owed if billed and _wanted(each, billed.slot, billed.quantity)), None)
        if again is not None:
            owed.remove(again)
            pairs[stands.root] = again
    for stands in reversed(left):  # the newest first: of what is worth nothing any more, an older line is left over
        if stands.slot is not None and stands.root not in pairs:
            taken = _partner(stands.slot, owed)
            if taken is not None:
                owed.remove(taken)
                pairs[stands.root] = taken
    return ((stands, pairs.get(stands.root)) for stands in left)


def _partner(slot: Slot, owed: Iterable[Due]) -> Due | None:
    """What comes in the place of a slot: of its plan before another's, priced alike before otherwise."""
    fitting = (each for each in owed if takes_the_place(each.slot, slot))
    return max(
        fitting,
        key=lambda each: (each.slot.plan_id == slot.plan_id, each.slot.terms.model is slot.terms.model),
        default=None,
    )


def takes_the_place(new: Slot, old: Slot) -> bool:
    """Whether one can come in the other's place: a plan in a plan's, an add-on in its own only."""
    return new.add_on == old.add_on and (new.plan_id == old.plan_id or not new.add_on)


def _taken_back(piece: Period, due: Due, billed: Sequence[Billed], waived: Iterable[Waived]) -> TakenBack | None:
    """The newest line of the same interval that was taken back here: best one that stood for just what is due."""
    found: TakenBack | None = None
    for line in billed:
        given = next((each for each in line.credited if _covers(each.period, piece)), None)
        if given is None or not _one_interval(line, due) or not takes_the_place(due.slot, line.slot):
            continue
        stood = _after_waivers(piece, (line,), waived)
        wanted = any(each.billed and each.slot and _wanted(due, each.slot, each.quantity) for each in stood)
        if wanted or found is None or not found.wanted:
            found = TakenBack(line, given, wanted)
    return found


def _one_interval(line: Billed, due: Due) -> bool:
    """Whether a line billed the interval that is due; an anchor that moved onto its start may have moved its end."""
    alike = line.slot.terms.interval == due.slot.terms.interval
    return line.natural == due.natural or (alike and line.natural.start == due.natural.start)


def _joined(found: Iterable[Difference]) -> list[Difference]:
    """Neighbouring pieces with the same difference, as one."""
    joined: list[Difference] = []
    for each in found:
        for index, other in enumerate(joined):
            same = (other.standing, other.due, other.taken_back) == (each.standing, each.due, each.taken_back)
            if other.period.end == each.period.start and same:
                joined[index] = replace(other, period=Period(other.period.start, each.period.end))
                break
        else:
            joined.append(each)
    return joined


def _covers(period: Period, piece: Period) -> bool:
    return period.start <= piece.start and piece.end <= period.end


def _costs(due: Due) -> bool:
    return bool(due.slot.terms.full(due.quantity))


def _wanted(due: Due, slot: Slot, quantity: int) -> bool:
    return _same(due.slot, due.quantity, slot, quantity)


def _same(slot: Slot, quantity: int, other: Slot, others: int) -> bool:
    return quantity == others and slot.key == other.key
