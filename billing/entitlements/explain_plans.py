"""How one subscription's plan and add-ons are told: a ladder from nothing to what they come to together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.entitlements.burning import limit_left
from billing.entitlements.evaluate import first_granted
from billing.entitlements.explanations import CONTEST_LOSSES, ExplainedSource, Level, Loss, Rule, SourceKind
from billing.entitlements.limits import add_on_limit, plan_limit
from billing.entitlements.resources import gives, in_scope
from billing.entitlements.sources import AddOnBehaviour, ConfigType, FeatureKind
from billing.entitlements.values import added

if TYPE_CHECKING:
    from billing.entitlements.limits import LimitSource
    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import AddOnSource, Feature, Give, SubscriptionSource, Usage
    from billing.entitlements.values import ValueSource


def subscription_lines(found: Resolution, subscription: SubscriptionSource, usage: Usage) -> list[ExplainedSource]:
    """The plan, then the add-ons that stand in its place, then those that add."""
    feature = found.sources.feature
    if feature is None:
        return []
    lost = _subscription_loss(found, subscription, feature)
    joined = _joined(found, subscription)
    lines = [_plan_line(subscription, feature, lost, joined)]
    for add_on in sorted(subscription.add_ons, key=lambda each: not _replaces(each.gives.get(feature.id))):
        own = _add_on_loss(subscription, add_on, feature, joined)
        lines.append(_add_on_line(subscription, add_on, feature, own or lost, lines[-1].after))
    return _with_usage(found, subscription, feature, usage, lines)


def _subscription_loss(found: Resolution, subscription: SubscriptionSource, feature: Feature) -> Loss | None:
    """Why the subscription as a whole does not count."""
    if not in_scope(subscription.resource, found.resource):
        return Loss.OTHER_RESOURCE
    if subscription.no_access is not None:
        return Loss.NOT_GIVING
    if not gives(subscription, feature):
        return Loss.NOT_LISTED
    if found.override is not None:
        return Loss.OVERRIDDEN
    if feature.kind is FeatureKind.BOOLEAN:
        return None
    return _limit_loss(found, subscription) if feature.kind is FeatureKind.METERED else _value_loss(found, subscription)


def _limit_loss(found: Resolution, subscription: SubscriptionSource) -> Loss | None:
    winner = found.limit
    if winner is None or winner.subscription is subscription:
        return None
    own = next(source for source in found.limits if source.subscription is subscription)
    return Loss.YOUNGER if own.limit == winner.limit else Loss.SMALLER_LIMIT


def _value_loss(found: Resolution, subscription: SubscriptionSource) -> Loss | None:
    if first_granted(found) is not None:
        return Loss.GRANT_STANDS
    winner = found.value
    if winner is None or winner.subscription is subscription:
        return None
    return Loss.YOUNGER if winner.subscription.plan_rank == subscription.plan_rank else Loss.LOWER_RANK


def _joined(found: Resolution, subscription: SubscriptionSource) -> LimitSource | ValueSource | None:
    """What the resolution made of the subscription."""
    heard: list[LimitSource | ValueSource] = [*found.limits, *found.values]
    return next((source for source in heard if source.subscription is subscription), None)


def _add_on_loss(
    subscription: SubscriptionSource, add_on: AddOnSource, feature: Feature, joined: LimitSource | ValueSource | None
) -> Loss | None:
    """Why the add-on alone does not count within its subscription."""
    give = add_on.gives.get(feature.id)
    if give is None or add_on.quantity < 1 or (feature.kind is FeatureKind.BOOLEAN and not give.granted):
        return Loss.NOT_LISTED
    if joined is None or feature.kind is FeatureKind.BOOLEAN:
        return None
    if give.behaviour is AddOnBehaviour.REPLACE:
        if joined.replaced_by is None:
            return Loss.UNLIMITED_ANYWAY
        return None if joined.replaced_by is add_on else Loss.SMALLER_REPLACEMENT
    if feature.kind is FeatureKind.METERED or feature.config_type is ConfigType.NUMBER:
        return None
    alone = subscription.gives.get(feature.id) is None and joined.replaced_by is None
    stands = alone and _first_giving(subscription, feature) is add_on
    return None if stands else Loss.NOT_A_NUMBER


def _first_giving(subscription: SubscriptionSource, feature: Feature) -> AddOnSource | None:
    return next((each for each in subscription.add_ons if feature.id in each.gives and each.quantity > 0), None)


def _replaces(give: Give | None) -> bool:
    return give is not None and give.behaviour is AddOnBehaviour.REPLACE


def _plan_line(
    subscription: SubscriptionSource,
    feature: Feature,
    lost: Loss | None,
    joined: LimitSource | ValueSource | None,
) -> ExplainedSource:
    give = subscription.gives.get(feature.id)
    metered = feature.kind is FeatureKind.METERED
    amount = plan_limit(subscription, give) if metered and give is not None else None
    unlimited = metered and give is not None and amount is None
    if give is None or (feature.kind is FeatureKind.BOOLEAN and not give.granted):
        lost = Loss.NOT_LISTED if lost is None or lost in CONTEST_LOSSES else lost
    elif lost is None and joined is not None and joined.replaced_by is not None:
        lost = Loss.REPLACED
    heard = lost is None or lost is Loss.REPLACED or lost in CONTEST_LOSSES
    value = give.value if give is not None and feature.kind is FeatureKind.CONFIG else None
    times = give is not None and metered and give.per_quantity
    return ExplainedSource(
        kind=SourceKind.PLAN,
        id=subscription.subscription_id,
        key=subscription.plan_key,
        version=subscription.plan_version,
        resource=subscription.resource,
        quantity=subscription.quantity,
        rule=Rule.PLAN_TIMES_QUANTITY if times else Rule.PLAN_GIVES,
        won=lost is None,
        lost=lost,
        before=Level(),
        after=Level(granted=True, limit=amount or 0, unlimited=unlimited, value=value) if heard else Level(),
        no_access=subscription.no_access,
        amount=amount,
        unlimited=unlimited,
        value=value,
    )


def _add_on_line(
    subscription: SubscriptionSource, add_on: AddOnSource, feature: Feature, lost: Loss | None, before: Level
) -> ExplainedSource:
    give = add_on.gives.get(feature.id)
    metered = feature.kind is FeatureKind.METERED and give is not None
    amount = add_on_limit(add_on, give) if feature.kind is FeatureKind.METERED and give is not None else None
    heard = give is not None and (lost is None or lost in CONTEST_LOSSES)
    return ExplainedSource(
        kind=SourceKind.ADD_ON,
        id=subscription.subscription_id,
        key=add_on.key,
        version=add_on.version,
        resource=subscription.resource,
        quantity=add_on.quantity,
        rule=Rule.ADD_ON_REPLACES if _replaces(give) else Rule.ADD_ON_ADDS,
        won=lost is None,
        lost=lost,
        before=before,
        after=_raised(before, add_on, give, feature) if heard and give is not None else before,
        no_access=subscription.no_access,
        amount=amount,
        unlimited=metered and amount is None,
        value=give.value if give is not None and feature.kind is FeatureKind.CONFIG else None,
    )


def _raised(before: Level, add_on: AddOnSource, give: Give, feature: Feature) -> Level:
    """What stands once the add-on is reckoned in."""
    replaces = _replaces(give)
    if feature.kind is FeatureKind.METERED:
        amount = add_on_limit(add_on, give)
        unlimited = amount is None or (before.unlimited and not replaces)
        limit = 0 if unlimited or amount is None else amount + (0 if replaces else before.limit)
        return Level(granted=True, limit=limit, unlimited=unlimited)
    if feature.kind is FeatureKind.BOOLEAN:
        return Level(granted=True)
    number = feature.config_type is ConfigType.NUMBER and not replaces
    return Level(granted=True, value=added(before.value, give.value, add_on.quantity) if number else give.value)


def _with_usage(
    found: Resolution, subscription: SubscriptionSource, feature: Feature, usage: Usage, lines: list[ExplainedSource]
) -> list[ExplainedSource]:
    """The lines with usage on the base of the winning limit; none while an override stands."""
    winner = found.limit
    if winner is None or winner.subscription is not subscription or found.override is not None:
        return lines
    gifts = {add_on.key: add_on.gives.get(feature.id) for add_on in subscription.add_ons}
    left = None if winner.limit is None else limit_left(winner.limit, usage, 0)
    for place, line in enumerate(lines):
        give = subscription.gives.get(feature.id) if line.kind is SourceKind.PLAN else gifts[line.key]
        if give is winner.base:
            lines[place] = replace(line, used=usage.used, left=left)
            break
    return lines
