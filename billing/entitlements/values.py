"""Configuration values: what a plan and its add-ons say together, and whether a requested value is allowed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.entitlements.sources import AddOnBehaviour, ConfigType

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from billing.entitlements.sources import AddOnSource, Feature, Json, SubscriptionSource


@dataclass(slots=True)
class ValueSource:
    """One subscription's value; `replaced_by` is the add-on that stands in place of the plan."""

    subscription: SubscriptionSource
    value: Json
    replaced_by: AddOnSource | None = None


def value_source(subscription: SubscriptionSource, feature: Feature) -> ValueSource | None:
    """The plan's value, or the replacing add-on's (of several numbers the largest, else the first), plus added numbers.

    What is added to anything but a number is added to nothing: without a plan's value the first add-on's stands.
    """
    give = subscription.gives.get(feature.id)
    if not subscription.add_ons:
        return None if give is None else ValueSource(subscription, give.value)
    gifts = [(each, its) for each in subscription.add_ons if each.quantity > 0 and (its := each.gives.get(feature.id))]
    replacing = [(a, g.value) for a, g in gifts if g.behaviour is AddOnBehaviour.REPLACE]
    adding = [(a, g.value) for a, g in gifts if g.behaviour is AddOnBehaviour.ADD]
    if give is None and not gifts:
        return None
    replacement = max(replacing, key=lambda found: _size(found[1]), default=None)
    value: Json = give.value if give is not None else None
    if replacement is not None:
        value = replacement[1]
    if feature.config_type is ConfigType.NUMBER:
        for add_on, more in adding:
            value = added(value, more, add_on.quantity)
    elif give is None and replacement is None:
        value = adding[0][1]
    return ValueSource(subscription, value, replacement[0] if replacement is not None else None)


def highest(values: Iterable[ValueSource]) -> ValueSource | None:
    """The winner: the highest rank, equal ones the oldest subscription."""
    return min(values, key=_contest, default=None)


def added(value: Json, more: Json, times: int) -> Json:
    """`value` plus `more` so many times, exactly as their decimals say; what is no number counts as nothing."""
    if not is_number(more):
        return value
    total = (Decimal(str(value)) if is_number(value) else Decimal(0)) + Decimal(str(more)) * times
    return int(total) if isinstance(more, int) and not isinstance(value, float) else float(total)


def is_allowed(requested: Json, value: Json, config_type: ConfigType | None) -> bool:
    """NUMBER: at most the value. ENUM: the value, or one (all, if several are asked) of its list. JSON: the same."""
    if config_type is ConfigType.NUMBER:
        return is_number(requested) and is_number(value) and _size(requested) <= _size(value)
    if config_type is ConfigType.ENUM:
        allowed = value if isinstance(value, list) else [value]
        asked = requested if isinstance(requested, list) else [requested]
        return all(isinstance(one, str) and one in allowed for one in asked)
    return json.dumps(requested, sort_keys=True) == json.dumps(value, sort_keys=True)


def is_number(value: Json) -> bool:
    """Whether a JSON value is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _size(value: Json) -> Decimal:
    return Decimal(str(value)) if is_number(value) else Decimal("-Infinity")


def _contest(source: ValueSource) -> tuple[int, datetime, str]:
    subscription = source.subscription
    return -subscription.plan_rank, subscription.created_at, subscription.subscription_id
