"""Who wins: the one pass over the sources on which decision, burning and explanation all rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.entitlements.counters import counter_of, limits_of, winner_of
from billing.entitlements.decisions import Reason
from billing.entitlements.limits import largest
from billing.entitlements.resources import effective_resource, gives, giving_resources, in_scope, of_resources
from billing.entitlements.sources import Counter, FeatureKind, NoAccess
from billing.entitlements.values import ValueSource, highest, value_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.entitlements.limits import LimitSource
    from billing.entitlements.sources import Allowance, Feature, Override, Sources

FOREVER = datetime.max.replace(tzinfo=UTC)
_METERED = FeatureKind.METERED

TELLING: Mapping[NoAccess, int] = {
    reason: place
    for place, reason in enumerate(
        (
            NoAccess.TRIAL_ENDED,
            NoAccess.PAST_DUE,
            NoAccess.UNPAID,
            NoAccess.PAUSED,
            NoAccess.INCOMPLETE,
            NoAccess.SUBSCRIPTION_NOT_STARTED,
            NoAccess.SUBSCRIPTION_ENDED,
        )
    )
}
"""Which of two reasons tells more, where two subscriptions were made at one instant: the lower."""


@dataclass(slots=True)
class Resolution:
    """What stands after every source was heard; `closed` is set where nothing had to be heard."""

    sources: Sources
    at: datetime
    asked: str
    resource: str
    closed: Reason | None = None
    override: Override | None = None
    limit: LimitSource | None = None
    values: Sequence[ValueSource] = ()
    value: ValueSource | None = None
    allowances: Sequence[Allowance] = ()
    rolled: Allowance | None = None
    counter: Counter | None = None

    @property
    def limits(self) -> Sequence[LimitSource]:
        """Every limit that competes for the resource."""
        feature = self.sources.feature
        metered = self.closed is None and feature is not None and feature.kind is FeatureKind.METERED
        return limits_of(self.sources, feature.id, self.resource) if feature is not None and metered else ()


def resolve(sources: Sources, at: datetime, asked: str) -> Resolution:
    """Hear every source about the resource that is meant. Raises `ResourceRequired`."""
    closed = _closed(sources)
    if closed is not None:
        return Resolution(sources, at, asked, asked, closed)
    if asked or not of_resources(sources):
        return _resolve(sources, at, asked, asked)
    meant = effective_resource(sources, asked)
    found = _resolve(sources, at, asked, meant)
    boolean = sources.feature is not None and sources.feature.kind is FeatureKind.BOOLEAN
    resources = giving_resources(sources) if boolean and not meant else ()
    if not resources:
        return found
    several = [_resolve(sources, at, asked, resource) for resource in resources]
    return next((one for one in (*several, found) if is_granted(one)), several[0])


def resolve_meant(sources: Sources, at: datetime, resource: str) -> Resolution:
    """Hear every source about exactly this resource, however many others there are.

    `effective_resource` says once which resource a call is about; whatever is decided, spread, written or told of it
    after that rests on this, so that a resource that comes later changes nothing of what was meant.
    """
    closed = _closed(sources)
    return Resolution(sources, at, resource, resource, closed) if closed else _resolve(sources, at, resource, resource)


def resolve_scope(sources: Sources, at: datetime, resource: str, scope: str) -> Resolution:
    """As `resolve_meant`, where of all limits only those of one scope are heard: what is held of it is honoured there.

    Where that scope has no limit any more, only grants and an override speak, and its counter never resets.
    """
    found = resolve_meant(sources, at, resource)
    if found.counter is not None and found.counter.resource == scope:
        return found
    limit = largest(each for each in found.limits if each.subscription.resource == scope)
    return replace(found, limit=limit, counter=counter_of(limit, scope, at))


def is_granted(found: Resolution) -> bool:
    """Whether a boolean is true: by its override, else by any source."""
    if found.override is not None:
        return not found.override.revoked
    return found.value is not None or bool(found.allowances)


def _closed(sources: Sources) -> Reason | None:
    feature = sources.feature
    if not sources.customer_known:
        return Reason.CUSTOMER_NOT_FOUND
    if feature is None:
        return Reason.FEATURE_NOT_FOUND
    if feature.archived:
        return Reason.FEATURE_ARCHIVED
    return Reason.CUSTOMER_ARCHIVED if sources.customer_archived else None


def _resolve(sources: Sources, at: datetime, asked: str, resource: str) -> Resolution:
    feature = sources.feature
    found = Resolution(sources, at, asked, resource)
    if sources.overrides:
        found.override = override_in_force(sources, at, resource)
    if sources.allowances:
        found.allowances = running(sources.allowances, at, resource)
    if feature is not None and feature.kind is _METERED:
        found.limit = limit = winner_of(sources, feature.id, resource)
        found.counter = counter_of(limit, resource, at)
    elif feature is not None:
        found.values = _values(sources, feature, resource)
        found.value = highest(found.values)
    return found


def _values(sources: Sources, feature: Feature, resource: str) -> list[ValueSource]:
    """What each giving subscription says: its configuration value, or true."""
    giving = [s for s in sources.subscriptions if in_scope(s.resource, resource) and gives(s, feature)]
    if feature.kind is FeatureKind.BOOLEAN:
        return [ValueSource(subscription, value=True) for subscription in giving]
    said = (value_source(subscription, feature) for subscription in giving)
    return [source for source in said if source is not None]


def override_in_force(sources: Sources, at: datetime, resource: str) -> Override | None:
    """The override that stands at the instant: the resource's before the customer's, then the one begun last."""
    standing = [
        o
        for o in sources.overrides
        if in_scope(o.resource, resource) and o.starts_at <= at and (o.ends_at is None or at < o.ends_at)
    ]
    return max(standing, key=lambda o: (o.resource == resource, o.starts_at, o.id), default=None)


def running(allowances: Sequence[Allowance], at: datetime, resource: str) -> list[Allowance]:
    """The allowances that live at the instant, in the order in which they burn."""
    living = [
        a
        for a in allowances
        if in_scope(a.resource, resource) and a.starts_at <= at and (a.expires_at is None or at < a.expires_at)
    ]
    living.sort(key=burning_place)
    return living


def burning_place(allowance: Allowance) -> tuple[int, datetime, datetime, bool, str]:
    """Lower burns first: priority, then the soonest expiry, then the oldest; a limit comes before its equals."""
    return allowance.priority, allowance.expires_at or FOREVER, allowance.created_at, True, allowance.id


def absence(sources: Sources, resource: str) -> Reason:
    """Why nothing gives the feature.

    A giving subscription without it makes it NOT_IN_PLAN; else the newest subscription says why it gives nothing.
    Asked without a resource every subscription is looked at, since any of them could have given it.
    """
    heard = [s for s in sources.subscriptions if not resource or in_scope(s.resource, resource)]
    if not heard:
        return Reason.NO_ACTIVE_SUBSCRIPTION
    silent = [(s.created_at, -TELLING[s.no_access], s.subscription_id, s.no_access) for s in heard if s.no_access]
    return Reason.NOT_IN_PLAN if len(silent) < len(heard) else Reason(max(silent)[3].value)
