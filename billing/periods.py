"""The present period of a subscription: where it begins, and where a cancel date cuts it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.anchoring import moved_anchor
from billing.calendar import Period, period_at

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts


def cut(facts: Facts) -> Facts:
    """Let the present period end where a pending cancellation falls inside it, or at its natural end. (C17, K15)

    `facts.period` is as it was until now: a date that moves may move the anchor, and with it the natural end. (C19)
    """
    facts = moved_anchor(facts)
    cancel_at = facts.cancel_at
    end = facts.natural_end
    if cancel_at is not None and facts.period.start < cancel_at < end:
        end = cancel_at
    return replace(facts, period=Period(facts.period.start, end))


def begin_period(facts: Facts, at: datetime) -> Facts:
    """Begin the period that contains `at` by the anchor; it starts at `at`, and a cancel date inside shortens it."""
    natural = period_at(facts.anchor, facts.interval, at, facts.zone)
    begun = replace(facts, period=Period(at, natural.end), natural_end=natural.end)
    return cut(replace(begun, anchor_follows=None, anchor_before=None))
