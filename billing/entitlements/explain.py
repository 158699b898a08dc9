"""Why a decision is what it is: the same resolution, told source by source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.entitlements.burning import allowance_left, limit_left, with_rolled
from billing.entitlements.evaluate import config_value, decide, first_granted
from billing.entitlements.explain_plans import subscription_lines
from billing.entitlements.explanations import ExplainedSource, Explanation, Level, Loss, Rule, SourceKind
from billing.entitlements.levels import spread_out
from billing.entitlements.resolution import burning_place, is_granted, resolve
from billing.entitlements.resources import in_scope
from billing.entitlements.sources import FeatureKind

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Allowance, Json, Override, Sources, Usage


def explain(sources: Sources, usage: Usage, at: datetime, *, resource: str = "", requested: Json = None) -> Explanation:
    """Decide as `evaluate` does and tell how: plans with their add-ons, then allowances, then overrides."""
    found = with_rolled(resolve(sources, at, resource), usage)
    decision = decide(found, usage, requested)
    if found.closed is not None:
        return Explanation(decision, Rule.NOTHING_HEARD, ())
    found, usage = spread_out(found, usage)
    sources = found.sources
    lines: list[ExplainedSource] = []
    for subscription in sorted(sources.subscriptions, key=lambda s: (s.created_at, s.subscription_id)):
        lines += subscription_lines(found, subscription, usage)
    level = _base(found)
    rolled = () if found.rolled is None else (found.rolled,)
    for allowance in sorted((*sources.allowances, *rolled), key=burning_place):
        lines.append(_allowance_line(found, allowance, level))
        level = lines[-1].after
    standing = sorted(sources.overrides, key=lambda o: (o is found.override, o.starts_at, o.id))
    lines += [_override_line(found, override, level, usage) for override in standing]
    return Explanation(decision, _rule(found), tuple(lines))


def _rule(found: Resolution) -> Rule:
    """What decided in the end."""
    feature = found.sources.feature
    if found.override is not None:
        return Rule.OVERRIDE_REPLACES
    if feature is not None and feature.kind is FeatureKind.METERED:
        if found.limit is not None:
            return Rule.LARGEST_LIMIT if found.limit.limit is not None else Rule.UNLIMITED_BEATS_ALL
        return Rule.ALLOWANCES_ONLY if found.allowances else Rule.NO_SOURCE
    if feature is not None and feature.kind is FeatureKind.BOOLEAN:
        return Rule.ANY_TRUE if is_granted(found) else Rule.NO_SOURCE
    if not config_value(found)[0]:
        return Rule.NO_SOURCE
    return Rule.HIGHEST_RANK if first_granted(found) is None else Rule.GRANTED_VALUE


def _base(found: Resolution) -> Level:
    """What the plans and add-ons come to, before allowances and override."""
    if found.limit is not None:
        return Level(granted=True, limit=found.limit.limit or 0, unlimited=found.limit.limit is None)
    if found.value is not None:
        feature = found.sources.feature
        boolean = feature is not None and feature.kind is FeatureKind.BOOLEAN
        return Level(granted=True, value=None if boolean else found.value.value)
    return Level()


def _allowance_line(found: Resolution, allowance: Allowance, level: Level) -> ExplainedSource:
    lost = _allowance_loss(found, allowance, level)
    feature = found.sources.feature
    metered = feature is not None and feature.kind is FeatureKind.METERED
    after = level
    if lost is None:
        value = allowance.value if feature is not None and feature.kind is FeatureKind.CONFIG else None
        after = Level(granted=True, limit=level.limit + allowance.amount * metered, value=value)
    return ExplainedSource(
        kind=SourceKind.ALLOWANCE,
        id=allowance.id,
        key=allowance.kind.value,
        version=None,
        resource=allowance.resource,
        quantity=1,
        rule=Rule.ALLOWANCE_ADDS,
        won=lost is None,
        lost=lost,
        before=level,
        after=after,
        amount=allowance.amount if metered else None,
        value=allowance.value,
        used=allowance.used,
        left=allowance_left(allowance) if metered else None,
        starts_at=allowance.starts_at,
        ends_at=allowance.expires_at,
    )


def _allowance_loss(found: Resolution, allowance: Allowance, level: Level) -> Loss | None:
    if not in_scope(allowance.resource, found.resource):
        return Loss.OTHER_RESOURCE
    if allowance not in found.allowances:
        return Loss.NOT_STARTED if allowance.starts_at > found.at else Loss.EXPIRED
    if found.override is not None:
        return Loss.OVERRIDDEN
    feature = found.sources.feature
    if feature is None or feature.kind is not FeatureKind.CONFIG:
        return Loss.UNLIMITED_ANYWAY if level.unlimited else None
    stands = first_granted(found)
    return None if allowance is stands else Loss.NO_VALUE if allowance.value is None else Loss.GRANT_STANDS


def _override_line(found: Resolution, override: Override, level: Level, usage: Usage) -> ExplainedSource:
    lost = _override_loss(found, override)
    feature = found.sources.feature
    metered = feature is not None and feature.kind is FeatureKind.METERED
    unlimited = metered and not override.revoked and override.limit is None
    amount = override.limit if metered and not override.revoked else None
    after = Level(granted=not override.revoked, limit=amount or 0, unlimited=unlimited, value=override.value)
    counts = metered and lost is None and not override.revoked
    return ExplainedSource(
        kind=SourceKind.OVERRIDE,
        id=override.id,
        key="",
        version=None,
        resource=override.resource,
        quantity=1,
        rule=Rule.OVERRIDE_REPLACES,
        won=lost is None,
        lost=lost,
        before=level,
        after=level if lost is not None else after,
        amount=amount,
        unlimited=unlimited,
        value=override.value,
        used=usage.used if counts else 0,
        left=limit_left(amount, usage, 0) if counts and amount is not None else None,
        starts_at=override.starts_at,
        ends_at=override.ends_at,
    )


def _override_loss(found: Resolution, override: Override) -> Loss | None:
    if override is found.override:
        return None
    if not in_scope(override.resource, found.resource):
        return Loss.OTHER_RESOURCE
    if override.starts_at > found.at:
        return Loss.NOT_STARTED
    if override.ends_at is not None and override.ends_at <= found.at:
        return Loss.EXPIRED
    return Loss.CUSTOMER_WIDE
