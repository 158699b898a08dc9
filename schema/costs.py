"""What fields cost: the price list from which the cost of an operation is reckoned before it runs.

A point is about ten microseconds of our time. A field that is not listed costs `LEAF` or `OBJECT`; one that answers a
list has to be listed, with the number of members that is to be expected or the argument that says it. The numbers are
measured: `docs/limits.md` tells how.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, cast

from billing.buckets import MOST_BUCKETS
from billing.calendar import IntervalUnit
from billing.dataclass import dataclass
from resolvers.usage_report_many import MOST_REPORTS
from schema.relay import MOST

PAGE: Final = 0
"""As many as the connection around it was asked for."""


@dataclass(frozen=True, slots=True)
class FieldCost:
    """`points` for resolving it, and `member` more for each of `size` members.

    `by` names the argument that says how many there are, at most `most`; where it takes several, `count` reckons it
    from `among`, whose values are None where they are not known.
    """

    points: int
    size: int = 1
    member: int = 0
    by: str = ""
    most: int = MOST
    among: tuple[str, ...] = ()
    count: Callable[[Mapping[str, object]], int] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments on which the cost depends."""
        return self.among or ((self.by,) if self.by else ())


_SHORTEST: Final = {
    "HOUR": timedelta(hours=1),
    "DAY": timedelta(hours=23),
    "WEEK": timedelta(days=6),
    "MONTH": timedelta(days=27),
    "YEAR": timedelta(days=364),
}
"""How long a whole bucket is at least; clocks and calendars make some shorter than others."""


def buckets_asked(values: Mapping[str, object]) -> int:
    """How many buckets a history has at most; as many as there may be where that is not known."""
    bucket = values["bucket"]
    shortest = _SHORTEST.get(bucket.value if isinstance(bucket, IntervalUnit) else str(bucket))
    try:
        span = datetime.fromisoformat(str(values["until"])) - datetime.fromisoformat(str(values["since"]))
    except (TypeError, ValueError, OverflowError):
        return MOST_BUCKETS
    return MOST_BUCKETS if shortest is None else max(0, span // shortest) + 2


def reports_asked(values: Mapping[str, object]) -> int:
    """How many reports a call has, of which the input's lists are known by their lengths."""
    lengths = values["input"]
    return dict(cast("tuple[tuple[str, int], ...]", lengths)).get("reports", 1) if isinstance(lengths, tuple) else 1


LEAF: Final = FieldCost(1)
OBJECT: Final = FieldCost(3)
_BEHIND: Final = FieldCost(10)
_CONNECTION: Final = FieldCost(100, member=10, by="first")
_ACT: Final = FieldCost(2_000)
_BILLED_ACT: Final = FieldCost(4_000)


def _list(points: int, size: int) -> FieldCost:
    """A list of so many objects; each costs what an object does."""
    return FieldCost(points, size=size, member=OBJECT.points)


COSTS: Final[Mapping[str, FieldCost]] = MappingProxyType(
    {
        "__typename": LEAF,
        "edges": FieldCost(1, size=PAGE),
        "Query.products": _list(150, 3),
        "Query.features": _list(120, 25),
        "Query.plans": FieldCost(400, size=8, member=10),
        "Query.plan": FieldCost(500),
        "Query.catalog": FieldCost(5_000),
        "Query.catalogPlan": FieldCost(50_000),
        "Query.viewer": FieldCost(20),
        "Query.apiKeys": _list(200, 10),
        "Query.node": FieldCost(300),
        "Query.customer": FieldCost(120),
        "Query.customers": replace(_CONNECTION, points=200),
        "Query.subscription": FieldCost(400),
        "Query.subscriptions": replace(_CONNECTION, points=400),
        "Query.entitlement": FieldCost(550),
        "Query.entitlements": _list(1000, 25),
        "Query.usageRecords": replace(_CONNECTION, points=350),
        "Query.usageHistory": FieldCost(
            200, member=14, most=MOST_BUCKETS, among=("since", "until", "bucket"), count=buckets_asked
        ),
        "Query.reservations": replace(_CONNECTION, points=200),
        "Query.events": replace(_CONNECTION, points=130),
        "Query.invoices": replace(_CONNECTION, points=200),
        "Query.journal": replace(_CONNECTION, points=200),
        "JournalEntry.customer": _BEHIND,
        "JournalEntry.invoice": _BEHIND,
        "JournalEntry.postings": _list(2, 4),
        "Query.paymentsOverview": FieldCost(20_000),
        "PaymentsOverview.counts": _list(1, 12),
        "PaymentsOverview.mrr": _list(1, 8),
        "PaymentsOverview.mrrTotals": _list(1, 3),
        "PaymentsOverview.openInvoices": _list(1, 3),
        "Query.subscriptionChangePreview": FieldCost(4_000),
        "Query.subscriptionSchedulePreview": FieldCost(12_000),
        "SubscriptionSchedulePreview.phases": _list(2, 4),
        "Query.subscriptionCancellationPreview": FieldCost(2_000),
        "Query.subscriptionCancellationUndoPreview": FieldCost(2_000),
        "Product.defaultPlan": _BEHIND,
        "Product.afterCancellation": _BEHIND,
        "Product.plans": _list(100, 6),
        "Plan.product": _BEHIND,
        "Plan.prices": _list(10, 4),
        "Plan.entitlements": _list(20, 15),
        "Plan.addOns": _list(50, 3),
        "Plan.includes": _list(60, 1),
        "Price.feature": _BEHIND,
        "Price.packageSize": _BEHIND,
        "Price.tiers": _list(10, 2),
        "Feature.product": _BEHIND,
        "Customer.creditBalances": _list(30, 1),
        "Customer.creditEntries": replace(_CONNECTION, points=250),
        "Customer.pendingItems": replace(_CONNECTION, points=250),
        "Customer.paymentMethods": _list(50, 2),
        "Customer.taxIds": _list(1, 1),
        "Customer.subscriptions": replace(_CONNECTION, points=250),
        "Customer.entitlements": _list(1000, 25),
        "Customer.grants": _list(150, 3),
        "Customer.overrides": _list(100, 2),
        "Subscription.customer": _BEHIND,
        "Subscription.plan": _BEHIND,
        "Subscription.product": _BEHIND,
        "Subscription.items": _list(5, 2),
        "Subscription.addOns": _list(2, 1),
        "Subscription.scheduledChanges": _list(2, 1),
        "Subscription.availableActions": _list(30, 10),
        "Subscription.entitlements": _list(1000, 25),
        "Subscription.schedule": _BEHIND,
        "Subscription.instalments": FieldCost(200),
        "SubscriptionCancellationPreview.instalments": FieldCost(200),
        "SubscriptionSchedule.phases": _list(2, 4),
        "SubscriptionSchedule.subscription": _BEHIND,
        "SchedulePhase.plan": _BEHIND,
        "SchedulePhase.items": _list(5, 2),
        "SchedulePhase.coupon": _BEHIND,
        "SubscriptionItem.plan": _BEHIND,
        "SubscriptionItem.price": _BEHIND,
        "ScheduledChange.plan": _BEHIND,
        "ScheduledChange.addOn": _BEHIND,
        "ScheduledChange.subscription": _BEHIND,
        "Grant.customer": _BEHIND,
        "Grant.feature": _BEHIND,
        "Grant.amount": _BEHIND,
        "Grant.used": _BEHIND,
        "Override.customer": _BEHIND,
        "Override.feature": _BEHIND,
        "Override.limit": _BEHIND,
        "Override.unlimited": _BEHIND,
        "UsageRecord.customer": _BEHIND,
        "UsageRecord.feature": _BEHIND,
        "UsageRecord.amount": _BEHIND,
        "UsageRecord.overage": _BEHIND,
        "UsageHistory.buckets": FieldCost(2, size=PAGE, member=OBJECT.points),
        "Reservation.customer": _BEHIND,
        "Reservation.feature": _BEHIND,
        "Reservation.amount": _BEHIND,
        "Reservation.settledAmount": _BEHIND,
        "Reservation.record": FieldCost(100),
        "Invoice.customer": _BEHIND,
        "Invoice.subscription": _BEHIND,
        "Invoice.lines": FieldCost(30, size=4, member=10),
        "Invoice.creditNotes": _list(30, 1),
        "CreditEntry.invoice": _BEHIND,
        "Invoice.payments": _list(50, 3),
        "Payment.refunds": _list(50, 1),
        "CreditBalanceRefunded.refunds": _list(2, 2),
        "SubscriptionCanceled.refunds": _list(2, 1),
        "Payment.dispute": FieldCost(50),
        "InvoiceLine.feature": _BEHIND,
        "InvoiceLine.name": _BEHIND,
        "InvoiceLine.plan": _BEHIND,
        "InvoiceLine.price": _BEHIND,
        "InvoiceLine.quantity": _BEHIND,
        "Entitlement.explain": FieldCost(20),
        "EntitlementExplanation.sources": _list(2, 3),
        "SubscriptionChangePreview.entitlements": _list(2, 25),
        "SubscriptionDowngraded.overLimit": _list(1000, 3),
        "SubscriptionChanged.overLimit": _list(1000, 3),
        "ScheduledChange.blockedBy": _list(1, 3),
        "UsageOverLimit.features": _list(1, 3),
        "SubscriptionCancellationPreview.entitlements": _list(2, 25),
        "SubscriptionCancellationUndoPreview.entitlements": _list(2, 25),
        "SubscriptionChangePreview.money": FieldCost(5_000),
        "SubscriptionCancellationPreview.money": FieldCost(10_000),
        "MoneyPreview.invoicedNow": _list(2, 1),
        "MoneyPreview.upcoming": _list(2, 2),
        "MoneyPreview.creditNotes": _list(2, 1),
        "MoneyPreview.refunds": _list(2, 1),
        "MoneyPreview.dropped": _list(2, 1),
        "MoneyPreview.waived": _list(2, 1),
        "MoneyPreview.unpaid": _list(2, 1),
        "WaivedTime.plan": _BEHIND,
        "MoneyPreview.waiting": _list(2, 3),
        "MoneyPreview.creditBalances": _list(2, 1),
        "InvoicePreview.lines": _list(2, 4),
        "InvoiceLinePreview.plan": _BEHIND,
        "InvoiceLinePreview.quantity": _BEHIND,
        "droppedChanges": _list(2, 1),
        "replacedChanges": _list(2, 1),
        "Query.coupon": FieldCost(200),
        "Query.coupons": replace(_CONNECTION, points=200),
        "Customer.discount": _BEHIND,
        "Subscription.discount": _BEHIND,
        "Coupon.promotionCodes": replace(_CONNECTION, points=200),
        "CouponTerms.amountsOff": _list(2, 2),
        "CouponTerms.products": _list(20, 2),
        "PromotionCode.coupon": _BEHIND,
        "PromotionCode.customer": _BEHIND,
        "Discount.customer": _BEHIND,
        "Discount.subscription": _BEHIND,
        "Discount.coupon": _BEHIND,
        "Discount.promotionCode": _BEHIND,
        "Query.planMigrationPreview": FieldCost(1_500),
        "Query.job": FieldCost(200),
        "Query.jobs": replace(_CONNECTION, points=250),
        "PlanMigrationPreview.subscriptions": FieldCost(3_000, member=1_200, by="first", most=50),
        "PlanMigrationPreview.totals": FieldCost(40_000),
        "PlanMigrationTotals.wouldSkip": _list(1, 5),
        "Job.progress": FieldCost(50),
        "Job.details": FieldCost(50),
        "Job.money": _list(1_000, 2),
        "Job.items": replace(_CONNECTION, points=250),
        "JobProgress.counts": _list(1, 5),
        "JobItem.subscription": _BEHIND,
        "PlanMigrationMove.fromPlan": _BEHIND,
        "PlanMigrationMove.toPlan": _BEHIND,
        "PlanMigrationMove.change": _BEHIND,
        "restoredChanges": _list(2, 1),
        "ScheduledChange.job": _BEHIND,
        "Event.job": _BEHIND,
        "CatalogPlan.changes": _list(2, 20),
        "CatalogChange.versions": _list(2, 2),
        "CatalogChange.fields": _list(2, 8),
        "CatalogApplied.changes": _list(2, 20),
        "CatalogInvalid.problems": _list(2, 10),
        "Mutation.catalogApply": FieldCost(50_000),
        "Mutation.usageReportMany": FieldCost(500, member=75, most=MOST_REPORTS, among=("input",), count=reports_asked),
        "UsageManyReported.results": FieldCost(1, size=PAGE, member=OBJECT.points),
        "Mutation.featureArchive": FieldCost(6_000),
        "Mutation.subscriptionCreate": _BILLED_ACT,
        "Mutation.subscriptionChange": _BILLED_ACT,
        "Mutation.subscriptionDowngrade": _BILLED_ACT,
        "Mutation.subscriptionCancel": _BILLED_ACT,
        "Mutation.subscriptionCancellationUndo": _BILLED_ACT,
        "Mutation.subscriptionScheduleCreate": _BILLED_ACT,
        "Mutation.subscriptionScheduleUpdate": _BILLED_ACT,
        "Mutation.invoiceCollect": FieldCost(8_000),
        "Mutation.paymentSimulate": FieldCost(8_000),
        "Mutation.refundCreate": FieldCost(6_000),
        "Mutation.creditBalanceRefund": FieldCost(8_000),
        "Mutation.*": _ACT,
        "__Schema.types": FieldCost(1, size=300, member=6),
        "__Schema.directives": FieldCost(1, size=6),
        "__Type.fields": FieldCost(1, size=3),
        "__Type.inputFields": FieldCost(1, size=1),
        "__Type.enumValues": FieldCost(1, size=1),
        "__Type.ofType": FieldCost(0),
        "__Type.interfaces": FieldCost(1, size=1),
        "__Type.possibleTypes": FieldCost(1, size=2),
        "__Field.args": FieldCost(1, size=1),
        "__Directive.args": FieldCost(1, size=1),
    }
)
