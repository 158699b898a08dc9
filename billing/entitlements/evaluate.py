"""The one evaluator: sources and usage in, a decision out. Every check, list, guard, preview and page asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.entitlements.burning import allowance_left, limit_left, with_rolled
from billing.entitlements.decisions import Decision, Reason
from billing.entitlements.levels import spread_out
from billing.entitlements.resolution import absence, is_granted, resolve
from billing.entitlements.resources import in_scope
from billing.entitlements.sources import FeatureKind
from billing.entitlements.values import is_allowed
from billing.refusals import AmountOutOfRange, InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Allowance, Feature, Json, Sources, Usage


def evaluate(sources: Sources, usage: Usage, at: datetime, *, resource: str = "", requested: Json = None) -> Decision:
    """Decide about the feature at the instant; `usage` is what `counter` selects.

    `requested` is an amount above zero of a metered feature, or a value of a configuration feature.
    Raises `ResourceRequired`, `InvalidInput` and `AmountOutOfRange`.
    """
    return decide(resolve(sources, at, resource), usage, requested)


def decide(found: Resolution, usage: Usage, requested: Json = None) -> Decision:
    """The decision that follows from what stands."""
    feature = found.sources.feature
    if feature is None or found.closed is not None:
        reason = found.closed or Reason.FEATURE_NOT_FOUND
        key, kind = (feature.key, feature.kind) if feature is not None else (found.sources.asked_key, None)
        return Decision(key, kind, found.resource, reason, has_access=False, requested=requested)
    if feature.kind is FeatureKind.METERED:
        return _metered(*spread_out(with_rolled(found, usage), usage), feature, _amount(requested, feature))
    if feature.kind is FeatureKind.CONFIG:
        return _config(found, feature, requested)
    granted = is_granted(found)
    reason = Reason.GRANTED if granted else why_not(found)
    until = valid_until(found)
    return Decision(feature.key, feature.kind, found.resource, reason, granted, requested, valid_until=until)


def why_not(found: Resolution) -> Reason:
    """Why nothing gives the feature: it was taken away, or no source has it."""
    return Reason.REVOKED if found.override is not None else absence(found.sources, found.resource)


def config_value(found: Resolution) -> tuple[bool, Json]:
    """Whether there is a value, and which: the override's, else a granted one, else the highest-ranked plan's."""
    if found.override is not None:
        return not found.override.revoked, None if found.override.revoked else found.override.value
    granted = first_granted(found)
    if granted is not None:
        return True, granted.value
    return found.value is not None, found.value.value if found.value is not None else None


def first_granted(found: Resolution) -> Allowance | None:
    """The allowance whose value stands before the plans': the first in burning order that has one."""
    return next((allowance for allowance in found.allowances if allowance.value is not None), None)


def valid_until(found: Resolution) -> datetime | None:
    """The next instant at which time alone may change the decision: a reset, a beginning or end of any source."""
    at, sources, asked = found.at, found.sources, found.asked
    instants = [s.changes_at for s in sources.subscriptions if not asked or in_scope(s.resource, asked)]
    if found.counter is not None:
        instants.append(found.counter.end)
    for allowance in sources.allowances:
        if not asked or in_scope(allowance.resource, asked):
            instants += (allowance.starts_at, allowance.expires_at)
    for override in sources.overrides:
        if not asked or in_scope(override.resource, asked):
            instants += (override.starts_at, override.ends_at)
    coming = [instant for instant in instants if instant is not None and instant > at]
    return min(coming) if coming else None


def _amount(requested: Json, feature: Feature) -> int | None:
    if requested is None:
        return None
    if not isinstance(requested, int) or isinstance(requested, bool):
        raise InvalidInput(message="What is requested of a metered feature is an amount.", field="requested")
    if requested <= 0:
        raise AmountOutOfRange(
            message="The requested amount must be above zero.", field="requested", scale=feature.scale
        )
    return requested


def _config(found: Resolution, feature: Feature, requested: Json) -> Decision:
    given, value = config_value(found)
    reason = Reason.GRANTED if given else why_not(found)
    if given and requested is not None and not is_allowed(requested, value, feature.config_type):
        reason = Reason.VALUE_NOT_ALLOWED
    granted = reason is Reason.GRANTED
    decision = Decision(feature.key, feature.kind, found.resource, reason, granted, requested, value=value)
    decision.valid_until = valid_until(found)
    return decision


def _metered(found: Resolution, usage: Usage, feature: Feature, requested: int | None) -> Decision:
    decision = Decision(
        feature.key, feature.kind, found.resource, Reason.GRANTED, has_access=False, requested=requested
    )
    decision.used, decision.reserved, decision.valid_until = usage.used, usage.reserved, valid_until(found)
    if found.counter is not None:
        decision.window_start, decision.resets_at = found.counter.start, found.counter.end
    limited, decision.limit, decision.hard = standing_limit(found)
    decision.unlimited = limited and decision.limit is None
    decision.remaining = 0
    if not limited and (found.override is not None or not found.allowances):
        decision.reason = why_not(found)
        return decision
    if found.allowances and found.override is None:
        decision.allowance_left = sum(map(allowance_left, found.allowances))
        decision.reserved += sum(each.held for each in found.allowances if each is not found.rolled)
    _count(decision, usage)
    decision.reason = _verdict(decision, requested)
    decision.has_access = decision.reason is Reason.GRANTED
    return decision


def standing_limit(found: Resolution) -> tuple[bool, int | None, bool]:
    """Whether a limit stands, the limit (None is unlimited), and whether it is hard: the override's or the winner's."""
    if found.override is not None:
        return not found.override.revoked, None if found.override.revoked else found.override.limit, found.override.hard
    if found.limit is None:
        return False, None, True
    return True, found.limit.limit, found.limit.base.hard


def _count(decision: Decision, usage: Usage) -> None:
    """Fill in what remains and what is over."""
    if decision.unlimited:
        decision.remaining = None
        return
    limit = decision.limit
    decision.remaining = decision.allowance_left + (limit_left(limit, usage, 0) if limit is not None else 0)
    decision.over_by = max(0, usage.used + usage.reserved - limit) if limit is not None else 0


def _verdict(decision: Decision, requested: int | None) -> Reason:
    """A soft or unlimited limit never denies; a hard one needs what is requested, or anything, to remain."""
    if decision.remaining is None or not decision.hard or decision.remaining >= (requested or 1):
        return Reason.GRANTED
    return Reason.REQUESTED_EXCEEDS_LIMIT if decision.remaining else Reason.LIMIT_REACHED
