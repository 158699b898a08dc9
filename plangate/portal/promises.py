"""What a customer's plans include, in the page's own values; what is not given is not listed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from billing.entitlements.decisions import Reason
from billing.entitlements.sources import FeatureKind
from plangate.portal.views import Included, Metered, Setting
from resolvers.entitlements import entitlements
from resolvers.inputs import CustomerRef
from widgets_config.formats import format_amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Json
    from models.views import FeatureView, SubscriptionView
    from plangate.portal.sessions import Guest
    from plangate.portal.views import Entitlement
    from resolvers.deciding import EntitlementView

Key: TypeAlias = "tuple[str, str]"
"""A feature's key, and the resource or ''."""

MOST_ENDS: Final = 3
"""How many coming ends are looked ahead to."""


async def promises(guest: Guest, subscriptions: Sequence[SubscriptionView]) -> tuple[Entitlement, ...]:
    """List what is given now, and until when where a pending cancellation ends it."""
    customer = CustomerRef(id=guest.customer.id)
    bound = guest.ctx.principal.subscription_id is not None
    resource = subscriptions[0].resource_id or None if bound and subscriptions else None
    now = await entitlements(guest.ctx, customer, resource=resource)
    ends = sorted({view.facts.cancel_at for view in subscriptions if view.facts.live and view.facts.cancel_at})
    until: dict[Key, datetime] = {}
    for end in ends[:MOST_ENDS]:
        left = _given(await entitlements(guest.ctx, customer, resource=resource, at=end))
        until |= {key: end for key in _given(now) if not left & {key, (key[0], "")} and key not in until}
    at_once = _given(now) == until.keys() and len(set(until.values())) == 1  # the notice above says when
    shown = [_shown(view.feature, view.decision, guest.frame.language, until) for view in now if view.feature]
    return tuple(replace(each, valid_until=None) if at_once else each for each in shown if each is not None)


def _given(views: Iterable[EntitlementView]) -> set[Key]:
    return {(view.decision.feature_key, view.decision.resource) for view in views if _is_given(view.decision)}


def _is_given(decision: Decision) -> bool:
    """A metered feature is there while a limit or allowance stands, also when nothing is left of it."""
    if decision.kind is FeatureKind.METERED:
        return decision.unlimited or decision.limit is not None or decision.allowance_left > 0
    return decision.has_access


def _shown(
    feature: FeatureView, decision: Decision, language: str, until: Mapping[Key, datetime]
) -> Entitlement | None:
    ends = until.get((decision.feature_key, decision.resource))
    resource = decision.resource or None
    if not _is_given(decision):
        revoked = decision.reason is Reason.REVOKED and feature.kind is FeatureKind.BOOLEAN
        return Included(feature.name, included=False, resource=resource) if revoked else None
    if feature.kind is FeatureKind.BOOLEAN:
        return Included(feature.name, included=True, resource=resource, valid_until=ends)
    if feature.kind is FeatureKind.CONFIG:
        return Setting(feature.name, written(decision.value, language), resource, ends)
    return Metered(
        name=feature.name,
        used=decision.used,
        limit=None if decision.unlimited else (decision.limit or 0) + decision.allowance_left,
        scale=feature.scale,
        remaining=decision.remaining or 0,
        over_by=decision.over_by,
        unit=feature.unit or None,
        resource=resource,
        resets_at=decision.resets_at if ends is None else None,
        valid_until=ends,
    )


def written(value: Json, language: str) -> str:
    """Write a configured value as a person would."""
    if isinstance(value, (list, tuple)):
        return ", ".join(written(each, language) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {written(each, language)}" for name, each in value.items())
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(Decimal(str(value)), language)
    return "" if value is None else str(value)


def _number(number: Decimal, language: str) -> str:
    exponent = number.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    return format_amount(int(number.scaleb(scale)), scale, language)
