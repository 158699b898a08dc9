"""Which fields stay as they are while nothing happens: what an answer may hold that is kept whole in memory. (ADR 24)

A field is steady when it is made of nothing but the arguments, the credential, and rows whose every change takes a
number of the sequence of a customer or of the environment; and of the present only through an instant that whoever
reads tells (`resolvers/grounds.py`). An operation that selects anything else is read anew each time. Every field of a
type that is named here has its word; a type that is not has its own among those that are `READ_ANEW`.
"""

from collections.abc import Mapping
from typing import Final

REFUSAL: Final = "UserError"
"""Whatever implements it says why something cannot be: made of the arguments, or else of a read that failed."""


def _names(said: str) -> frozenset[str]:
    return frozenset(said.split())


def _fields(**of: str) -> Mapping[str, frozenset[str]]:
    return {type_: _names(said) for type_, said in of.items()}


STEADY: Final = _fields(
    Query="products features plans plan customer subscription subscriptions entitlement entitlements invoices",
    Node="id",
    PageInfo="hasNextPage hasPreviousPage startCursor endCursor",
    Interval="unit count",
    Period="start end",
    Money="amount currency",
    UnitPrice="amount currency",
    PriceTier="upTo unitAmount flatAmount",
    Product="id key name description archivedAt defaultPlan afterCancellation plans",
    Feature="""id key name description kind unit scale aggregation configType allowedValues thresholds archivedAt
        product""",
    Plan="""id key version latestVersion name description kind rank addOn trialDays instalments accessAfterCompletion
        hidden metadata publishedAt archivedAt product prices entitlements addOns includes""",
    Price="id key currency interval model usage unitAmount feature packageSize tiers",
    PlanEntitlement="""feature granted value limit unlimited hard resetEvery resetAnchor rolloverMaximum rolloverMinimum
        perQuantity behaviour""",
    Entitlement="""customerId featureKey resource hasAccess reason requested used limit unlimited hard remaining overBy
        reserved allowanceLeft windowStart resetsAt value validUntil feature""",
    Customer="""id externalId name email kind locale zone country currency metadata createdAt archivedAt address taxIds
        subscriptions entitlements""",
    Address="line1 line2 postalCode city region",
    TaxId="type value",
    SubscriptionConnection="edges pageInfo",
    SubscriptionEdge="cursor node",
    Subscription="""id status state quantity resourceId externalId currency interval billingMode anchor startsAt
        trialEnd trialEnding currentPeriod naturalPeriodEnd renewsAt cancelAt endedAt endedCause accessUntil collection
        collectionBehavior collectionResumesAt graceUntil billedBy metadata createdAt customer plan product items addOns
        entitlements""",
    SubscriptionItem="quantity addOn plan price",
    InvoiceConnection="edges pageInfo",
    InvoiceEdge="cursor node",
    Invoice="""id number status reason currency collectionMethod period subtotal discount tax total balanceApplied
        credited paid remaining paidOutOfBand payableBy createdAt finalizedAt settledAt customer subscription""",
)
"""Fields by type. What a list that can grow holds is as steady as the reads that it is made of."""

UNSTEADY: Final = _fields(
    Query="""catalog catalogPlan customers usageRecords usageHistory reservations journal events
        subscriptionChangePreview subscriptionCancellationPreview subscriptionCancellationUndoPreview
        subscriptionSchedulePreview coupon coupons paymentsOverview planMigrationPreview job jobs viewer apiKeys
        node""",
    # of the very instant that is asked about
    Entitlement="at explain",
    # read by stores about which nobody has shown yet what moves them
    Customer="creditBalances creditEntries pendingItems paymentMethods grants overrides discount",
    Subscription="scheduledChanges cancellation availableActions schedule instalments discount",
    # moved by the worker without an event: when something is tried again, and whether it goes on by itself;
    # and links, which are signed as of the real time
    Invoice="autoAdvance nextAttemptAt finalizesAt hostedUrl pdfUrl lines creditNotes payments",
)
"""The other fields of those types."""

READ_ANEW: Final = _names(
    """ApiKey AvailableAction BulkCancellation BulkCancellationEnd BulkCancellationFilter CatalogChange
    CatalogDocument CatalogFieldChange CatalogPlan CatalogProblem Coupon CouponConnection CouponEdge CouponTerms
    CreditEntry CreditEntryConnection CreditEntryEdge CreditNote CreditNotePreview CustomerConnection CustomerEdge
    Discount Dispute EntitlementChange EntitlementExplanation EntitlementLevel EntitlementSource Environment Event
    EventConnection EventEdge FeatureOverLimit Grant Instalments InvoiceLine InvoiceLineConnection InvoiceLineEdge
    InvoiceLinePreview InvoicePreview Job JobConnection JobEdge JobItem JobItemConnection JobItemCount JobItemEdge
    JobItemRefusal JobMoney JobProgress JournalEntry JournalEntryConnection JournalEntryEdge JournalPosting
    LineTax LiveVersion MoneyPreview MonthlyRevenue OpenInvoices Override Payment PaymentMethod PaymentsOverview
    PlanMigration PlanMigrationFilter PlanMigrationMove PlanMigrationPreview PlanMigrationRow
    PlanMigrationRowConnection PlanMigrationRowEdge PlanMigrationSkips PlanMigrationTotals PromotionCode
    PromotionCodeConnection PromotionCodeEdge Refund RefundPreview Reservation ReservationConnection
    ReservationEdge ScheduledChange SchedulePhase StateCount SubscriptionCancellation
    SubscriptionCancellationPreview SubscriptionCancellationUndoPreview SubscriptionChangePreview
    SubscriptionSchedule SubscriptionSchedulePreview TestClock UnpaidInvoicePreview UsageBucket UsageHistory
    UsageRecord UsageRecordConnection UsageRecordEdge Viewer WaivedTime"""
)
"""Types of which nothing is kept."""
