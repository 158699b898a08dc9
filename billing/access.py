"""What a subscription gives at an instant, and until when that may stay so. (K1)"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from billing.calendar import Period, period_at
from billing.entitlements.sources import NoAccess
from billing.instalments import ends_with_them, kept, over
from billing.lifecycle import Status

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscribed import Subscribed

_RUNNING = frozenset({Status.ACTIVE, Status.TRIALING})
_CANCELED, _PAST_DUE = Status.CANCELED, Status.PAST_DUE
"""Looked up once, as a member of an enum takes as long to find as one of these steps."""
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


class Access(NamedTuple):
    """The period that counters follow, why nothing is given, and the next instant at which that may change."""

    period: Period
    no_access: NoAccess | None
    changes_at: datetime | None


def access_of(of: Subscribed, at: datetime) -> Access:
    """Say all of it; what runs, and is neither ended nor paid in parts, gives until something is due."""
    if of.status in _RUNNING and of.access_until is None and of.instalments is None:
        due = of.due_at
        return Access(of.period, None, due if due is not None and due > at else None)
    return Access(period_of_access(of, at), no_access(of, at), access_changes_at(of, at))


def no_access(of: Subscribed, at: datetime) -> NoAccess | None:
    """Why the subscription, as of `at`, gives nothing; None while it gives."""
    status = of.status
    if status is _CANCELED and of.access_until is not None and at < of.access_until:
        return None
    if status is _CANCELED and of.trial_end is not None and of.ended_at == of.trial_end:
        return NoAccess.TRIAL_ENDED
    if status is _PAST_DUE and of.grace_until is not None and at >= of.grace_until:
        return NoAccess.PAST_DUE
    if of.instalments is not None and of.live and over(of, at) and ends_with_them(of):
        return NoAccess.SUBSCRIPTION_ENDED
    if kept(of):
        return None
    return _GIVES_NOT.get(status)


def access_changes_at(of: Subscribed, at: datetime) -> datetime | None:
    """The next instant after `at` at which what the subscription gives may be another; None where none is known."""
    if not of.live:
        return _first_after(at, of.access_until)
    instalments = of.instalments
    grace = of.grace_until if of.status is _PAST_DUE else None
    paid_for = instalments.completes_at if instalments is not None else None
    return _first_after(at, of.due_at, grace, paid_for)


def period_of_access(of: Subscribed, at: datetime) -> Period:
    """The period that counters follow: it goes on with the access that outlives an end, as if that had not come.

    With access that is kept for good there is a new one after every interval, as there was while it was paid for. (K4)
    """
    period, until = of.period, of.access_until
    if at >= period.end and kept(of):
        return period_at(of.anchor, of.interval, at, of.zone)
    return period if until is None or until <= period.end else Period(period.start, until)


def _first_after(at: datetime, *instants: datetime | None) -> datetime | None:
    return min([each for each in instants if each is not None and each > at], default=None)
