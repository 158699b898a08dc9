"""What fields cost: the price list from which the cost of an operation is reckoned before it runs.

A point is about ten microseconds of our time. A field that is not listed costs `LEAF` or `OBJECT`; one that answers a
list has to be listed, with the number of members that is to be expected or the argument that says it. The numbers are
measured: `docs/limits.md` tells how.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from billing.buckets import MOST_BUCKETS
from billing.calendar import IntervalUnit
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


LEAF: Final = FieldCost(1)
OBJECT: Final = FieldCost(3)
_BEHIND: Final = FieldCost(10)
_CONNECTION: Final = FieldCost(100, member=10, by="first")
_ACT: Final = FieldCost(500)

COSTS: Final[Mapping[str, FieldCost]] = MappingProxyType(
    {
        "__typename": FieldCost(0),
        "edges": FieldCost(1, size=PAGE),
        "Query.products": FieldCost(150, size=3),
        "Query.features": FieldCost(120, size=25),
        "Query.plans": FieldCost(400, size=8, member=10),
        "Query.plan": FieldCost(400),
        "Query.catalog": FieldCost(5_000),
        "Query.catalogPlan": FieldCost(50_000),
        "Query.viewer": FieldCost(20),
        "Query.apiKeys": FieldCost(50, size=10),
        "Query.node": FieldCost(300),
        "Query.customer": FieldCost(120),
        "Query.customers": _CONNECTION,
        "Query.subscription": FieldCost(400),
        "Query.subscriptions": _CONNECTION,
        "Query.entitlement": FieldCost(300),
        "Query.entitlements": FieldCost(1000, size=25),
        "Query.usageRecords": _CONNECTION,
        "Query.usageHistory": FieldCost(
            200, member=10, most=MOST_BUCKETS, among=("since", "until", "bucket"), count=buckets_asked
        ),
        "Query.reservations": _CONNECTION,
        "Query.events": _CONNECTION,
        "Query.invoices": _CONNECTION,
        "Query.subscriptionChangePreview": _ACT,
        "Query.subscriptionCancellationPreview": _ACT,
        "Product.defaultPlan": _BEHIND,
        "Product.plans": FieldCost(20, size=6),
        "Plan.product": _BEHIND,
        "Plan.prices": FieldCost(2, size=4),
        "Plan.entitlements": FieldCost(20, size=15),
        "Plan.addOns": FieldCost(20, size=3),
        "Plan.includes": FieldCost(20, size=1),
        "Price.feature": _BEHIND,
        "Price.packageSize": _BEHIND,
        "Price.tiers": FieldCost(10, size=2),
        "Feature.product": _BEHIND,
        "Customer.creditBalances": FieldCost(30, size=1),
        "Customer.taxIds": FieldCost(1, size=1),
        "Customer.subscriptions": _CONNECTION,
        "Customer.entitlements": FieldCost(1000, size=25),
        "Customer.grants": FieldCost(100, size=3),
        "Customer.overrides": FieldCost(100, size=2),
        "Subscription.customer": _BEHIND,
        "Subscription.plan": _BEHIND,
        "Subscription.product": _BEHIND,
        "Subscription.items": FieldCost(2, size=2),
        "Subscription.addOns": FieldCost(2, size=1),
        "Subscription.scheduledChanges": FieldCost(2, size=1),
        "Subscription.availableActions": FieldCost(20, size=10),
        "Subscription.entitlements": FieldCost(1000, size=25),
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
        "UsageHistory.buckets": FieldCost(2, size=PAGE),
        "Reservation.customer": _BEHIND,
        "Reservation.feature": _BEHIND,
        "Reservation.amount": _BEHIND,
        "Reservation.settledAmount": _BEHIND,
        "Reservation.record": FieldCost(100),
        "Invoice.customer": _BEHIND,
        "Invoice.subscription": _BEHIND,
        "Invoice.lines": FieldCost(30, size=4, member=10),
        "Invoice.creditNotes": FieldCost(30, size=1),
        "InvoiceLine.feature": _BEHIND,
        "InvoiceLine.plan": _BEHIND,
        "InvoiceLine.price": _BEHIND,
        "InvoiceLine.quantity": _BEHIND,
        "Entitlement.explain": FieldCost(20),
        "EntitlementExplanation.sources": FieldCost(2, size=3),
        "SubscriptionChangePreview.entitlements": FieldCost(2, size=25),
        "SubscriptionCancellationPreview.entitlements": FieldCost(2, size=25),
        "SubscriptionChangePreview.money": FieldCost(5_000),
        "MoneyPreview.invoicedNow": FieldCost(2, size=1),
        "MoneyPreview.upcoming": FieldCost(2, size=2),
        "MoneyPreview.creditNotes": FieldCost(2, size=1),
        "MoneyPreview.waiting": FieldCost(2, size=3),
        "MoneyPreview.creditBalances": FieldCost(2, size=1),
        "InvoicePreview.lines": FieldCost(2, size=4),
        "InvoiceLinePreview.plan": _BEHIND,
        "InvoiceLinePreview.quantity": _BEHIND,
        "droppedChanges": FieldCost(2, size=1),
        "replacedChanges": FieldCost(2, size=1),
        "Query.coupon": FieldCost(100),
        "Query.coupons": _CONNECTION,
        "Customer.discount": _BEHIND,
        "Subscription.discount": _BEHIND,
        "Coupon.promotionCodes": _CONNECTION,
        "CouponTerms.amountsOff": FieldCost(2, size=2),
        "CouponTerms.products": FieldCost(20, size=2),
        "PromotionCode.coupon": _BEHIND,
        "PromotionCode.customer": _BEHIND,
        "Discount.customer": _BEHIND,
        "Discount.subscription": _BEHIND,
        "Discount.coupon": _BEHIND,
        "Discount.promotionCode": _BEHIND,
        "Query.planMigrationPreview": FieldCost(200),
        "Query.job": FieldCost(50),
        "Query.jobs": _CONNECTION,
        "PlanMigrationPreview.subscriptions": FieldCost(200, member=1_200, by="first", most=50),
        "PlanMigrationPreview.totals": FieldCost(40_000),
        "PlanMigrationTotals.wouldSkip": FieldCost(1, size=5),
        "Job.progress": FieldCost(50),
        "Job.details": FieldCost(50),
        "Job.items": _CONNECTION,
        "JobProgress.counts": FieldCost(1, size=5),
        "JobItem.subscription": _BEHIND,
        "PlanMigrationMove.fromPlan": _BEHIND,
        "PlanMigrationMove.toPlan": _BEHIND,
        "PlanMigrationMove.change": _BEHIND,
        "restoredChanges": FieldCost(2, size=1),
        "ScheduledChange.job": _BEHIND,
        "Event.job": _BEHIND,
        "CatalogPlan.changes": FieldCost(2, size=20),
        "CatalogChange.versions": FieldCost(2, size=2),
        "CatalogChange.fields": FieldCost(2, size=8),
        "CatalogApplied.changes": FieldCost(2, size=20),
        "CatalogInvalid.problems": FieldCost(2, size=10),
        "Mutation.catalogApply": FieldCost(50_000),
        "Mutation.usageReportMany": FieldCost(15_000),
        "UsageManyReported.results": FieldCost(1, size=1_000),
        "Mutation.*": _ACT,
        "__Schema.types": FieldCost(1, size=200),
        "__Schema.directives": FieldCost(1, size=6),
        "__Type.fields": FieldCost(1, size=8),
        "__Type.inputFields": FieldCost(1, size=2),
        "__Type.enumValues": FieldCost(1, size=2),
        "__Type.interfaces": FieldCost(1, size=1),
        "__Type.possibleTypes": FieldCost(1, size=2),
        "__Field.args": FieldCost(1, size=1),
        "__Directive.args": FieldCost(1, size=1),
    }
)
