"""The closed sets as the schema names them, each value described by the table of meanings that goes with the set."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

import strawberry

from billing.actions import AUDIENCE_MEANINGS, CLOSED_MEANINGS, Audience, Closed
from billing.books import ACCOUNT_MEANINGS, BOOKED_MEANINGS, Account, Booked
from billing.calendar import IntervalUnit
from billing.catalog.changes import (
    CATALOG_CHANGE_KIND_MEANINGS,
    CATALOG_SECTION_MEANINGS,
    CatalogChangeKind,
    CatalogSection,
)
from billing.catalog.values import (
    PLAN_KIND_MEANINGS,
    PRICE_MODEL_MEANINGS,
    PRICE_USAGE_MEANINGS,
    PlanKind,
    PriceModel,
    PriceUsage,
)
from billing.changes import (
    DIRECTION_MEANINGS,
    MIGRATION_PRICES_MEANINGS,
    MIGRATION_TIMING_MEANINGS,
    PENDING_CHANGES_MEANINGS,
    Direction,
    MigrationPrices,
    MigrationTiming,
    PendingChanges,
)
from billing.discounts import COUPON_DURATION_MEANINGS, CouponDuration
from billing.ending import (
    END_ACCESS_MEANINGS,
    END_PRESET_MEANINGS,
    END_REFUND_MEANINGS,
    OPEN_INVOICES_MEANINGS,
    PENDING_ITEMS_MEANINGS,
    EndAccess,
    EndPreset,
    EndRefund,
    OpenInvoices,
    PendingItems,
)
from billing.ending_refusals import UNFIT_MEANINGS, Unfit
from billing.entitlements.decisions import REASON_MEANINGS, Reason
from billing.entitlements.explanations import LOSS_MEANINGS, RULE_MEANINGS, Loss, Rule, SourceKind
from billing.entitlements.reservations import RESERVATION_STATE_MEANINGS, ReservationState
from billing.entitlements.sources import (
    AddOnBehaviour,
    Aggregation,
    AllowanceKind,
    ConfigType,
    FeatureKind,
    NoAccess,
    ResetAnchor,
    ResetEvery,
)
from billing.instalments import ACCESS_AFTER_COMPLETION_MEANINGS, AccessAfterCompletion
from billing.invoicing.invoices import (
    COLLECTION_METHOD_MEANINGS,
    CREDIT_KIND_MEANINGS,
    CREDIT_TO_MEANINGS,
    INVOICE_REASON_MEANINGS,
    INVOICE_STATUS_MEANINGS,
    CollectionMethod,
    CreditKind,
    CreditTo,
    InvoiceReason,
    InvoiceStatus,
)
from billing.invoicing.policy import ON_DISPUTE_MEANINGS, OnDispute
from billing.invoicing.values import BILLING_MODE_MEANINGS, LINE_KIND_MEANINGS, BillingMode, LineKind
from billing.lifecycle import (
    ACTION_MEANINGS,
    CANCEL_REASON_MEANINGS,
    CANCEL_TIMING_MEANINGS,
    CAUSE_MEANINGS,
    CHANGE_KIND_MEANINGS,
    CHANGE_STATUS_MEANINGS,
    CHANGE_TIMING_MEANINGS,
    CHANNEL_MEANINGS,
    COLLECTION_BEHAVIOR_MEANINGS,
    STATE_MEANINGS,
    STATUS_MEANINGS,
    Action,
    CancelReason,
    CancelTiming,
    Cause,
    ChangeKind,
    ChangeStatus,
    ChangeTiming,
    Channel,
    CollectionBehavior,
    State,
    Status,
)
from billing.payments import PAYMENT_STATUS_MEANINGS, REFUND_STATUS_MEANINGS, PaymentStatus, RefundStatus
from billing.ports import SIMULATION_MEANINGS, Simulation
from billing.preview_refusals import STALE_REASON_MEANINGS, StaleReason
from billing.schedules import (
    END_BEHAVIOR_MEANINGS,
    PHASE_ANCHOR_MEANINGS,
    PRORATION_BEHAVIOR_MEANINGS,
    SCHEDULE_STATUS_MEANINGS,
    EndBehavior,
    PhaseAnchor,
    ProrationBehavior,
    ScheduleStatus,
)
from billing.trials import TRIAL_ENDING_MEANINGS, TrialEnding
from models.choices import (
    CONSISTENCY_MEANINGS,
    JOB_ITEM_STATE_MEANINGS,
    JOB_KIND_MEANINGS,
    JOB_STATE_MEANINGS,
    SUBSCRIPTION_ORDER_MEANINGS,
    BilledBy,
    Collection,
    Consistency,
    CustomerKind,
    EnvironmentKind,
    JobItemState,
    JobKind,
    JobState,
    KeyKind,
    SubscriptionOrder,
    UsageKind,
)
from resolvers.billing_portal_session_create import PORTAL_FLOW_MEANINGS, PortalFlow
from resolvers.previews import CHANGE_OF_ACCESS_MEANINGS, ChangeOfAccess
from resolvers.principal import PrincipalKind
from resolvers.usage_report import USAGE_REPORT_KIND_MEANINGS, UsageReportKind
from schema.promise import told


class ClosedSet(NamedTuple):
    """An enum, what each value means, and its name in the schema where that is another than in the code."""

    of: type[StrEnum]
    meanings: Mapping[Any, str]
    name: str | None = None

    def promise(self) -> None:
        """Name and describe it; a value without its meaning stops the program."""
        strawberry.enum(self.of, name=self.name, description=told(self.of))
        for value in cast("Any", self.of).__strawberry_definition__.values:
            value.description = self.meanings[value.value]


CLOSED_SETS: Final[tuple[ClosedSet, ...]] = (
    ClosedSet(Status, STATUS_MEANINGS, "SubscriptionStatus"),
    ClosedSet(State, STATE_MEANINGS, "SubscriptionState"),
    ClosedSet(Action, ACTION_MEANINGS, "SubscriptionAction"),
    ClosedSet(Closed, CLOSED_MEANINGS, "ClosedReason"),
    ClosedSet(Audience, AUDIENCE_MEANINGS),
    ClosedSet(ChangeKind, CHANGE_KIND_MEANINGS, "ScheduledChangeKind"),
    ClosedSet(ChangeStatus, CHANGE_STATUS_MEANINGS, "ScheduledChangeStatus"),
    ClosedSet(CancelTiming, CANCEL_TIMING_MEANINGS, "CancellationTiming"),
    ClosedSet(EndRefund, END_REFUND_MEANINGS, "CancellationRefund"),
    ClosedSet(OpenInvoices, OPEN_INVOICES_MEANINGS, "CancellationOpenInvoices"),
    ClosedSet(PendingItems, PENDING_ITEMS_MEANINGS, "CancellationPendingItems"),
    ClosedSet(EndAccess, END_ACCESS_MEANINGS, "CancellationAccess"),
    ClosedSet(EndPreset, END_PRESET_MEANINGS, "CancellationPreset"),
    ClosedSet(CancelReason, CANCEL_REASON_MEANINGS, "CancellationReason"),
    ClosedSet(Unfit, UNFIT_MEANINGS, "ReplacementUnfit"),
    ClosedSet(ChangeTiming, CHANGE_TIMING_MEANINGS),
    ClosedSet(Direction, DIRECTION_MEANINGS, "ChangeDirection"),
    ClosedSet(Cause, CAUSE_MEANINGS),
    ClosedSet(Channel, CHANNEL_MEANINGS),
    ClosedSet(CatalogChangeKind, CATALOG_CHANGE_KIND_MEANINGS),
    ClosedSet(CatalogSection, CATALOG_SECTION_MEANINGS),
    ClosedSet(PlanKind, PLAN_KIND_MEANINGS),
    ClosedSet(AccessAfterCompletion, ACCESS_AFTER_COMPLETION_MEANINGS),
    ClosedSet(PriceModel, PRICE_MODEL_MEANINGS),
    ClosedSet(PriceUsage, PRICE_USAGE_MEANINGS),
    ClosedSet(Reason, REASON_MEANINGS, "EntitlementReason"),
    ClosedSet(Rule, RULE_MEANINGS, "EntitlementRule"),
    ClosedSet(Loss, LOSS_MEANINGS, "EntitlementLoss"),
    ClosedSet(Consistency, CONSISTENCY_MEANINGS),
    ClosedSet(SubscriptionOrder, SUBSCRIPTION_ORDER_MEANINGS),
    ClosedSet(
        IntervalUnit,
        {
            IntervalUnit.HOUR: "An elapsed hour.",
            IntervalUnit.DAY: "A day of the local calendar.",
            IntervalUnit.WEEK: "Seven days of the local calendar.",
            IntervalUnit.MONTH: "A calendar month; an anchor on the 31st falls on the last day of short months.",
            IntervalUnit.YEAR: "A calendar year.",
        },
    ),
    ClosedSet(
        FeatureKind,
        {
            FeatureKind.BOOLEAN: "There or not.",
            FeatureKind.CONFIG: "A value: a number, a choice or JSON.",
            FeatureKind.METERED: "Counted against a limit.",
        },
    ),
    ClosedSet(
        ConfigType,
        {
            ConfigType.NUMBER: "A number; what is requested must not be above it.",
            ConfigType.ENUM: "One of the allowed values, or several of them.",
            ConfigType.JSON: "Any JSON; what is requested must be the same.",
        },
    ),
    ClosedSet(
        Aggregation,
        {
            Aggregation.SUM: "Everything reported is added up.",
            Aggregation.MAX: "The largest report counts.",
            Aggregation.LAST: "The last report counts.",
        },
    ),
    ClosedSet(
        ResetEvery,
        {
            ResetEvery.HOUR: "Every hour.",
            ResetEvery.DAY: "Every day.",
            ResetEvery.WEEK: "Every week.",
            ResetEvery.MONTH: "Every month.",
            ResetEvery.YEAR: "Every year.",
            ResetEvery.SUBSCRIPTION_PERIOD: "With each period of the subscription.",
            ResetEvery.NEVER: "It goes on counting.",
        },
    ),
    ClosedSet(
        ResetAnchor,
        {
            ResetAnchor.SUBSCRIPTION: "Counted from the subscription's anchor.",
            ResetAnchor.CALENDAR: "Counted from midnight of the local calendar; weeks begin on Monday.",
        },
    ),
    ClosedSet(
        AddOnBehaviour,
        {
            AddOnBehaviour.ADD: "The add-on's amount, times its quantity, is added to the plan's.",
            AddOnBehaviour.REPLACE: "The add-on's stands in place of the plan's.",
        },
    ),
    ClosedSet(
        AllowanceKind,
        {
            AllowanceKind.PROMOTIONAL: "Given by the merchant.",
            AllowanceKind.PURCHASED: "Bought.",
            AllowanceKind.ROLLED_OVER: "Left over from the window before.",
        },
    ),
    ClosedSet(
        NoAccess,
        {reason: REASON_MEANINGS[Reason(reason.value)] for reason in NoAccess},
        "NoAccessReason",
    ),
    ClosedSet(
        SourceKind,
        {
            SourceKind.PLAN: "The plan of a subscription.",
            SourceKind.ADD_ON: "An add-on of a subscription.",
            SourceKind.ALLOWANCE: "A grant, something bought, or something rolled over.",
            SourceKind.OVERRIDE: "An override.",
        },
        "EntitlementSourceKind",
    ),
    ClosedSet(
        CustomerKind,
        {
            CustomerKind.CONSUMER: "A person who buys for themselves: consumer law speaks for them.",
            CustomerKind.BUSINESS: "A business.",
            CustomerKind.UNKNOWN: "Not said; treated like a consumer.",
        },
    ),
    ClosedSet(
        UsageKind,
        {
            UsageKind.CONSUME: "Checked and taken in one step by `entitlementConsume`.",
            UsageKind.REPORT: "Reported after the fact, or corrected by a negative amount.",
            UsageKind.SET: "The difference by which a report set the window's total.",
            UsageKind.SETTLE: "What a reservation came to when it was settled.",
        },
    ),
    ClosedSet(ReservationState, RESERVATION_STATE_MEANINGS),
    ClosedSet(
        EnvironmentKind,
        {
            EnvironmentKind.TEST: "For trying things out; its clock can be moved.",
            EnvironmentKind.LIVE: "For real customers.",
        },
    ),
    ClosedSet(
        KeyKind,
        {
            KeyKind.SECRET: "For the merchant's own servers: does what its scopes allow.",
            KeyKind.PUBLISHABLE: "For browsers: reads the public catalog and nothing else.",
        },
        "ApiKeyKind",
    ),
    ClosedSet(
        BilledBy,
        {
            BilledBy.BUILT_IN: "Plangate's own engine.",
            BilledBy.STRIPE: "Stripe; Plangate mirrors what it says about money and status.",
        },
    ),
    ClosedSet(
        Collection,
        {
            Collection.ON: "Payments are collected.",
            Collection.PAUSED: "Payments are not collected; service goes on.",
        },
    ),
    ClosedSet(CollectionBehavior, COLLECTION_BEHAVIOR_MEANINGS),
    ClosedSet(PaymentStatus, PAYMENT_STATUS_MEANINGS),
    ClosedSet(RefundStatus, REFUND_STATUS_MEANINGS),
    ClosedSet(StaleReason, STALE_REASON_MEANINGS),
    ClosedSet(OnDispute, ON_DISPUTE_MEANINGS, "DisputeEffect"),
    ClosedSet(Simulation, SIMULATION_MEANINGS, "PaymentSimulation"),
    ClosedSet(InvoiceStatus, INVOICE_STATUS_MEANINGS),
    ClosedSet(InvoiceReason, INVOICE_REASON_MEANINGS),
    ClosedSet(CollectionMethod, COLLECTION_METHOD_MEANINGS),
    ClosedSet(CreditTo, CREDIT_TO_MEANINGS, "CreditNoteTo"),
    ClosedSet(Account, ACCOUNT_MEANINGS, "JournalAccount"),
    ClosedSet(Booked, BOOKED_MEANINGS, "JournalEntryKind"),
    ClosedSet(CreditKind, CREDIT_KIND_MEANINGS, "CreditEntryKind"),
    ClosedSet(LineKind, LINE_KIND_MEANINGS, "InvoiceLineKind"),
    ClosedSet(CouponDuration, COUPON_DURATION_MEANINGS),
    ClosedSet(PortalFlow, PORTAL_FLOW_MEANINGS),
    ClosedSet(
        PrincipalKind,
        {
            PrincipalKind.PUBLIC: "Nobody in particular: no credential was sent.",
            PrincipalKind.PUBLISHABLE: "A publishable key.",
            PrincipalKind.CUSTOMER: "A customer token.",
            PrincipalKind.SECRET: "A merchant's secret key.",
        },
        "CredentialKind",
    ),
    ClosedSet(JobKind, JOB_KIND_MEANINGS),
    ClosedSet(JobState, JOB_STATE_MEANINGS),
    ClosedSet(JobItemState, JOB_ITEM_STATE_MEANINGS),
    ClosedSet(MigrationTiming, MIGRATION_TIMING_MEANINGS),
    ClosedSet(MigrationPrices, MIGRATION_PRICES_MEANINGS),
    ClosedSet(PendingChanges, PENDING_CHANGES_MEANINGS),
    ClosedSet(ChangeOfAccess, CHANGE_OF_ACCESS_MEANINGS),
    ClosedSet(EndBehavior, END_BEHAVIOR_MEANINGS, "ScheduleEndBehavior"),
    ClosedSet(ScheduleStatus, SCHEDULE_STATUS_MEANINGS),
    ClosedSet(ProrationBehavior, PRORATION_BEHAVIOR_MEANINGS),
    ClosedSet(BillingMode, BILLING_MODE_MEANINGS),
    ClosedSet(TrialEnding, TRIAL_ENDING_MEANINGS),
    ClosedSet(PhaseAnchor, PHASE_ANCHOR_MEANINGS),
    ClosedSet(UsageReportKind, USAGE_REPORT_KIND_MEANINGS),
)


def promise_all() -> None:
    """Name and describe every closed set; the package does so before any type that holds one is read."""
    for closed in CLOSED_SETS:
        closed.promise()
