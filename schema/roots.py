"""What can be asked and what can be done, joined from a file each."""

from strawberry.tools import merge_types

from schema.mutations.api_key_create import ApiKeyCreateMutation
from schema.mutations.api_key_revoke import ApiKeyRevokeMutation
from schema.mutations.billing_portal_session_create import BillingPortalSessionCreateMutation
from schema.mutations.catalog_apply import CatalogApplyMutation
from schema.mutations.coupon_archive import CouponArchiveMutation
from schema.mutations.coupon_create import CouponCreateMutation
from schema.mutations.credit_balance_refund import CreditBalanceRefundMutation
from schema.mutations.credit_grant import CreditGrantMutation
from schema.mutations.credit_note_create import CreditNoteCreateMutation
from schema.mutations.customer_archive import CustomerArchiveMutation
from schema.mutations.customer_token_create import CustomerTokenCreateMutation
from schema.mutations.customer_token_revoke import CustomerTokenRevokeMutation
from schema.mutations.customer_upsert import CustomerUpsertMutation
from schema.mutations.discount_apply import DiscountApplyMutation
from schema.mutations.discount_remove import DiscountRemoveMutation
from schema.mutations.entitlement_consume import EntitlementConsumeMutation
from schema.mutations.entitlement_reserve import EntitlementReserveMutation
from schema.mutations.feature_archive import FeatureArchiveMutation
from schema.mutations.grant_create import GrantCreateMutation
from schema.mutations.grant_revoke import GrantRevokeMutation
from schema.mutations.invoice_collect import InvoiceCollectMutation
from schema.mutations.invoice_create import InvoiceCreateMutation
from schema.mutations.invoice_finalize import InvoiceFinalizeMutation
from schema.mutations.invoice_item_create import InvoiceItemCreateMutation
from schema.mutations.invoice_item_delete import InvoiceItemDeleteMutation
from schema.mutations.invoice_mark_paid import InvoiceMarkPaidMutation
from schema.mutations.invoice_mark_uncollectible import InvoiceMarkUncollectibleMutation
from schema.mutations.invoice_send import InvoiceSendMutation
from schema.mutations.invoice_void import InvoiceVoidMutation
from schema.mutations.job_cancel import JobCancelMutation
from schema.mutations.override_clear import OverrideClearMutation
from schema.mutations.override_set import OverrideSetMutation
from schema.mutations.payment_method_add import PaymentMethodAddMutation
from schema.mutations.payment_method_remove import PaymentMethodRemoveMutation
from schema.mutations.payment_method_set_default import PaymentMethodSetDefaultMutation
from schema.mutations.payment_simulate import PaymentSimulateMutation
from schema.mutations.plan_archive import PlanArchiveMutation
from schema.mutations.plan_migration_start import PlanMigrationStartMutation
from schema.mutations.plan_migration_undo import PlanMigrationUndoMutation
from schema.mutations.product_archive import ProductArchiveMutation
from schema.mutations.promotion_code_archive import PromotionCodeArchiveMutation
from schema.mutations.promotion_code_create import PromotionCodeCreateMutation
from schema.mutations.refund_create import RefundCreateMutation
from schema.mutations.reservation_release import ReservationReleaseMutation
from schema.mutations.reservation_settle import ReservationSettleMutation
from schema.mutations.scheduled_change_undo import ScheduledChangeUndoMutation
from schema.mutations.subscription_cancel import SubscriptionCancelMutation
from schema.mutations.subscription_cancellation_undo import SubscriptionCancellationUndoMutation
from schema.mutations.subscription_change import SubscriptionChangeMutation
from schema.mutations.subscription_collection_pause import SubscriptionCollectionPauseMutation
from schema.mutations.subscription_collection_resume import SubscriptionCollectionResumeMutation
from schema.mutations.subscription_create import SubscriptionCreateMutation
from schema.mutations.subscription_downgrade import SubscriptionDowngradeMutation
from schema.mutations.subscription_schedule_create import SubscriptionScheduleCreateMutation
from schema.mutations.subscription_schedule_release import SubscriptionScheduleReleaseMutation
from schema.mutations.subscription_schedule_update import SubscriptionScheduleUpdateMutation
from schema.mutations.subscription_update import SubscriptionUpdateMutation
from schema.mutations.subscriptions_cancel import SubscriptionsCancelMutation
from schema.mutations.subscriptions_cancel_undo import SubscriptionsCancelUndoMutation
from schema.mutations.test_clock_advance import TestClockAdvanceMutation
from schema.mutations.usage_report import UsageReportMutation
from schema.mutations.usage_report_many import UsageReportManyMutation
from schema.queries.catalog import CatalogQuery
from schema.queries.catalog_documents import CatalogDocumentsQuery
from schema.queries.coupons import CouponsQuery
from schema.queries.customers import CustomersQuery
from schema.queries.entitlements import EntitlementsQuery
from schema.queries.events import EventsQuery
from schema.queries.invoices import InvoicesQuery
from schema.queries.jobs import JobsQuery
from schema.queries.journal import JournalQuery
from schema.queries.payments_overview import PaymentsOverviewQuery
from schema.queries.plan_migration import PlanMigrationQuery
from schema.queries.previews import PreviewsQuery
from schema.queries.reservations import ReservationsQuery
from schema.queries.schedule_preview import SchedulePreviewQuery
from schema.queries.subscriptions import SubscriptionsQuery
from schema.queries.usage_history import UsageHistoryQuery
from schema.queries.usage_records import UsageRecordsQuery
from schema.queries.viewer import ViewerQuery

QUERIES: tuple[type, ...] = (
    CatalogQuery,
    CatalogDocumentsQuery,
    CustomersQuery,
    SubscriptionsQuery,
    EntitlementsQuery,
    UsageRecordsQuery,
    UsageHistoryQuery,
    ReservationsQuery,
    InvoicesQuery,
    JournalQuery,
    EventsQuery,
    PreviewsQuery,
    SchedulePreviewQuery,
    CouponsQuery,
    PaymentsOverviewQuery,
    PlanMigrationQuery,
    JobsQuery,
    ViewerQuery,
)
MUTATIONS: tuple[type, ...] = (
    CustomerUpsertMutation,
    CustomerArchiveMutation,
    SubscriptionCreateMutation,
    SubscriptionChangeMutation,
    SubscriptionDowngradeMutation,
    ScheduledChangeUndoMutation,
    SubscriptionCancelMutation,
    SubscriptionCancellationUndoMutation,
    BillingPortalSessionCreateMutation,
    EntitlementConsumeMutation,
    EntitlementReserveMutation,
    ReservationSettleMutation,
    ReservationReleaseMutation,
    UsageReportMutation,
    UsageReportManyMutation,
    GrantCreateMutation,
    GrantRevokeMutation,
    InvoiceItemCreateMutation,
    InvoiceItemDeleteMutation,
    InvoiceCreateMutation,
    InvoiceFinalizeMutation,
    InvoiceVoidMutation,
    InvoiceMarkUncollectibleMutation,
    CreditBalanceRefundMutation,
    CreditNoteCreateMutation,
    CreditGrantMutation,
    OverrideSetMutation,
    OverrideClearMutation,
    CustomerTokenCreateMutation,
    CustomerTokenRevokeMutation,
    ApiKeyCreateMutation,
    ApiKeyRevokeMutation,
    TestClockAdvanceMutation,
    CatalogApplyMutation,
    ProductArchiveMutation,
    PlanArchiveMutation,
    FeatureArchiveMutation,
    CouponCreateMutation,
    CouponArchiveMutation,
    PromotionCodeCreateMutation,
    PromotionCodeArchiveMutation,
    DiscountApplyMutation,
    DiscountRemoveMutation,
    PlanMigrationStartMutation,
    PlanMigrationUndoMutation,
    SubscriptionsCancelMutation,
    SubscriptionsCancelUndoMutation,
    JobCancelMutation,
    InvoiceSendMutation,
    PaymentMethodAddMutation,
    PaymentMethodRemoveMutation,
    PaymentMethodSetDefaultMutation,
    InvoiceCollectMutation,
    InvoiceMarkPaidMutation,
    RefundCreateMutation,
    PaymentSimulateMutation,
    SubscriptionCollectionPauseMutation,
    SubscriptionCollectionResumeMutation,
    SubscriptionUpdateMutation,
    SubscriptionScheduleCreateMutation,
    SubscriptionScheduleUpdateMutation,
    SubscriptionScheduleReleaseMutation,
)


def joined(name: str, description: str, parts: tuple[type, ...]) -> type:
    """Join the parts of a root type; two fields of one name are a mistake that `merge_types` warns of."""
    root = merge_types(name, parts)
    definition: object = root.__dict__["__strawberry_definition__"]
    setattr(definition, "description", description)  # noqa: B010  (the library's own has no public setter)
    return root


Query = joined("Query", "What can be asked.", QUERIES)
Mutation = joined("Mutation", "What can be done. Each act answers its payload or a named refusal.", MUTATIONS)
