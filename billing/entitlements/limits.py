"""Limit sources: what a subscription's plan and add-ons give together, and which subscription's limit wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.entitlements.sources import AddOnBehaviour

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from billing.entitlements.sources import AddOnSource, Give, SubscriptionSource


@dataclass(slots=True)
class LimitSource:
    """One subscription's limit (None is unlimited) and the give whose reset, anchor, hardness and priority go with it.

    `replaced_by` is the add-on that stands in place of the plan.
    """

    subscription: SubscriptionSource
    base: Give
    limit: int | None
    replaced_by: AddOnSource | None = None


def plan_limit(subscription: SubscriptionSource) -> int | None:
    """What the plan alone allows; None is unlimited, a plan without the feature allows 0."""
    give = subscription.give
    if give is None:
        return 0
    return give.limit * subscription.quantity if give.limit is not None and give.per_quantity else give.limit


def add_on_limit(add_on: AddOnSource) -> int | None:
    """What an add-on adds or puts in place: its limit times its quantity; None is unlimited."""
    limit = add_on.give.limit if add_on.give is not None else 0
    return None if limit is None else limit * add_on.quantity


def giving_add_ons(subscription: SubscriptionSource, behaviour: AddOnBehaviour) -> list[AddOnSource]:
    """The add-ons that give the feature in this way."""
    return [a for a in subscription.add_ons if a.give is not None and a.quantity > 0 and a.give.behaviour is behaviour]


def limit_source(subscription: SubscriptionSource) -> LimitSource | None:
    """The plan's limit, the largest replacement in its place, and every addition on top; unlimited beats all three."""
    if not subscription.add_ons:
        give = subscription.give
        return None if give is None else LimitSource(subscription, give, plan_limit(subscription))
    added = giving_add_ons(subscription, AddOnBehaviour.ADD)
    replacement = _replacement(subscription)
    first = replacement or (max(added, key=_size) if added and subscription.give is None else None)
    base = first.give if first is not None else subscription.give
    if base is None:
        return None
    limit = add_on_limit(replacement) if replacement is not None else plan_limit(subscription)
    for add_on in added:
        more = add_on_limit(add_on)
        limit = None if limit is None or more is None else limit + more
    return LimitSource(subscription, base, limit, replacement)


def largest(limits: Iterable[LimitSource]) -> LimitSource | None:
    """The winner: unlimited beats all, then the larger limit, equal ones the oldest subscription."""
    return min(limits, key=_contest, default=None)


def _replacement(subscription: SubscriptionSource) -> AddOnSource | None:
    """The largest replacing add-on; none stands in place of an unlimited plan."""
    if subscription.give is not None and plan_limit(subscription) is None:
        return None
    return max(giving_add_ons(subscription, AddOnBehaviour.REPLACE), key=_size, default=None)


def _size(add_on: AddOnSource) -> tuple[bool, int]:
    limit = add_on_limit(add_on)
    return limit is None, limit or 0


def _contest(source: LimitSource) -> tuple[bool, int, datetime, str]:
    subscription = source.subscription
    return source.limit is not None, -(source.limit or 0), subscription.created_at, subscription.subscription_id
