"""Comparing the time that is due with the time that was billed, piece by piece: never totals. (C17, C18)

Every piece that was billed and is not due becomes a credit, every piece due and not billed a charge. Where nothing is
left to compare there is no line: running it twice adds nothing.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.differences import differences, takes_the_place
from billing.invoicing.values import BillingMode, Charge, Credit, Given, Reckoned, Waived
from billing.money import rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from billing.calendar import Period
    from billing.invoicing.differences import Difference, Standing, TakenBack
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

    What lies before `since` is settled. At any instant a slot is billed by one line at most; lines and waivers come
    oldest first.
    """
    found = differences(since, due, billed, waived)
    if not prorate:
        return Reckoned(waived=tuple(_let_go(each) for each in found))
    recalled = _recalled(since, found)
    if recalled:
        billed = [replace(line, credited=_kept(line.credited, recalled)) for line in billed]
        found = differences(since, due, billed, waived)
    regained = tuple(_let_go(each) for each in found if each.regained)
    found = [each for each in found if not each.regained]
    returns = _credits(found, agreed)
    charges = _charges(found, returns, billed, agreed)
    return Reckoned(tuple(charges), tuple(each for each in returns if each and each.amount), regained, recalled)


def _recalled(since: datetime, found: Iterable[Difference]) -> tuple[str, ...]:
    """Pending credits of time that is wanted back: they go as a whole, and their time is compared anew."""
    back = (each.taken_back.given for each in found if each.taken_back is not None and each.taken_back.wanted)
    return tuple(dict.fromkeys(given.line_id for given in back if given.pending and given.period.start >= since))


def _kept(credited: Iterable[Given], recalled: Sequence[str]) -> tuple[Given, ...]:
    return tuple(given for given in credited if given.line_id not in recalled)


def _credits(found: Iterable[Difference], agreed: Agreed) -> list[Credit | None]:
    """What each difference gives back; a line's own pieces are counted against one another."""
    made: list[Credit | None] = []
    for each in found:
        if each.standing is None or each.standing.billed is None:
            made.append(None)
            continue
        billed = each.standing.billed
        before = tuple(Given("", c.period, c.amount) for c in made if c and c.billed.line_id == billed.line_id)
        line = replace(billed, credited=billed.credited + before)
        made.append(Credit(billed, each.period, _given_back(each.standing, line, each.period, agreed)))
    return made


def _given_back(standing: Standing, line: Billed, piece: Period, agreed: Agreed) -> int:
    """A share of what was debited: at most what is left of it, and all that is left with the line's last piece.

    Time that was let go to something cheaper gives back no more than that costs.
    """
    share = agreed.ruler.share(piece, line.natural, line.slot.terms.interval)
    if agreed.mode is BillingMode.CLASSIC:
        amount = rounded(line.slot.terms.full(line.quantity) * share)
    elif _last(line, piece):
        amount = line.net - sum(_used_up(line, given, agreed) for given in line.credited)
    else:
        amount = rounded(line.net * agreed.ruler.share(piece, line.period, line.slot.terms.interval))
    if standing.let_go:
        amount = min(amount, rounded(standing.slot.terms.full(standing.quantity) * share) if standing.slot else 0)
    return max(0, min(amount, line.left))


def _used_up(line: Billed, given: Given, agreed: Agreed) -> int:
    """What a credited piece took of its line: what was given back, or all of its share where some was let go."""
    return max(
        given.amount, rounded(line.net * agreed.ruler.share(given.period, line.period, line.slot.terms.interval))
    )


def _last(line: Billed, piece: Period) -> bool:
    """Whether nothing of the line's time is left once the piece is taken back."""
    reached = line.period.start
    for each in sorted((piece, *(given.period for given in line.credited)), key=lambda period: period.start):
        if each.start > reached:
            return False
        reached = max(reached, each.end)
    return reached >= line.period.end


def _charges(
    found: Sequence[Difference], returns: Sequence[Credit | None], billed: Sequence[Billed], agreed: Agreed
) -> list[Charge]:
    made: list[Charge] = []
    for each, credit in zip(found, returns, strict=True):
        due, before = each.due, each.taken_back
        if due is None:
            continue
        if before is not None and before.wanted:
            made.append(_charged_again(due, each.period, before, agreed))
        elif credit is not None and each.standing is not None:
            made.append(_charged_instead(due, each.standing, credit, agreed))
        elif before is not None:
            made.append(_charged(due, each.period, _carried(before.line, each.period, agreed), before.line, agreed))
        elif beside := _beside(due, each.period, returns):
            made.append(_charged(due, each.period, _percent(beside.rebate), beside, agreed))
        else:
            made.append(_charged(due, each.period, _unspent(each, billed, made, agreed), None, agreed))
    return made


def _charged(due: Due, piece: Period, rebate: Rebate | None, replaced: Billed | None, agreed: Agreed) -> Charge:
    gross = _gross(due, piece, agreed)
    return _charge(due, piece, gross, _off(gross, rebate), rebate, replaced.line_id if replaced else "")


def _charged_again(due: Due, piece: Period, before: TakenBack, agreed: Agreed) -> Charge:
    """Time given back and wanted again costs what was given back, with the discount that it had."""
    line, given = before.line, before.given
    net = rounded(given.amount * agreed.ruler.share(piece, given.period, line.slot.terms.interval))
    rebate = _carried(line, piece, agreed)
    discount = max(0, _gross(due, piece, agreed) - net) if rebate else 0
    return _charge(due, piece, net + discount, discount, rebate, line.line_id, given.line_id)


def _charged_instead(due: Due, standing: Standing, credit: Credit, agreed: Agreed) -> Charge:
    """What replaces billed time keeps its discount. Equal prices cost nothing, to the unit.

    Nor does a step down from what the time was let go to, though less was paid for it.
    """
    piece, line = credit.period, credit.billed
    gross, rebate = _gross(due, piece, agreed), _carried(line, piece, agreed)
    discount = _off(gross, rebate)
    price = due.slot.terms.full(due.quantity)
    stood = standing.slot.terms.full(standing.quantity) if standing.slot else Fraction(0)
    if line.natural == due.natural and price == stood:
        gross = credit.amount + discount
    elif line.natural == due.natural and price < stood and standing.let_go:
        gross = min(gross, credit.amount + discount)
    return _charge(due, piece, gross, discount, rebate, line.line_id)


def _beside(due: Due, piece: Period, returns: Iterable[Credit | None]) -> Billed | None:
    """A line that is given back in the same time, where more prices come in the place of fewer."""
    given = (each for each in returns if each is not None and takes_the_place(due.slot, each.billed.slot))
    return next((each.billed for each in given if _meet(each.period, piece)), None)


def _percent(rebate: Rebate | None) -> Rebate | None:
    """Of a discount that another line carries on: a share goes with every part, an amount only with one."""
    return rebate if rebate is not None and rebate.amount is None else None


def _unspent(new: Difference, billed: Iterable[Billed], made: Iterable[Charge], agreed: Agreed) -> Rebate | None:
    """Today's discount, for time that is billed for the first time.

    An amount is spent once in an interval, in however many pieces that is billed.
    """
    due = new.due
    rebate = agreed.rebate(due.slot) if due is not None else None
    if due is None or rebate is None or rebate.amount is None:
        return rebate
    lines = [(each.slot, each.natural, each.period, each.rebate, _discount(each, agreed)) for each in billed]
    lines += [(each.due.slot, each.due.natural, each.period, each.rebate, each.discount) for each in made]
    spent = [
        amount
        for slot, natural, period, other, amount in lines
        if natural == due.natural and not _meet(period, new.period) and takes_the_place(due.slot, slot)
        if other is not None and other.discount_id == rebate.discount_id
    ]
    left = rebate.amount - sum(spent)
    return replace(rebate, amount=left) if left > 0 else None


def _discount(line: Billed, agreed: Agreed) -> int:
    gross = rounded(
        line.slot.terms.full(line.quantity) * agreed.ruler.share(line.period, line.natural, line.slot.terms.interval)
    )
    return max(0, gross - line.net)


def _meet(one: Period, other: Period) -> bool:
    return one.start < other.end and other.start < one.end


def _carried(line: Billed, piece: Period, agreed: Agreed) -> Rebate | None:
    """The discount of a replaced line; of an amount, the share that falls to the piece."""
    if line.rebate is None or line.rebate.amount is None:
        return line.rebate
    return replace(
        line.rebate,
        amount=rounded(line.rebate.amount * agreed.ruler.share(piece, line.period, line.slot.terms.interval)),
    )


def _off(gross: int, rebate: Rebate | None) -> int:
    return min(gross, rounded(rebate.of(gross, Fraction(1)))) if rebate is not None else 0


def _gross(due: Due, piece: Period, agreed: Agreed) -> int:
    return rounded(due.slot.terms.full(due.quantity) * agreed.ruler.share(piece, due.natural, due.slot.terms.interval))


def _charge(
    due: Due, piece: Period, gross: int, discount: int, rebate: Rebate | None, replaces: str, undoes: str = ""
) -> Charge:
    return Charge(due, piece, gross, discount, rebate, replaces, piece != due.natural, undoes)


def _let_go(found: Difference) -> Waived:
    """What is not prorated is settled: as what is owed from now on, standing on what was billed."""
    stands_on = found.standing.root if found.standing is not None else ""
    if found.due is None:
        return Waived("", stands_on, found.period)
    return Waived("", stands_on, found.period, found.due.slot, found.due.quantity)
