"""The closed sets that tables, stores and answers share."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class EnvironmentKind(StrEnum):
    """What an environment is for; fixed at creation."""

    TEST = "TEST"
    LIVE = "LIVE"


class KeyKind(StrEnum):
    """Who holds an API key."""

    SECRET = "SECRET"  # noqa: S105  (a kind, not a secret)
    PUBLISHABLE = "PUBLISHABLE"


class PolicyScope(StrEnum):
    """What a self-service policy speaks for."""

    ENVIRONMENT = "ENVIRONMENT"
    PRODUCT = "PRODUCT"
    PLAN = "PLAN"


class OutwardChannel(StrEnum):
    """A way out of the program that can be held. What an act is called in the outbox says which way it takes."""

    PAYMENTS = "PAYMENTS"
    MAIL = "MAIL"
    WEBHOOKS = "WEBHOOKS"


class VersionStatus(StrEnum):
    """Where a plan version stands; a published one never changes."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    ARCHIVED = "ARCHIVED"


class CustomerKind(StrEnum):
    """Which law speaks for the customer; UNKNOWN is treated as CONSUMER."""

    CONSUMER = "CONSUMER"
    BUSINESS = "BUSINESS"
    UNKNOWN = "UNKNOWN"


class BilledBy(StrEnum):
    """Who bills a subscription."""

    BUILT_IN = "BUILT_IN"
    STRIPE = "STRIPE"


class Collection(StrEnum):
    """Whether payments are collected. (C1)"""

    ON = "ON"
    PAUSED = "PAUSED"


class SandboxKind(StrEnum):
    """What the sandbox's books hold."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"


class UsageKind(StrEnum):
    """How a ledger row came to be."""

    CONSUME = "CONSUME"
    REPORT = "REPORT"
    SET = "SET"
    SETTLE = "SETTLE"


class SubscriptionOrder(StrEnum):
    """How a list of subscriptions is sorted."""

    CREATED_DESC = "CREATED_DESC"
    CREATED_ASC = "CREATED_ASC"
    PERIOD_END_ASC = "PERIOD_END_ASC"
    PERIOD_END_DESC = "PERIOD_END_DESC"


SUBSCRIPTION_ORDER_MEANINGS: Mapping[SubscriptionOrder, str] = MappingProxyType(
    {
        SubscriptionOrder.CREATED_DESC: "Newest first.",
        SubscriptionOrder.CREATED_ASC: "Oldest first.",
        SubscriptionOrder.PERIOD_END_ASC: "The stored period that ends soonest first.",
        SubscriptionOrder.PERIOD_END_DESC: "The stored period that ends last first.",
    },
)


class Consistency(StrEnum):
    """How fresh a decision has to be."""

    EVENTUAL = "EVENTUAL"
    STRONG = "STRONG"


CONSISTENCY_MEANINGS: Mapping[Consistency, str] = MappingProxyType(
    {
        Consistency.EVENTUAL: (
            "Everything that this server did and answered, and what others did up to 50 ms ago: "
            "it may come from memory."
        ),
        Consistency.STRONG: "Everything that is committed when it is read: it is never taken from memory.",
    },
)


class JobKind(StrEnum):
    """What a job does to each of its items."""

    PLAN_MIGRATION = "PLAN_MIGRATION"
    CANCELLATION = "CANCELLATION"


JOB_KIND_MEANINGS: Mapping[JobKind, str] = MappingProxyType(
    {
        JobKind.PLAN_MIGRATION: "Moves subscriptions from a plan, or one version of it, to another.",
        JobKind.CANCELLATION: "Cancels subscriptions, all on the same terms.",
    },
)


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELED = "CANCELED"
    FAILED = "FAILED"


JOB_STATE_MEANINGS: Mapping[JobState, str] = MappingProxyType(
    {
        JobState.QUEUED: "Waiting for a worker.",
        JobState.RUNNING: "Being worked on, or being undone.",
        JobState.DONE: "Every item was tried.",
        JobState.CANCELED: "Stopped, or undone; items that are still PENDING will never be tried.",
        JobState.FAILED: "Given up as a whole; `failure` says why.",
    },
)


class JobItemState(StrEnum):
    """What became of one item of a job."""

    PENDING = "PENDING"
    DONE = "DONE"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    UNDONE = "UNDONE"


JOB_ITEM_STATE_MEANINGS: Mapping[JobItemState, str] = MappingProxyType(
    {
        JobItemState.PENDING: "Not tried yet.",
        JobItemState.DONE: "Carried out.",
        JobItemState.SKIPPED: "Refused by a rule, which is named; nothing was changed.",
        JobItemState.FAILED: "Could not be carried out by a mistake of ours, which is in the log; nothing was changed.",
        JobItemState.UNDONE: "Carried out and taken back.",
    },
)


class ImportKind(StrEnum):
    """What a line of an import was."""

    CUSTOMER = "CUSTOMER"
    SUBSCRIPTION = "SUBSCRIPTION"
    USAGE = "USAGE"
    GRANT = "GRANT"
