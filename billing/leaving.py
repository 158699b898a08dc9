"""The end of a subscription: it is over, or goes on on the plan to which the end leads. (K1, S7)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.lifecycle import Status
from billing.periods import begin_period, cut

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts, Target


def ended(facts: Facts, at: datetime, access_until: datetime | None = None) -> Facts:
    """The facts of a subscription that ends: nothing is pending any more."""
    end = max(min(facts.period.end, at), facts.period.start)
    return replace(
        facts,
        status=Status.CANCELED,
        ended_at=at,
        period=Period(facts.period.start, end),
        scheduled=(),
        access_until=access_until,
    )


BEGUN = frozenset({Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID, Status.PAUSED})
"""Who has had something of it: what never began just ends, whatever would follow."""


def leave(facts: Facts, target: Target | None, at: datetime, access_until: datetime | None = None) -> Facts:
    """End, or go on on the plan to which the end leads: with nothing pending, on the same anchor, without a trial. (S7)

    The period goes on, as the counters do; where it is over, the next one begins.
    """
    if target is None or facts.status not in BEGUN:
        return ended(facts, at, access_until)
    gone_on = replace(
        facts,
        status=Status.ACTIVE,
        plan_id=target.plan_id,
        plan_version_id=target.plan_version_id,
        items=target.items,
        trial_end=facts.trial_end and min(facts.trial_end, at),
        scheduled=(),
        grace_until=None,
        went_on_at=at,
        instalments=None,
        trial_leads_to=facts.trial_leads_to if at == facts.trial_end else None,
    )
    return cut(gone_on) if at < facts.natural_end else begin_period(gone_on, at)
