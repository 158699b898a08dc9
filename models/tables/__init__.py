"""The tables, one file per noun. Rows live only inside a unit of work; what leaves is a view."""

from models.tables.base import metadata
from models.tables.books import BookingRow
from models.tables.catalog import FeatureRow, PlanEntitlementRow, PlanRow, PlanVersionRow, PriceRow, ProductRow
from models.tables.coupon import CouponRow, DiscountRow, PromotionCodeRow
from models.tables.credit import CreditBalanceRow, CreditEntryRow, CreditNoteRow
from models.tables.customer import CustomerRow, PersonalTextRow, PortalSessionRow, TrialRow
from models.tables.entitlement import BalanceRow, GrantRow, OverrideRow, ThresholdMarkRow, UsageBurnRow, UsageRow
from models.tables.environment import ApiKeyRow, EnvironmentRow, PolicyRow, RevokedTokenRow, SequenceRow, SigningKeyRow
from models.tables.hold import HoldRow
from models.tables.invoice import DocumentCounterRow, InvoiceLineRow, InvoiceRow, UsageCursorRow, WaiverRow
from models.tables.job import ImportedRow, JobItemRow, JobRow
from models.tables.journal import EventRow, IdempotencyRow, OutboxRow
from models.tables.payment import DisputeRow, PaymentMethodRow, PaymentRow, RefundRow, SandboxEntryRow
from models.tables.reservation import ReservationHoldRow, ReservationRow
from models.tables.subscription import (
    CancellationRow,
    ScheduledChangeRow,
    SubscriptionHistoryRow,
    SubscriptionItemRow,
    SubscriptionRow,
    SubscriptionScheduleRow,
)

__all__ = [
    "ApiKeyRow",
    "BalanceRow",
    "BookingRow",
    "CancellationRow",
    "CouponRow",
    "CreditBalanceRow",
    "CreditEntryRow",
    "CreditNoteRow",
    "CustomerRow",
    "DiscountRow",
    "DisputeRow",
    "DocumentCounterRow",
    "EnvironmentRow",
    "EventRow",
    "FeatureRow",
    "GrantRow",
    "HoldRow",
    "IdempotencyRow",
    "ImportedRow",
    "InvoiceLineRow",
    "InvoiceRow",
    "JobItemRow",
    "JobRow",
    "OutboxRow",
    "OverrideRow",
    "PaymentMethodRow",
    "PaymentRow",
    "PersonalTextRow",
    "PlanEntitlementRow",
    "PlanRow",
    "PlanVersionRow",
    "PolicyRow",
    "PortalSessionRow",
    "PriceRow",
    "ProductRow",
    "PromotionCodeRow",
    "RefundRow",
    "ReservationHoldRow",
    "ReservationRow",
    "RevokedTokenRow",
    "SandboxEntryRow",
    "ScheduledChangeRow",
    "SequenceRow",
    "SigningKeyRow",
    "SubscriptionHistoryRow",
    "SubscriptionItemRow",
    "SubscriptionRow",
    "SubscriptionScheduleRow",
    "ThresholdMarkRow",
    "TrialRow",
    "UsageBurnRow",
    "UsageCursorRow",
    "UsageRow",
    "WaiverRow",
    "metadata",
]
