"""The axes of a subscription and the one table that says which act is possible in which status."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(StrEnum):
    """Where a subscription stands; a pending cancellation is not a status."""

    NOT_STARTED = "NOT_STARTED"
    INCOMPLETE = "INCOMPLETE"
    INCOMPLETE_EXPIRED = "INCOMPLETE_EXPIRED"
    TRIALING = "TRIALING"
    ACTIVE = "ACTIVE"
    PAST_DUE = "PAST_DUE"
    UNPAID = "UNPAID"
    PAUSED = "PAUSED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    COMPLETED = "COMPLETED"


STATUS_MEANINGS: Mapping[Status, str] = MappingProxyType(
    {
        Status.NOT_STARTED: "Agreed, and begins at a later instant; gives no access yet.",
        Status.INCOMPLETE: "The first payment is outstanding; gives no access yet.",
        Status.INCOMPLETE_EXPIRED: "The first payment never came.",
        Status.TRIALING: "In its trial, with full access and nothing to pay.",
        Status.ACTIVE: "Running.",
        Status.PAST_DUE: "A payment is late; access goes on for the grace days.",
        Status.UNPAID: "Collection was given up; no access until it is paid.",
        Status.PAUSED: "Paused; nothing is billed until it resumes.",
        Status.CANCELING: "Ended here and waiting for the payment provider to confirm.",
        Status.CANCELED: "Ended; it is never reactivated.",
        Status.COMPLETED: "All instalments were paid.",
    },
)

LIVE = frozenset(
    {
        Status.NOT_STARTED,
        Status.INCOMPLETE,
        Status.TRIALING,
        Status.ACTIVE,
        Status.PAST_DUE,
        Status.UNPAID,
        Status.PAUSED,
    },
)


class State(StrEnum):
    """What lists filter by, one each: the status, or PENDING_CANCELLATION for a live one that will end. (K16)"""

    NOT_STARTED = "NOT_STARTED"
    INCOMPLETE = "INCOMPLETE"
    INCOMPLETE_EXPIRED = "INCOMPLETE_EXPIRED"
    TRIALING = "TRIALING"
    ACTIVE = "ACTIVE"
    PAST_DUE = "PAST_DUE"
    UNPAID = "UNPAID"
    PAUSED = "PAUSED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    COMPLETED = "COMPLETED"
    PENDING_CANCELLATION = "PENDING_CANCELLATION"


STATE_MEANINGS: Mapping[State, str] = MappingProxyType(
    {State(status.value): meaning for status, meaning in STATUS_MEANINGS.items()}
    | {State.PENDING_CANCELLATION: "Live, with a cancellation that takes effect later; not listed under its status."},
)


class Action(StrEnum):
    """What can be done to a subscription; a button and a mutation are read off the same table."""

    MANAGE = "MANAGE"
    CONTACT_SUPPORT = "CONTACT_SUPPORT"
    CHANGE_PLAN = "CHANGE_PLAN"
    DOWNGRADE = "DOWNGRADE"
    CANCEL_NOW = "CANCEL_NOW"
    CANCEL_AT_PERIOD_END = "CANCEL_AT_PERIOD_END"
    CANCEL_ON_DATE = "CANCEL_ON_DATE"
    UNDO_CANCELLATION = "UNDO_CANCELLATION"
    UNDO_CHANGE = "UNDO_CHANGE"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    COLLECTION_PAUSE = "COLLECTION_PAUSE"
    COLLECTION_RESUME = "COLLECTION_RESUME"
    WITHDRAW_REQUEST = "WITHDRAW_REQUEST"
    PUBLIC_CANCELLATION_FORM = "PUBLIC_CANCELLATION_FORM"


ACTION_MEANINGS: Mapping[Action, str] = MappingProxyType(
    {
        Action.MANAGE: "Open what the merchant configured for managing the subscription. (S2-S4)",
        Action.CONTACT_SUPPORT: "Ask the merchant: for custom-priced plans, and where nothing else is allowed.",
        Action.CHANGE_PLAN: "Move to another plan, quantity or interval.",
        Action.DOWNGRADE: "Move to a lower plan, by default when the paid period ends. (S6)",
        Action.CANCEL_NOW: "End at once.",
        Action.CANCEL_AT_PERIOD_END: "End when the present period ends.",
        Action.CANCEL_ON_DATE: "End on a chosen date. (K8)",
        Action.UNDO_CANCELLATION: "Keep the subscription: take a pending cancellation back. (K14)",
        Action.UNDO_CHANGE: "Take a pending plan or quantity change back.",
        Action.PAUSE: "Pause; billing stops until it resumes. (P3)",
        Action.RESUME: "Resume a paused subscription.",
        Action.COLLECTION_PAUSE: "Pause collecting payments; service goes on. (C1)",
        Action.COLLECTION_RESUME: "Collect payments again.",
        Action.WITHDRAW_REQUEST: "Withdraw a cancellation request. (P8)",
        Action.PUBLIC_CANCELLATION_FORM: "The public form that the law asks for in some countries.",
    },
)


class ChangeKind(StrEnum):
    """What a scheduled change does when its instant comes."""

    CANCEL = "CANCEL"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    PLAN_CHANGE = "PLAN_CHANGE"
    QUANTITY = "QUANTITY"
    RELEASE = "RELEASE"


CHANGE_KIND_MEANINGS: Mapping[ChangeKind, str] = MappingProxyType(
    {
        ChangeKind.CANCEL: "The subscription ends.",
        ChangeKind.PAUSE: "The subscription pauses.",
        ChangeKind.RESUME: "The subscription resumes.",
        ChangeKind.PLAN_CHANGE: "The subscription moves to another plan, version or interval.",
        ChangeKind.QUANTITY: "The quantity of the plan or of one add-on changes.",
        ChangeKind.RELEASE: "A schedule is over, and the subscription goes on as it is. (C9)",
    },
)


class ChangeStatus(StrEnum):
    """What became of a scheduled change."""

    PENDING = "PENDING"
    APPLIED = "APPLIED"
    UNDONE = "UNDONE"
    REPLACED = "REPLACED"
    DROPPED = "DROPPED"


CHANGE_STATUS_MEANINGS: Mapping[ChangeStatus, str] = MappingProxyType(
    {
        ChangeStatus.PENDING: "Waiting for its instant.",
        ChangeStatus.APPLIED: "Taken effect.",
        ChangeStatus.UNDONE: "Taken back before its instant.",
        ChangeStatus.REPLACED: "A later change took its place.",
        ChangeStatus.DROPPED: "The subscription ended first, or its schedule was released.",
    },
)

_RUNNING = (Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID)
"""Who has a period that ends by itself."""

MOVES: Mapping[tuple[Status, Action], Status] = MappingProxyType(
    {(status, Action.CANCEL_NOW): Status.CANCELED for status in LIVE}
    | {(status, Action.CANCEL_AT_PERIOD_END): status for status in _RUNNING}
    | {(status, Action.CANCEL_ON_DATE): status for status in LIVE}
    | {(status, Action.UNDO_CANCELLATION): status for status in LIVE}
    | {(status, Action.UNDO_CHANGE): status for status in LIVE}
    | {(status, Action.CHANGE_PLAN): status for status in (Status.TRIALING, Status.ACTIVE)}
    | {(status, Action.DOWNGRADE): status for status in (Status.TRIALING, Status.ACTIVE)}
    | {(status, Action.COLLECTION_PAUSE): status for status in LIVE}
    | {(status, Action.COLLECTION_RESUME): status for status in LIVE},
)
"""(status, action) -> the status at once after it. What is not listed is refused."""


class CancelTiming(StrEnum):
    """When a cancellation takes effect."""

    IMMEDIATE = "IMMEDIATE"
    END_OF_PERIOD = "END_OF_PERIOD"
    ON_DATE = "ON_DATE"
    AFTER_CYCLES = "AFTER_CYCLES"
    AFTER_NOTICE = "AFTER_NOTICE"


CANCEL_TIMING_MEANINGS: Mapping[CancelTiming, str] = MappingProxyType(
    {
        CancelTiming.IMMEDIATE: "Now.",
        CancelTiming.END_OF_PERIOD: "At the end of the present period, or of the trial.",
        CancelTiming.ON_DATE: "At the instant given as `date`: after now, at most ten years away. (K8)",
        CancelTiming.AFTER_CYCLES: "When as many periods are over as `cycles` says; the present one is the first. (C9)",
        CancelTiming.AFTER_NOTICE: (
            "At the local midnight that ends the last day of `notice`, or with the next payment if that comes later;"
            " in a trial, with the trial. (P8)"
        ),
    },
)

CANCEL_ACTIONS: Mapping[CancelTiming, Action] = MappingProxyType(
    {
        CancelTiming.IMMEDIATE: Action.CANCEL_NOW,
        CancelTiming.END_OF_PERIOD: Action.CANCEL_AT_PERIOD_END,
        CancelTiming.ON_DATE: Action.CANCEL_ON_DATE,
        CancelTiming.AFTER_CYCLES: Action.CANCEL_AT_PERIOD_END,
        CancelTiming.AFTER_NOTICE: Action.CANCEL_ON_DATE,
    },
)


class ChangeTiming(StrEnum):
    """When a change of plan or quantity takes effect."""

    IMMEDIATE = "IMMEDIATE"
    END_OF_PERIOD = "END_OF_PERIOD"


CHANGE_TIMING_MEANINGS: Mapping[ChangeTiming, str] = MappingProxyType(
    {
        ChangeTiming.IMMEDIATE: "Now.",
        ChangeTiming.END_OF_PERIOD: "When the present period ends; what was paid for stays usable until then.",
    },
)


class CollectionBehavior(StrEnum):
    """What becomes of invoices that are made while collection is paused. (C1)"""

    KEEP_AS_DRAFT = "KEEP_AS_DRAFT"
    MARK_UNCOLLECTIBLE = "MARK_UNCOLLECTIBLE"
    VOID = "VOID"


COLLECTION_BEHAVIOR_MEANINGS: Mapping[CollectionBehavior, str] = MappingProxyType(
    {
        CollectionBehavior.KEEP_AS_DRAFT: "They stay drafts that nothing finalizes by itself, to be collected later.",
        CollectionBehavior.MARK_UNCOLLECTIBLE: "They are final and given up at once: service was offered for free.",
        CollectionBehavior.VOID: "They are final and taken back at once: there was no service to pay for.",
    },
)


class Cause(StrEnum):
    """Whether somebody asked for what happened, or time and settings brought it. (C15)"""

    REQUEST = "REQUEST"
    AUTOMATIC = "AUTOMATIC"


CAUSE_MEANINGS: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.REQUEST: "A call asked for it.",
        Cause.AUTOMATIC: "A due instant, a schedule or a setting brought it.",
    },
)


class Channel(StrEnum):
    """Where a call came from."""

    API = "API"
    CUSTOMER = "CUSTOMER"
    PORTAL = "PORTAL"
    CLI = "CLI"
    WORKER = "WORKER"


CHANNEL_MEANINGS: Mapping[Channel, str] = MappingProxyType(
    {
        Channel.API: "A merchant's secret key.",
        Channel.CUSTOMER: "A customer token, in a widget or the host's own page.",
        Channel.PORTAL: "The hosted portal.",
        Channel.CLI: "The command line on the server.",
        Channel.WORKER: "Time.",
    },
)


class CancelReason(StrEnum):
    """Why it ends: the reasons that a customer may give (T8), the merchant's own (K6), and Plangate's. (C2, C10)"""

    TOO_EXPENSIVE = "too_expensive"
    MISSING_FEATURES = "missing_features"
    SWITCHED_SERVICE = "switched_service"
    UNUSED = "unused"
    CUSTOMER_SERVICE = "customer_service"
    TOO_COMPLEX = "too_complex"
    LOW_QUALITY = "low_quality"
    OTHER = "other"
    REPLACED = "replaced"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_DISPUTED = "payment_disputed"
    NO_PAYMENT_METHOD = "no_payment_method"


CANCEL_REASON_MEANINGS: Mapping[CancelReason, str] = MappingProxyType(
    {
        CancelReason.TOO_EXPENSIVE: "It costs too much.",
        CancelReason.MISSING_FEATURES: "Something needed is missing.",
        CancelReason.SWITCHED_SERVICE: "Another service took its place.",
        CancelReason.UNUSED: "It is not used any more.",
        CancelReason.CUSTOMER_SERVICE: "The service by people fell short.",
        CancelReason.TOO_COMPLEX: "It is too hard to use.",
        CancelReason.LOW_QUALITY: "Its quality fell short.",
        CancelReason.OTHER: "Something else; a comment may say what. (T9)",
        CancelReason.REPLACED: "The merchant's own: another purchase took its place. (K6)",
        CancelReason.PAYMENT_FAILED: "Plangate's own: no attempt to collect an invoice succeeded. (C2)",
        CancelReason.PAYMENT_DISPUTED: "Plangate's own: a payment was disputed in full. (C10)",
        CancelReason.NO_PAYMENT_METHOD: "Plangate's own: its trial ended, and there was no payment method.",
    },
)

OWN_REASONS = frozenset({CancelReason.PAYMENT_FAILED, CancelReason.PAYMENT_DISPUTED, CancelReason.NO_PAYMENT_METHOD})
"""Reasons that nobody gives: Plangate ends a subscription for them."""

SEEDED_REASONS = frozenset(CancelReason) - OWN_REASONS - {CancelReason.REPLACED}
"""Reasons that a customer may give. (T8)"""
