"""Limit sources: what a subscription's plan and add-ons give together, and which subscription's limit wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.entitlements.sources import AddOnBehaviour

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def plan_limit(subscription: SubscriptionSource, give: Give | None) -> int | None:
    """What the plan alone allows by this; None is unlimited, a plan without the feature allows 0."""
    if give is None:
        return 0
    return give.limit * subscription.quantity if give.limit is not None and give.per_quantity else give.limit


def add_on_limit(add_on: AddOnSource, give: Give) -> int | None:
    """What an add-on adds or puts in place by this: its limit times its quantity; None is unlimited."""
    return None if give.limit is None else give.limit * add_on.quantity


def limit_source(subscription: SubscriptionSource, feature_id: str) -> LimitSource | None:
    """The plan's limit, the largest replacement in its place, and every addition on top; unlimited beats all three."""
    give = subscription.gives.get(feature_id)
    if not subscription.add_ons:
        if give is None:
            return None
        return LimitSource(subscription, give, plan_limit(subscription, give) if give.per_quantity else give.limit)
    gifts = [(each, its) for each in subscription.add_ons if each.quantity > 0 and (its := each.gives.get(feature_id))]
    added = [gift for gift in gifts if gift[1].behaviour is AddOnBehaviour.ADD]
    limit = plan_limit(subscription, give)
    replacing = [gift for gift in gifts if gift[1].behaviour is AddOnBehaviour.REPLACE]
    instead = max(replacing, key=_size, default=None) if limit is not None else None
    first = instead or (max(added, key=_size) if added and give is None else None)
    base = give if first is None else first[1]
    if base is None:
        return None
    if instead is not None:
        limit = add_on_limit(*instead)
    for add_on in added:
        more = add_on_limit(*add_on)
        limit = None if limit is None or more is None else limit + more
    return LimitSource(subscription, base, limit, instead[0] if instead is not None else None)


def largest(limits: Iterable[LimitSource]) -> LimitSource | None:
    """The winner: unlimited beats all, then the larger limit, equal ones the oldest subscription."""
    winner = None
    for each in limits:
        if winner is None or beats(each, winner):
            winner = each
    return winner


def _size(gift: tuple[AddOnSource, Give]) -> tuple[bool, int]:
    limit = add_on_limit(*gift)
    return limit is None, limit or 0


def beats(source: LimitSource, other: LimitSource) -> bool:
    """Whether a limit stands before another: unlimited, then the larger, then that of the older subscription."""
    limit, least = source.limit, other.limit
    if limit != least:
        return least is not None and (limit is None or limit > least)
    ours, theirs = source.subscription, other.subscription
    if ours.created_at != theirs.created_at:
        return ours.created_at < theirs.created_at
    return ours.subscription_id < theirs.subscription_id
