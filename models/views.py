"""The values that leave the stores: frozen, slotted, and made of plain things. No row leaves a unit of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from billing.dataclass import dataclass
from billing.subscriptions import next_due

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from billing.calendar import Interval
    from billing.catalog.values import PlanKind, PriceModel, PriceUsage, TierDef
    from billing.ending import EndTerms
    from billing.entitlements.reservations import ReservationState
    from billing.entitlements.sources import Aggregation, AllowanceKind, ConfigType, FeatureKind, Give, Json
    from billing.instalments import AccessAfterCompletion
    from billing.lifecycle import CancelReason, CancelTiming, Cause, ChangeKind, ChangeStatus, Channel, Status
    from billing.limit_refusals import Above
    from billing.subscriptions import Facts, Phase, Target
    from models.choices import (
        BilledBy,
        Collection,
        CustomerKind,
        EnvironmentKind,
        KeyKind,
        OutwardChannel,
        UsageKind,
    )


class EnvironmentView(NamedTuple):
    """An isolated world and its settings; `clock_at` is set where it runs on a test clock."""

    id: str
    key: str
    name: str
    kind: EnvironmentKind
    zone: ZoneInfo
    locale: str
    clock_at: datetime | None
    clock_target: datetime | None
    idempotency_days: int
    require_actor: bool
    return_urls: tuple[str, ...]
    widgets: dict[str, Json]


@dataclass(frozen=True, slots=True)
class HoldView:
    """An outward channel that is or was held, in an environment (its key) or everywhere (None)."""

    id: str
    environment_id: str | None
    environment: str | None
    channel: OutwardChannel
    reason: str
    held_at: datetime
    held_by: str
    released_at: datetime | None
    released_by: str | None


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A key without its secret."""

    id: str
    environment_id: str
    kind: KeyKind
    name: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SigningKeyView:
    """A token signing key; the private half stays encrypted."""

    id: str
    environment_id: str
    public: str
    private_encrypted: str


@dataclass(frozen=True, slots=True)
class ProductView:
    """What is sold; `default_plan_id` is '' where none is named, `after_plan_id` where an end revokes access. (S7)"""

    id: str
    key: str
    name: str
    description: str
    default_plan_id: str
    archived_at: datetime | None
    after_plan_id: str = ""


class FeatureView(NamedTuple):
    """A thing that plans promise."""

    id: str
    key: str
    name: str
    description: str
    product_id: str
    kind: FeatureKind
    unit: str
    scale: int
    aggregation: Aggregation
    config_type: ConfigType | None
    allowed_values: tuple[str, ...]
    archived_at: datetime | None
    thresholds: tuple[int, ...]
    rolls_over: bool


class PriceView(NamedTuple):
    """One price of a plan version; `unit_amount` in 10^-9 of the currency's major unit."""

    id: str
    key: str
    plan_version_id: str
    currency: str
    interval: Interval
    model: PriceModel
    usage: PriceUsage
    feature_id: str
    unit_amount: int | None
    package_size: int | None
    tiers: tuple[TierDef, ...]


@dataclass(frozen=True, slots=True)
class PlanCard:
    """One version of a plan without its prices and what it gives; `id` names the plan, `version_id` the version.

    `base` is the key of the plan that it was copied from when it was published, '' where there was none.
    """

    id: str
    version_id: str
    version: int
    latest_version: int
    key: str
    product_id: str
    name: str
    description: str
    kind: PlanKind
    rank: int
    add_on: bool
    trial_days: int
    instalments: int
    access_after_completion: AccessAfterCompletion
    hidden: bool
    includes: tuple[str, ...]
    add_on_keys: tuple[str, ...]
    metadata: dict[str, str]
    base: str
    published_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlanView(PlanCard):
    """One version of a plan with its prices and what it gives."""

    prices: tuple[PriceView, ...]
    gives: tuple[Give, ...]


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A customer as the merchant and the customer see it."""

    id: str
    external_id: str | None
    name: str | None
    email: str | None
    kind: CustomerKind
    locale: str | None
    zone: str | None
    country: str | None
    address: dict[str, str] | None
    tax_ids: tuple[dict[str, str], ...]
    currency: str | None
    metadata: dict[str, str]
    created_at: datetime
    archived_at: datetime | None
    tokens_not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScheduledChangeView:
    """A pending or settled change; `item` is '' for the plan, the add-on's plan id, or a phase's number.

    `blocked_by` is of what too much was used when it was held back last. (S6)
    """

    id: str
    customer_id: str
    subscription_id: str
    kind: ChangeKind
    item: str
    status: ChangeStatus
    applies_at: datetime
    target: Target | None
    quantity: int | None
    requested_at: datetime
    actor: str
    channel: Channel
    job_id: str | None = None
    schedule_id: str | None = None
    phase: Phase | None = None
    until_fits: bool = False
    held_back_at: datetime | None = None
    blocked_by: tuple[Above, ...] = ()


@dataclass(frozen=True, slots=True)
class CancellationView:
    """Who asked to end the subscription, when and why; kept after an undo. (T10)

    `said_by` is by which way the comment was said; None where there is none.
    """

    id: str
    timing: CancelTiming
    reason: CancelReason | None
    comment: str | None
    said_by: Channel | None
    actor: str
    channel: Channel
    requested_at: datetime
    effective_at: datetime
    undone_at: datetime | None
    terms: EndTerms
    replaced_by_id: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription as of the instant asked: `facts` have everything applied that time alone brings."""

    id: str
    customer_id: str
    product_id: str
    resource_id: str
    external_id: str | None
    billed_by: BilledBy
    collection: Collection
    ended_cause: Cause | None
    metadata: dict[str, str]
    created_at: datetime
    facts: Facts
    changes: tuple[ScheduledChangeView, ...]
    cancellation: CancellationView | None

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self.facts.status

    @property
    def plan_version_id(self) -> str:
        """The plan version that it is on."""
        return self.facts.plan_version_id

    @property
    def due_at(self) -> datetime | None:
        """When time changes something next."""
        return next_due(self.facts)

    @property
    def went_on(self) -> bool:
        """Whether the cancellation has come and led to the plan that it has, or to one before it. (S7)"""
        end, came = self.cancellation, self.facts.went_on_at
        return end is not None and came is not None and end.effective_at == came


@dataclass(frozen=True, slots=True)
class GrantView:
    """An allowance on top of the limit, or a granted boolean or value."""

    id: str
    customer_id: str
    feature_id: str
    resource: str
    kind: AllowanceKind
    amount: int
    used: int
    value: Json
    priority: int
    starts_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OverrideView:
    """What stands in place of every other source while it runs."""

    id: str
    customer_id: str
    feature_id: str
    resource: str
    revoked: bool
    limit: int | None
    hard: bool
    value: Json
    starts_at: datetime
    ends_at: datetime | None
    cleared_at: datetime | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReservationView:
    """An amount held for a long job, and what became of it; `scope` is the counter that it holds of."""

    id: str
    customer_id: str
    feature_id: str
    resource: str
    scope: str
    amount: int
    state: ReservationState
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    settled_amount: int | None
    usage_id: str | None


@dataclass(frozen=True, slots=True)
class UsageView:
    """One row of the usage ledger."""

    id: str
    customer_id: str
    feature_id: str
    resource: str
    seq: int
    kind: UsageKind
    amount: int
    occurred_at: datetime
    recorded_at: datetime
    reason: str
    over_amount: int


@dataclass(frozen=True, slots=True)
class UsageSum:
    """What was used in one piece of time, and what corrections took back there (zero or below)."""

    used: int = 0
    corrected: int = 0


@dataclass(frozen=True, slots=True)
class EventView:
    """What happened; `position` is None until the relay has given it."""

    id: str
    owner_id: str
    seq: int
    type: str
    subject_id: str
    occurred_at: datetime
    recorded_at: datetime
    cause: Cause
    channel: Channel
    actor: str
    before: dict[str, Json]
    after: dict[str, Json]
    position: int | None
    request_id: str
