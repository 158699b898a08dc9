"""What becomes of a CLASSIC subscription's anchor; a FLEXIBLE one's moves only when that is asked for. (C19)

While a cancel date shortens the present period the anchor is told as that date; time is shared out as if there were no
date all the same. Moving the date away leaves the anchor that was chosen in the first period, and the period's start
otherwise. Taking the date back gives the anchor back: payments resume on the day on which they were due before. (K15)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import period_at
from billing.invoicing.values import BillingMode

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts


def keeps_anchor(facts: Facts) -> bool:
    """Whether the anchor stays through a change: always in FLEXIBLE, in CLASSIC a chosen one in the first period."""
    first = facts.period.start == facts.starts_at
    return facts.billing_mode is BillingMode.FLEXIBLE or (facts.anchor_chosen and first)


def moved_anchor(facts: Facts) -> Facts:
    """Let the anchor answer to the cancel date as it is now; `facts.period` ends where it ended until now."""
    if facts.billing_mode is BillingMode.FLEXIBLE:
        return facts
    ends = facts.cancel_at
    if ends is not None and facts.period.start < ends < facts.period.end:
        return replace(facts, anchor_follows=ends)
    if ends is not None and facts.period.end < ends < facts.natural_end:
        return _moved_away(facts, ends)
    return facts if ends == facts.period.end else _given_back(facts)


def _moved_away(facts: Facts, ends: datetime) -> Facts:
    """The date is later in the present period than it was. A trial's end is the anchor whatever the date."""
    if facts.trying or keeps_anchor(facts):
        return replace(facts, anchor_follows=None)
    natural = period_at(facts.period.start, facts.interval, facts.period.start, facts.zone)
    if natural.end <= ends:
        return _given_back(facts)
    before = facts.anchor if facts.anchor_before is None else facts.anchor_before
    moved = replace(facts, anchor=natural.start, anchor_follows=None, anchor_before=before)
    return replace(moved, natural_end=natural.end)


def _given_back(facts: Facts) -> Facts:
    """No date shortens the present period any more."""
    if facts.anchor_before is None:
        return replace(facts, anchor_follows=None)
    natural = period_at(facts.anchor_before, facts.interval, facts.period.start, facts.zone)
    back = replace(facts, anchor=facts.anchor_before, anchor_follows=None, anchor_before=None)
    return replace(back, natural_end=natural.end)
