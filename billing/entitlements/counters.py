"""Which usage counts against a limit: the winner's scope and the window that contains the instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import Interval, IntervalUnit, calendar_anchor, period_at
from billing.entitlements.limits import beats, limit_source
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Counter, FeatureKind, ResetAnchor, ResetEvery

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.entitlements.limits import LimitSource
    from billing.entitlements.sources import Give, Sources, SubscriptionSource

RESET_INTERVALS: Mapping[ResetEvery, Interval] = {
    ResetEvery.HOUR: Interval(IntervalUnit.HOUR),
    ResetEvery.DAY: Interval(IntervalUnit.DAY),
    ResetEvery.WEEK: Interval(IntervalUnit.WEEK),
    ResetEvery.MONTH: Interval(IntervalUnit.MONTH),
    ResetEvery.YEAR: Interval(IntervalUnit.YEAR),
}
"""How long a window is, where it does not follow the subscription's own period."""
_NEVER, _OF_SUBSCRIPTION = ResetEvery.NEVER, ResetEvery.SUBSCRIPTION_PERIOD
_EVER = Counter("", None, None)


def counter(sources: Sources, resource: str, at: datetime) -> Counter | None:
    """The ledger rows that count; None where nothing is counted.

    An override changes nothing here: the same counter runs on. Without any limit source everything ever used of the
    resource counts. `sources` are those of the instant: a window of the past is that which stood then.
    Raises `ResourceRequired` where `effective_resource` does.
    """
    if sources.feature is None or sources.feature.kind is not FeatureKind.METERED:
        return None
    meant = effective_resource(sources, resource)
    return counter_of(winner_of(sources, sources.feature.id, meant), meant, at)


def limits_of(sources: Sources, feature_id: str, resource: str) -> list[LimitSource]:
    """Every limit that competes for this resource."""
    found: list[LimitSource] = []
    for subscription in sources.subscriptions:
        if subscription.no_access is None and (not subscription.resource or subscription.resource == resource):
            source = limit_source(subscription, feature_id)
            if source is not None:
                found.append(source)
    return found


def winner_of(sources: Sources, feature_id: str, resource: str) -> LimitSource | None:
    """The largest of these limits: it is the one that stands."""
    winner: LimitSource | None = None
    for subscription in sources.subscriptions:
        if subscription.no_access is None and (not subscription.resource or subscription.resource == resource):
            source = limit_source(subscription, feature_id)
            if winner is None or (source is not None and beats(source, winner)):
                winner = source
    return winner


def counter_of(winner: LimitSource | None, resource: str, at: datetime) -> Counter:
    """The counter of the winning limit; without one a counter of the resource that never resets."""
    if winner is None:
        return Counter(resource, None, None)
    return counter_by(winner.subscription, winner.base, at)


def counter_by(subscription: SubscriptionSource, give: Give, at: datetime) -> Counter:
    """The counter of a subscription's limit, which resets as this give says."""
    reset = give.reset
    if reset is _NEVER:
        return Counter(subscription.resource, None, None) if subscription.resource else _EVER
    if reset is _OF_SUBSCRIPTION:
        counter = subscription.counter
        if counter is None:
            period = subscription.period
            counter = subscription.counter = Counter(subscription.resource, period.start, period.end)
        return counter
    zone = subscription.zone
    local = give.reset_anchor is ResetAnchor.CALENDAR
    window = period_at(calendar_anchor(zone) if local else subscription.anchor, RESET_INTERVALS[reset], at, zone)
    return Counter(subscription.resource, window.start, window.end)
