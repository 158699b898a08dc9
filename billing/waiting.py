"""A change that waits until no more is used than it leads to: tried when a period ends, and again when the next does.

What is used is no fact of a subscription, so time alone does not bring such a change: whoever makes permanent what is
due looks, and it is applied or held back. Until then what was there goes on. (S6)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import period_at
from billing.subscriptions import as_of

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts, Scheduled


def to_look_at(facts: Facts, at: datetime) -> tuple[Scheduled, ...]:
    """The changes that are due if they fit; none where an end comes first, with which they fall away."""
    due = tuple(change for change in facts.scheduled if change.until_fits and change.applies_at <= at)
    if not due:
        return ()
    then = as_of(facts, at)
    return due if then.live and (then.went_on_at is None or then.went_on_at < at) else ()


def fitting(facts: Facts) -> Facts:
    """The facts as if whatever waits until it fits did: then time brings it."""
    return replace(facts, scheduled=tuple(replace(each, until_fits=False) for each in facts.scheduled))


def let_go(facts: Facts, changes: tuple[Scheduled, ...]) -> Facts:
    """The facts where these changes fit: time brings them now."""
    return replace(
        facts,
        scheduled=tuple(replace(each, until_fits=False) if each in changes else each for each in facts.scheduled),
    )


def tried_at_its_end(facts: Facts) -> Facts:
    """The facts of a period that has begun anew: what would be tried inside it is tried when it ends."""
    end = facts.natural_end
    return replace(
        facts,
        scheduled=tuple(
            replace(each, applies_at=end) if each.until_fits and each.applies_at < end else each
            for each in facts.scheduled
        ),
    )


def held_back(facts: Facts, changes: tuple[Scheduled, ...], at: datetime) -> Facts:
    """The facts where these changes do not fit: they are tried again when the period ends that runs from here."""
    then = as_of(facts, at)
    ahead = then.natural_end > at  # a pause has no period that ends
    again = then.natural_end if ahead else period_at(then.anchor, then.interval, at, then.zone).end
    return replace(
        facts,
        scheduled=tuple(replace(each, applies_at=again) if each in changes else each for each in facts.scheduled),
    )
