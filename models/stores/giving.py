"""What the subscriptions of a customer give, by their plans and add-ons."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from billing.access import access_of
from billing.entitlements.sources import AddOnSource, SubscriptionSource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.entitlements.sources import Give
    from billing.subscribed import Subscribed

    Subscription: TypeAlias = tuple[str, datetime, Subscribed]
    """A subscription's resource, when it was made, and what it is as of the instant asked."""


class GivenPlan(NamedTuple):
    """What the evaluator needs of a plan version."""

    key: str
    version: int
    rank: int
    gives: Mapping[str, Give]


class Holding(Protocol):
    """A customer, as far as a decision has to know it."""

    @property
    def id(self) -> str:
        """Whose the sources are."""
        ...

    @property
    def archived_at(self) -> datetime | None:
        """Since when the customer has nothing."""
        ...


class Holder(NamedTuple):
    """A customer, and nothing else of it."""

    id: str
    archived_at: datetime | None


def source_of(subscription: Subscription, plans: Mapping[str, GivenPlan], at: datetime) -> SubscriptionSource:
    """Say what a subscription gives, as it stands at an instant."""
    resource, created_at, of = subscription
    plan = plans[of.plan_version_id]
    period, no_access, changes_at = access_of(of, at)
    return SubscriptionSource(
        subscription_id=of.id,
        resource=resource,
        plan_key=plan.key,
        plan_version=plan.version,
        plan_rank=plan.rank,
        quantity=of.quantity,
        anchor=of.anchor,
        zone=of.zone,
        period=period,
        created_at=created_at,
        gives=plan.gives,
        add_ons=_add_ons(of, plans),
        no_access=no_access,
        changes_at=changes_at,
        ended_at=of.ended_at,
    )


def _add_ons(of: Subscribed, plans: Mapping[str, GivenPlan]) -> tuple[AddOnSource, ...]:
    held: dict[str, int] = {}
    for item in of.items:
        if item.add_on:
            held[item.plan_version_id] = item.quantity
    return tuple([_add_on(plans[version], quantity) for version, quantity in held.items()]) if held else ()


def _add_on(plan: GivenPlan, quantity: int) -> AddOnSource:
    return AddOnSource(plan.key, plan.version, quantity, plan.gives)
