# ruff: noqa: D101, N818  (what a refusal means is said once, in `billing/schedule_refusals.py`; these are answers)
"""Every refusal of a schedule as the schema tells it."""

from typing import TypeAlias

from strawberry import ID

from billing import schedule_refusals
from billing.schedules import ScheduleStatus
from schema.limit_refusals import UsageOverLimit
from schema.promise import about
from schema.refusals import (
    AddOnNotCompatible,
    CancellationPending,
    CouponArchived,
    CouponCurrencyMismatch,
    CouponExhausted,
    CouponExpired,
    CouponNotForCustomer,
    CouponNotForProduct,
    CurrencyMismatch,
    DateOutOfRange,
    FirstPurchaseOnly,
    PlanNotAvailable,
    PriceNotAvailable,
    RefundAlreadyMade,
    SubscriptionEnded,
    TrialAlreadyUsed,
    UserError,
    tells,
)


@tells(schedule_refusals.ManagedBySchedule)
class ManagedBySchedule(UserError):
    schedule_id: ID = about("The schedule.")


@tells(schedule_refusals.ScheduleOver)
class ScheduleOver(UserError):
    schedule_status: ScheduleStatus | None = about("What became of it.")


PhasesRefusal: TypeAlias = (
    SubscriptionEnded
    | CancellationPending
    | RefundAlreadyMade
    | PlanNotAvailable
    | PriceNotAvailable
    | CurrencyMismatch
    | AddOnNotCompatible
    | TrialAlreadyUsed
    | DateOutOfRange
    | CouponArchived
    | CouponExpired
    | CouponExhausted
    | CouponNotForProduct
    | CouponCurrencyMismatch
    | CouponNotForCustomer
    | FirstPurchaseOnly
    | UsageOverLimit
)
"""What phases can be refused with, beyond what every call can."""
