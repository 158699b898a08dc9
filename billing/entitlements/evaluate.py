"""The one evaluator: sources and usage in, a decision out. Every check, list, guard, preview and page asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from billing.entitlements.burning import allowance_left, with_rolled
from billing.entitlements.decisions import Decision, Reason
from billing.entitlements.levels import spread_out
from billing.entitlements.resolution import absence, is_granted, resolve
from billing.entitlements.resources import in_scope
from billing.entitlements.sources import Aggregation, FeatureKind
from billing.entitlements.values import is_allowed
from billing.refusals import AmountOutOfRange, InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Allowance, Counter, Feature, Json, Sources, Usage

_METERED, _SUM, _GRANTED = FeatureKind.METERED, Aggregation.SUM, Reason.GRANTED
"""Looked up once: a member of an enum takes as long to find as a small decision step."""


def evaluate(sources: Sources, usage: Usage, at: datetime, *, resource: str = "", requested: Json = None) -> Decision:
    """Decide about the feature at the instant; `usage` is what `counter` selects.

    `requested` is an amount above zero of a metered feature, or a value of a configuration feature.
    Raises `ResourceRequired`, `InvalidInput` and `AmountOutOfRange`.
    """
    return decide(resolve(sources, at, resource), usage, requested)


class Timing(NamedTuple):
    """The instants of a decision: the window that counts, and until when it is so.

    Of what the same plans say to many customers these alone are each one's own (`alike.py`).
    """

    counter: Counter | None
    valid_until: datetime | None


def decide(found: Resolution, usage: Usage, requested: Json = None, timing: Timing | None = None) -> Decision:
    """The decision that follows from what stands; `timing` where what stands was heard by somebody else."""
    feature = found.sources.feature
    if feature is None or found.closed is not None:
        reason = found.closed or Reason.FEATURE_NOT_FOUND
        key, kind = (feature.key, feature.kind) if feature is not None else (found.sources.asked_key, None)
        return Decision(key, kind, found.resource, reason, has_access=False, requested=requested)
    if timing is None:
        timing = timing_of(found)
    if feature.kind is _METERED:
        if usage.rolled is not None:
            found = with_rolled(found, usage)
        if feature.aggregation is not _SUM:
            found, usage = spread_out(found, usage)
        return _metered(found, usage, feature, None if requested is None else _amount(requested, feature), timing)
    if feature.kind is FeatureKind.CONFIG:
        return _config(found, feature, requested, timing)
    granted = is_granted(found)
    reason = Reason.GRANTED if granted else why_not(found)
    until = timing.valid_until
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


def timing_of(found: Resolution) -> Timing:
    """The instants of what was heard."""
    return Timing(found.counter, valid_until(found.sources, found.counter, found.at, found.asked))


def valid_until(sources: Sources, counter: Counter | None, at: datetime, asked: str) -> datetime | None:
    """The next instant at which time alone may change the decision: a reset, a beginning or end of any source."""
    soonest = None if counter is None or counter.end is None or counter.end <= at else counter.end
    for each in sources.subscriptions:
        instant = each.changes_at
        if instant is not None and instant > at and (soonest is None or instant < soonest):
            soonest = instant if not asked or in_scope(each.resource, asked) else soonest
    if not sources.allowances and not sources.overrides:
        return soonest
    instants = [soonest]
    for allowance in sources.allowances:
        if not asked or in_scope(allowance.resource, asked):
            instants += (allowance.starts_at, allowance.expires_at)
    for override in sources.overrides:
        if not asked or in_scope(override.resource, asked):
            instants += (override.starts_at, override.ends_at)
    return min((instant for instant in instants if instant is not None and instant > at), default=None)


def _amount(requested: Json, feature: Feature) -> int:
    if not isinstance(requested, int) or isinstance(requested, bool):
        raise InvalidInput(message="What is requested of a metered feature is an amount.", field="requested")
    if requested <= 0:
        raise AmountOutOfRange(
            message="The requested amount must be above zero.", field="requested", scale=feature.scale
        )
    return requested


def _config(found: Resolution, feature: Feature, requested: Json, timing: Timing) -> Decision:
    given, value = config_value(found)
    reason = Reason.GRANTED if given else why_not(found)
    if given and requested is not None and not is_allowed(requested, value, feature.config_type):
        reason = Reason.VALUE_NOT_ALLOWED
    granted, until = reason is Reason.GRANTED, timing.valid_until
    return Decision(
        feature.key, feature.kind, found.resource, reason, granted, requested, value=value, valid_until=until
    )


def _metered(found: Resolution, usage: Usage, feature: Feature, requested: int | None, timing: Timing) -> Decision:
    limited, limit, hard = standing_limit(found)
    granted = found.allowances if found.override is None else ()
    used, reserved, _ = usage
    counter, until = timing
    remaining: int | None = 0
    left = over = 0
    if not limited and not granted:
        reason = why_not(found)
    else:
        if limit is not None:
            remaining = limit - used - reserved
            if remaining < 0:
                over, remaining = -remaining, 0
        elif limited:
            remaining = None
        if granted:
            left = sum(map(allowance_left, granted))
            reserved += sum(each.held for each in granted if each is not found.rolled)
            remaining = None if remaining is None else remaining + left
        reason = _verdict(remaining, requested, hard=hard)
    return Decision(  # by place: by name it takes twice as long
        feature.key,
        _METERED,
        found.resource,
        reason,
        reason is _GRANTED,
        requested,
        limit,
        limited and limit is None,
        hard,
        used,
        reserved,
        remaining,
        over,
        left,
        None if counter is None else counter.start,
        None if counter is None else counter.end,
        None,
        until,
    )


def standing_limit(found: Resolution) -> tuple[bool, int | None, bool]:
    """Whether a limit stands, the limit (None is unlimited), and whether it is hard: the override's or the winner's."""
    if found.override is not None:
        return not found.override.revoked, None if found.override.revoked else found.override.limit, found.override.hard
    if found.limit is None:
        return False, None, True
    return True, found.limit.limit, found.limit.base.hard


def _verdict(remaining: int | None, requested: int | None, *, hard: bool) -> Reason:
    """A soft or unlimited limit never denies; a hard one needs what is requested, or anything, to remain."""
    if remaining is None or not hard or remaining >= (requested or 1):
        return _GRANTED
    return Reason.REQUESTED_EXCEEDS_LIMIT if remaining else Reason.LIMIT_REACHED
