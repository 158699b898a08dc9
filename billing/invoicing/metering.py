"""How often usage is billed: with the subscription's own period, or oftener where its price recurs sooner.

A shorter period of a metered price is counted along the subscription's anchor and billed whole, tiers from zero, also
across the end of the subscription's own; only a change of the price and the end of the subscription cut it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import period_at
from billing.mrr import a_month

if TYPE_CHECKING:
    from datetime import datetime

    from billing.calendar import Interval
    from billing.subscriptions import Facts


def recurs_sooner(price: Interval, facts: Facts) -> bool:
    """Whether a metered price has periods of its own within the subscription's."""
    return a_month(price) > a_month(facts.interval)


def closes(price: Interval, facts: Facts, at: datetime) -> bool:
    """Whether a period of a metered price ends where the subscription's own does."""
    return not recurs_sooner(price, facts) or period_at(facts.anchor, price, at, facts.zone).start == at


def usage_due_at(price: Interval, facts: Facts, billed_until: datetime) -> datetime | None:
    """When usage is billed next by itself; None where that comes with the end of the subscription's period."""
    if not recurs_sooner(price, facts):
        return None
    ends = period_at(facts.anchor, price, billed_until, facts.zone).end
    return ends if ends < facts.period.end else None
