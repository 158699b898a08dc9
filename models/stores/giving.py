"""What the subscriptions of a customer give, by their plans and add-ons."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from billing.access import access_changes_at, no_access, period_of_access
from billing.dataclass import dataclass
from billing.entitlements.sources import AddOnSource, Allowance, Override, Sources, SubscriptionSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from billing.entitlements.sources import Feature, Give
    from billing.subscriptions import Facts
    from models.stores.lives import Life


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


@dataclass(slots=True)
class Speaking:
    """What speaks about these features of one customer at one instant; allowances and overrides by feature id."""

    features: Mapping[str, Feature]
    subscriptions: tuple[SubscriptionSource, ...]
    customer_archived: bool
    allowances: dict[str, Sequence[Allowance]] = field(default_factory=dict[str, "Sequence[Allowance]"])
    overrides: dict[str, tuple[Override, ...]] = field(default_factory=dict[str, "tuple[Override, ...]"])

    def about(self, feature_id: str) -> Sources:
        """Take what speaks about one of the features."""
        allowances, overrides = tuple(self.allowances.get(feature_id, ())), self.overrides.get(feature_id, ())
        archived = self.customer_archived
        return Sources(self.features[feature_id], self.subscriptions, allowances, overrides, customer_archived=archived)


def source_of(life: Life, plans: Mapping[str, GivenPlan], at: datetime) -> SubscriptionSource:
    """Say what a subscription gives, as it stands at an instant."""
    resource, created_at, facts = life
    plan = plans[facts.plan_version_id]
    return SubscriptionSource(
        subscription_id=facts.id,
        resource=resource,
        plan_key=plan.key,
        plan_version=plan.version,
        plan_rank=plan.rank,
        quantity=facts.quantity,
        anchor=facts.anchor,
        zone=facts.zone,
        period=period_of_access(facts, at),
        created_at=created_at,
        gives=plan.gives,
        add_ons=_add_ons(facts, plans),
        no_access=no_access(facts, at),
        changes_at=access_changes_at(facts, at),
        ended_at=facts.ended_at,
    )


def _add_ons(facts: Facts, plans: Mapping[str, GivenPlan]) -> tuple[AddOnSource, ...]:
    held = {item.plan_version_id: item.quantity for item in facts.items if item.add_on}
    return tuple(
        AddOnSource(plans[version].key, plans[version].version, quantity, plans[version].gives)
        for version, quantity in held.items()
    )
