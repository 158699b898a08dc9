"""What a subscription gives at an instant, and until when that may stay so. (K1)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import Period, period_at
from billing.entitlements.sources import NoAccess
from billing.instalments import ends_with_them, kept, over
from billing.lifecycle import Status
from billing.subscriptions import next_due

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts

_GIVES_NOT = {
    Status.NOT_STARTED: NoAccess.SUBSCRIPTION_NOT_STARTED,
    Status.INCOMPLETE: NoAccess.INCOMPLETE,
    Status.INCOMPLETE_EXPIRED: NoAccess.INCOMPLETE,
    Status.UNPAID: NoAccess.UNPAID,
    Status.PAUSED: NoAccess.PAUSED,
    Status.CANCELING: NoAccess.SUBSCRIPTION_ENDED,
    Status.CANCELED: NoAccess.SUBSCRIPTION_ENDED,
    Status.COMPLETED: NoAccess.SUBSCRIPTION_ENDED,
}


def no_access(facts: Facts, at: datetime) -> NoAccess | None:
    """Why the subscription, as of `at`, gives nothing; None while it gives."""
    if facts.status is Status.CANCELED and facts.access_until is not None and at < facts.access_until:
        return None
    if facts.status is Status.CANCELED and facts.trial_end is not None and facts.ended_at == facts.trial_end:
        return NoAccess.TRIAL_ENDED
    if facts.status is Status.PAST_DUE and facts.grace_until is not None and at >= facts.grace_until:
        return NoAccess.PAST_DUE
    if kept(facts):
        return None
    if facts.live and over(facts, at) and ends_with_them(facts):
        return NoAccess.SUBSCRIPTION_ENDED
    return _GIVES_NOT.get(facts.status)


def access_changes_at(facts: Facts, at: datetime) -> datetime | None:
    """The next instant after `at` at which what the subscription gives may be another; None where none is known."""
    grace = facts.grace_until if facts.status is Status.PAST_DUE else None
    paid_for = facts.instalments.completes_at if facts.instalments is not None else None
    known = (next_due(facts), grace, paid_for) if facts.live else (facts.access_until,)
    return min((instant for instant in known if instant is not None and instant > at), default=None)


def period_of_access(facts: Facts, at: datetime) -> Period:
    """The period that counters follow: it goes on with the access that outlives an end, as if that had not come.

    With access that is kept for good there is a new one after every interval, as there was while it was paid for. (K4)
    """
    if kept(facts) and at >= facts.period.end:
        return period_at(facts.anchor, facts.interval, at, facts.zone)
    end = facts.period.end if facts.access_until is None else max(facts.period.end, facts.access_until)
    return Period(facts.period.start, end)
