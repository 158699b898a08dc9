"""What is decided: may this customer use this feature, why, how much of it, and until when that is certain."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.entitlements.sources import FeatureKind, Json


class Reason(StrEnum):
    """Why the answer is what it is; the set is closed."""

    GRANTED = "GRANTED"
    NO_ACTIVE_SUBSCRIPTION = "NO_ACTIVE_SUBSCRIPTION"
    SUBSCRIPTION_NOT_STARTED = "SUBSCRIPTION_NOT_STARTED"
    SUBSCRIPTION_ENDED = "SUBSCRIPTION_ENDED"
    TRIAL_ENDED = "TRIAL_ENDED"
    INCOMPLETE = "INCOMPLETE"
    PAST_DUE = "PAST_DUE"
    UNPAID = "UNPAID"
    PAUSED = "PAUSED"
    NOT_IN_PLAN = "NOT_IN_PLAN"
    LIMIT_REACHED = "LIMIT_REACHED"
    REQUESTED_EXCEEDS_LIMIT = "REQUESTED_EXCEEDS_LIMIT"
    VALUE_NOT_ALLOWED = "VALUE_NOT_ALLOWED"
    REVOKED = "REVOKED"
    FEATURE_NOT_FOUND = "FEATURE_NOT_FOUND"
    FEATURE_ARCHIVED = "FEATURE_ARCHIVED"
    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    CUSTOMER_ARCHIVED = "CUSTOMER_ARCHIVED"


REASON_MEANINGS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.GRANTED: "The feature may be used as asked.",
        Reason.NO_ACTIVE_SUBSCRIPTION: "The customer has no subscription and nothing was granted or overridden.",
        Reason.SUBSCRIPTION_NOT_STARTED: "The subscription begins later.",
        Reason.SUBSCRIPTION_ENDED: "The subscription has ended.",
        Reason.TRIAL_ENDED: "The trial ended and no paid subscription followed.",
        Reason.INCOMPLETE: "The subscription waits for its first payment.",
        Reason.PAST_DUE: "A payment is overdue and the days of grace are over.",
        Reason.UNPAID: "Payment was given up on; access returns when it is paid.",
        Reason.PAUSED: "The subscription is paused.",
        Reason.NOT_IN_PLAN: "The customer is subscribed, but no plan or add-on of theirs has this feature.",
        Reason.LIMIT_REACHED: "Nothing is left of the limit and of what was granted on top.",
        Reason.REQUESTED_EXCEEDS_LIMIT: "Something is left, but less than was requested.",
        Reason.VALUE_NOT_ALLOWED: "The requested value is not among those that the customer may use.",
        Reason.REVOKED: "An override takes this feature away.",
        Reason.FEATURE_NOT_FOUND: "There is no feature with this key.",
        Reason.FEATURE_ARCHIVED: "The feature is archived and no longer given to anybody.",
        Reason.CUSTOMER_NOT_FOUND: "There is no such customer.",
        Reason.CUSTOMER_ARCHIVED: "The customer is archived.",
    }
)
"""What each reason tells a person."""


@dataclass(slots=True)
class Decision:
    """The answer about one customer, feature and resource at one instant; amounts are integers of 10^-scale.

    Not frozen, only because freezing triples the cost of making one.

    Attributes:
        resource: the resource it is about; '' is the customer as a whole.
        requested: what was asked for, if anything.
        limit: what limit sources or the override give per window; None if there is none, or if `unlimited`.
        hard: whether the limit denies; a soft one only counts what is over.
        used: what the counter holds of the limit; `reserved` is held by reservations, of limit and allowances.
        remaining: what may still be used, allowances included; None if unlimited or not metered.
        over_by: how far used and reserved are above the limit.
        allowance_left: what running allowances still hold; 0 while an override stands.
        window_start: since when `used` counts; None means always.
        resets_at: when `used` begins again at 0; None means never.
        value: the value of a configuration feature.
        valid_until: the next instant at which time alone may change this decision; None if none is known.
    """

    feature_key: str
    kind: FeatureKind | None
    resource: str
    reason: Reason
    has_access: bool
    requested: Json = None
    limit: int | None = None
    unlimited: bool = False
    hard: bool = True
    used: int = 0
    reserved: int = 0
    remaining: int | None = None
    over_by: int = 0
    allowance_left: int = 0
    window_start: datetime | None = None
    resets_at: datetime | None = None
    value: Json = None
    valid_until: datetime | None = None
