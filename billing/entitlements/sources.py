"""What an entitlement is decided from: features, what plans give, allowances, overrides and counters.

Amounts are integers of 10^-scale of the feature; instants are UTC.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from billing.calendar import Period

USUAL_THRESHOLDS = (80, 100)
"""At which percents of a limit an event is raised, where a feature says nothing else."""

Json: TypeAlias = Union[bool, int, float, str, list["Json"], dict[str, "Json"], None]  # noqa: UP007  (recursive: a string inside)


class FeatureKind(StrEnum):
    """What sort of promise a feature is."""

    BOOLEAN = "BOOLEAN"
    CONFIG = "CONFIG"
    METERED = "METERED"


class ConfigType(StrEnum):
    """What a configuration feature holds."""

    NUMBER = "NUMBER"
    ENUM = "ENUM"
    JSON = "JSON"


class Aggregation(StrEnum):
    """How reported usage of a metered feature becomes one number."""

    SUM = "SUM"
    MAX = "MAX"
    LAST = "LAST"


class ResetEvery(StrEnum):
    """When the counter of a metered feature begins again."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"
    SUBSCRIPTION_PERIOD = "SUBSCRIPTION_PERIOD"
    NEVER = "NEVER"


class ResetAnchor(StrEnum):
    """What the reset's calendar is counted from: the subscription's anchor, or midnight of the zone's calendar."""

    SUBSCRIPTION = "SUBSCRIPTION"
    CALENDAR = "CALENDAR"


class AddOnBehaviour(StrEnum):
    """Whether an add-on's limit is added to the plan's (X + Y x quantity) or stands in its place."""

    ADD = "ADD"
    REPLACE = "REPLACE"


class AllowanceKind(StrEnum):
    """Where an allowance came from."""

    PROMOTIONAL = "PROMOTIONAL"
    PURCHASED = "PURCHASED"
    ROLLED_OVER = "ROLLED_OVER"


@dataclass(slots=True)
class Feature:
    """A thing that plans promise; `scale` is the number of decimals of its amounts. As a decision is, not frozen."""

    id: str
    key: str
    name: str
    kind: FeatureKind
    unit: str = ""
    scale: int = 0
    aggregation: Aggregation = Aggregation.SUM
    config_type: ConfigType | None = None
    allowed_values: tuple[str, ...] = ()
    archived: bool = False
    thresholds: tuple[int, ...] = USUAL_THRESHOLDS


class Give(NamedTuple):
    """What one plan or add-on version gives of one feature.

    BOOLEAN: `granted`. CONFIG: `value`. METERED: `limit` (None is unlimited), hard or soft, with its reset.
    `per_quantity` multiplies a plan's limit by the subscription's quantity; an add-on always multiplies by its own.
    With a `rollover_maximum` up to so much of what is unspent when a window ends lasts through the next one;
    less than `rollover_minimum` is not worth carrying and falls away.
    """

    feature_id: str
    granted: bool = True
    value: Json = None
    limit: int | None = None
    hard: bool = True
    reset: ResetEvery = ResetEvery.NEVER
    reset_anchor: ResetAnchor = ResetAnchor.SUBSCRIPTION
    per_quantity: bool = False
    behaviour: AddOnBehaviour = AddOnBehaviour.ADD
    priority: int = 50
    rollover_maximum: int | None = None
    rollover_minimum: int = 0


class NoAccess(StrEnum):
    """Why a subscription gives nothing at an instant; each is also a decision's reason."""

    SUBSCRIPTION_NOT_STARTED = "SUBSCRIPTION_NOT_STARTED"
    SUBSCRIPTION_ENDED = "SUBSCRIPTION_ENDED"
    TRIAL_ENDED = "TRIAL_ENDED"
    INCOMPLETE = "INCOMPLETE"
    PAST_DUE = "PAST_DUE"
    UNPAID = "UNPAID"
    PAUSED = "PAUSED"


@dataclass(frozen=True, slots=True)
class AddOnSource:
    """An add-on that rides on a subscription and what it gives, by feature id."""

    key: str
    version: int
    quantity: int
    gives: Mapping[str, Give]


@dataclass(slots=True)
class SubscriptionSource:
    """A subscription as it stands at the instant asked, and what its plan gives; as a decision is, not frozen.

    It speaks about every feature that may be asked about: `gives` is by feature id, as that of an add-on is.
    `no_access` is None while the subscription gives. `changes_at` is the next instant at which what it gives may change
    (start, trial end, scheduled change, end); None when nothing is known to come. `ended_at` is when it ended: it may
    give what was paid for longer than that.
    """

    subscription_id: str
    resource: str
    plan_key: str
    plan_version: int
    plan_rank: int
    quantity: int
    anchor: datetime
    zone: ZoneInfo
    period: Period
    created_at: datetime
    gives: Mapping[str, Give]
    add_ons: tuple[AddOnSource, ...] = ()
    no_access: NoAccess | None = None
    changes_at: datetime | None = None
    ended_at: datetime | None = None
    counter: Counter | None = field(default=None, init=False, repr=False, compare=False)
    """What counts in its period, once that was asked: all its features have one counter."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """An amount on top of the limit, or a granted boolean or value, with its own life.

    `used` is what burned of it, `held` what reservations hold of it on top.
    """

    id: str
    resource: str
    kind: AllowanceKind
    amount: int
    used: int
    priority: int
    starts_at: datetime
    created_at: datetime
    expires_at: datetime | None = None
    value: Json = None
    held: int = 0


@dataclass(frozen=True, slots=True)
class Override:
    """What stands in place of everything else while it runs, for one customer, feature and resource ('' = all).

    `revoked` takes access away. METERED: `limit` (None is unlimited) and hardness; CONFIG: `value`;
    BOOLEAN: `revoked` false grants.
    """

    id: str
    resource: str
    starts_at: datetime
    ends_at: datetime | None = None
    revoked: bool = False
    limit: int | None = None
    hard: bool = True
    value: Json = None


@dataclass(slots=True)
class Sources:
    """Everything that speaks about one customer and one feature at one instant; as a decision is, not frozen.

    `asked_key` is the key that was asked for, where there is no such feature.
    """

    feature: Feature | None
    subscriptions: tuple[SubscriptionSource, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    overrides: tuple[Override, ...] = ()
    customer_known: bool = True
    customer_archived: bool = False
    asked_key: str = ""


@dataclass(slots=True)
class Speaking:
    """What speaks about several features of one customer at one instant; allowances and overrides by feature id."""

    features: Mapping[str, Feature]
    subscriptions: tuple[SubscriptionSource, ...]
    customer_archived: bool
    allowances: dict[str, tuple[Allowance, ...]] = field(default_factory=dict[str, tuple[Allowance, ...]])
    overrides: dict[str, tuple[Override, ...]] = field(default_factory=dict[str, tuple[Override, ...]])

    def about(self, feature_id: str) -> Sources:
        """Take what speaks about one of the features."""
        return Sources(
            self.features[feature_id],
            self.subscriptions,
            self.allowances.get(feature_id, ()),
            self.overrides.get(feature_id, ()),
            customer_archived=self.customer_archived,
        )


class Counter(NamedTuple):
    """Which ledger rows count: the scope's resource ('' = the customer) and the half-open window; None = no bound."""

    resource: str
    start: datetime | None
    end: datetime | None


class Usage(NamedTuple):
    """What the counter holds at the instant asked: `used` of the limit, and what reservations hold of it.

    `rolled` is what was carried into the counter's window from the one before: it lives and ends with the window.
    """

    used: int = 0
    reserved: int = 0
    rolled: Allowance | None = None
