"""Subscriptions, their items, what is scheduled for them and why they end."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.calendar import IntervalUnit
from billing.instalments import AccessAfterCompletion
from billing.invoicing.values import BillingMode
from billing.lifecycle import (
    CancelReason,
    CancelTiming,
    Cause,
    ChangeKind,
    ChangeStatus,
    Channel,
    CollectionBehavior,
    Status,
)
from billing.schedules import EndBehavior, ScheduleStatus
from billing.trials import TrialEnding
from models.choices import BilledBy, Collection
from models.tables.base import Row, partial, strict
from models.types import Choice, Flag, Instant, Int64, Json, Text, checked


class SubscriptionRow(Row, table=True):
    """A subscription's stored facts. `cancel_at` mirrors the pending CANCEL so that lists can filter by state in SQL.

    `due_at` is the next instant at which time alone changes it; `resource_id` is '' where the product has one only.
    `grace_until` is until when it gives access though it is past due. `schedule_cancel_at` is when a schedule ends it,
    which is a pending cancellation from `last_phase_at` on. (C9) A CLASSIC one's anchor may follow a cancel date. (C19)
    `went_on_at` is when an end led it to a plan. (S7)
    `instalments` is how many were agreed, 0 where it renews; `completes_at` is when the last of them is used up. (K4)
    `instalments_before` is how many of them were paid to whoever billed before us.
    `trial_ending` is what the trial's end does where `method_missing`, which is noted only while it matters;
    `trial_leads_to` is the plan on which it goes on where that is an end. (S7)
    """

    __tablename__ = "subscription"
    __table_args__ = strict(
        checked("status", Status),
        checked("every", IntervalUnit),
        checked("billed_by", BilledBy),
        checked("collection", Collection),
        checked("ended_cause", Cause),
        checked("billing_mode", BillingMode),
        checked("collection_behavior", CollectionBehavior),
        checked("access_after_completion", AccessAfterCompletion),
        checked("trial_ending", TrialEnding),
        UniqueConstraint("environment_id", "external_id"),
        Index("ix_subscription_created", "environment_id", "created_at", "id"),
        Index("ix_subscription_customer", "customer_id"),
        Index("ix_subscription_plan", "plan_id"),
        partial("ix_subscription_due", "environment_id", "due_at", where="due_at IS NOT NULL"),
        partial(
            "uq_subscription_live", "customer_id", "product_id", "resource_id", unique=True, where="ended_at IS NULL"
        ),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    product_id: str = Field(foreign_key="product.id", sa_type=Text)
    plan_id: str = Field(foreign_key="plan.id", sa_type=Text)
    plan_version_id: str = Field(foreign_key="plan_version.id", sa_type=Text)
    resource_id: str = Field(default="", sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    status: Status = Field(sa_type=Choice(Status))
    currency: str = Field(default="", sa_type=Text)
    every: IntervalUnit = Field(sa_type=Choice(IntervalUnit))
    count: int = Field(default=1, sa_type=Int64)
    zone: str = Field(sa_type=Text)
    anchor: datetime = Field(sa_type=Instant)
    starts_at: datetime = Field(sa_type=Instant)
    trial_end: datetime | None = Field(default=None, sa_type=Instant)
    period_start: datetime = Field(sa_type=Instant)
    period_end: datetime = Field(sa_type=Instant)
    natural_end: datetime = Field(sa_type=Instant)
    cancel_at: datetime | None = Field(default=None, sa_type=Instant)
    access_until: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_cause: Cause | None = Field(default=None, sa_type=Choice(Cause))
    billed_by: BilledBy = Field(default=BilledBy.BUILT_IN, sa_type=Choice(BilledBy))
    collection: Collection = Field(default=Collection.ON, sa_type=Choice(Collection))
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    labels: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    billing_mode: BillingMode = Field(default=BillingMode.FLEXIBLE, sa_type=Choice(BillingMode))
    collection_behavior: CollectionBehavior | None = Field(default=None, sa_type=Choice(CollectionBehavior))
    collection_resumes_at: datetime | None = Field(default=None, sa_type=Instant)
    grace_until: datetime | None = Field(default=None, sa_type=Instant)
    schedule_cancel_at: datetime | None = Field(default=None, sa_type=Instant)
    last_phase_at: datetime | None = Field(default=None, sa_type=Instant)
    anchor_chosen: bool = Field(default=False, sa_type=Flag)
    anchor_follows: datetime | None = Field(default=None, sa_type=Instant)
    anchor_before: datetime | None = Field(default=None, sa_type=Instant)
    went_on_at: datetime | None = Field(default=None, sa_type=Instant)
    instalments: int = Field(default=0, sa_type=Int64)
    access_after_completion: AccessAfterCompletion | None = Field(default=None, sa_type=Choice(AccessAfterCompletion))
    completes_at: datetime | None = Field(default=None, sa_type=Instant)
    trial_ending: TrialEnding = Field(default=TrialEnding.CREATE_INVOICE, sa_type=Choice(TrialEnding))
    method_missing: bool = Field(default=False, sa_type=Flag)
    instalments_before: int = Field(default=0, sa_type=Int64)
    trial_leads_to: dict[str, Any] | None = Field(default=None, sa_type=Json)


class SubscriptionItemRow(Row, table=True):
    """One price of the plan or of an add-on at a quantity; `price_id` is '' where nothing is charged."""

    __tablename__ = "subscription_item"
    __table_args__ = strict(UniqueConstraint("subscription_id", "plan_id", "price_id"))

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    subscription_id: str = Field(foreign_key="subscription.id", sa_type=Text)
    plan_id: str = Field(foreign_key="plan.id", sa_type=Text)
    plan_version_id: str = Field(foreign_key="plan_version.id", sa_type=Text)
    price_id: str = Field(default="", sa_type=Text)
    quantity: int = Field(default=1, sa_type=Int64)
    add_on: bool = Field(default=False, sa_type=Flag)


class ScheduledChangeRow(Row, table=True):
    """A pending thing, one of a kind and item at a time; its local time lets a change of the zone data move it.

    `schedule_id` is the schedule of which it is a phase or the end. A phase that is a trial has `trial_end`. The target
    of a cancellation is where the customer goes on. (S7) What waits `until_fits` was held back last at `held_back_at`,
    for `blocked_by`. (S6)
    """

    __tablename__ = "scheduled_change"
    __table_args__ = strict(
        checked("kind", ChangeKind),
        checked("status", ChangeStatus),
        checked("channel", Channel),
        Index("ix_scheduled_change_subscription", "subscription_id", "status"),
        partial(
            "uq_scheduled_change_pending", "subscription_id", "kind", "item", unique=True, where="status = 'PENDING'"
        ),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    subscription_id: str = Field(foreign_key="subscription.id", sa_type=Text)
    kind: ChangeKind = Field(sa_type=Choice(ChangeKind))
    item: str = Field(default="", sa_type=Text)
    status: ChangeStatus = Field(sa_type=Choice(ChangeStatus))
    applies_at: datetime = Field(sa_type=Instant)
    zone: str = Field(sa_type=Text)
    local_time: str = Field(sa_type=Text)
    target: dict[str, Any] | None = Field(default=None, sa_type=Json)
    quantity: int | None = Field(default=None, sa_type=Int64)
    requested_at: datetime = Field(sa_type=Instant)
    actor: str = Field(default="", sa_type=Text)
    channel: Channel = Field(sa_type=Choice(Channel))
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    job_id: str | None = Field(default=None, sa_type=Text)
    schedule_id: str | None = Field(default=None, sa_type=Text)
    phase: dict[str, Any] | None = Field(default=None, sa_type=Json)
    trial_end: datetime | None = Field(default=None, sa_type=Instant)
    until_fits: bool = Field(default=False, sa_type=Flag)
    held_back_at: datetime | None = Field(default=None, sa_type=Instant)
    blocked_by: list[dict[str, Any]] | None = Field(default=None, sa_type=Json)


class SubscriptionScheduleRow(Row, table=True):
    """A schedule; its phases and its end are scheduled changes that name it. (C9)"""

    __tablename__ = "subscription_schedule"
    __table_args__ = strict(
        checked("status", ScheduleStatus),
        checked("end_behavior", EndBehavior),
        checked("channel", Channel),
        Index("ix_subscription_schedule_subscription", "subscription_id", "created_at", "id"),
        partial("uq_subscription_schedule_active", "subscription_id", unique=True, where="status = 'ACTIVE'"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    subscription_id: str = Field(foreign_key="subscription.id", sa_type=Text)
    status: ScheduleStatus = Field(sa_type=Choice(ScheduleStatus))
    end_behavior: EndBehavior = Field(sa_type=Choice(EndBehavior))
    ends_at: datetime = Field(sa_type=Instant)
    actor: str = Field(default="", sa_type=Text)
    channel: Channel = Field(sa_type=Choice(Channel))
    created_at: datetime = Field(sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)


class SubscriptionHistoryRow(Row, table=True):
    """The facts of a subscription from `since` on, kept whenever they changed: questions about the past read these."""

    __tablename__ = "subscription_history"
    __table_args__ = strict()

    subscription_id: str = Field(foreign_key="subscription.id", primary_key=True, sa_type=Text)
    seq: int = Field(primary_key=True, sa_type=Int64)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", index=True, sa_type=Text)
    since: datetime = Field(sa_type=Instant)
    facts: dict[str, Any] = Field(sa_type=Json)


class CancellationRow(Row, table=True):
    """Who asked to end a subscription, when, why and on which terms; kept after an undo. (T10)

    `replaced_by_id` is the subscription that took its place, '' where none is named. (K6)
    """

    __tablename__ = "cancellation"
    __table_args__ = strict(
        checked("timing", CancelTiming),
        checked("reason", CancelReason),
        checked("channel", Channel),
        Index("ix_cancellation_latest", "subscription_id", "undone_at", "requested_at", "id"),
        Index("ix_cancellation_change", "scheduled_change_id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    subscription_id: str = Field(foreign_key="subscription.id", sa_type=Text)
    scheduled_change_id: str = Field(default="", sa_type=Text)
    timing: CancelTiming = Field(sa_type=Choice(CancelTiming))
    reason: CancelReason | None = Field(default=None, sa_type=Choice(CancelReason))
    comment_id: str = Field(default="", sa_type=Text)
    actor: str = Field(default="", sa_type=Text)
    channel: Channel = Field(sa_type=Choice(Channel))
    requested_at: datetime = Field(sa_type=Instant)
    effective_at: datetime = Field(sa_type=Instant)
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    terms: dict[str, Any] | None = Field(default=None, sa_type=Json)
    replaced_by_id: str = Field(default="", sa_type=Text)
