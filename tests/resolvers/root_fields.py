"""Every question and act of the schema: how it is asked about what somebody holds, and who may ask it.

A field of the schema without a row here fails `test_access.py`. The rows say again what `resolvers/access.py` says,
in other words, so that a change there is seen here.
"""

from __future__ import annotations

from typing import Any

from tests.resolvers.finance_fields import FINANCE_ACTS
from tests.resolvers.job_fields import JOB_ACTS, MIGRATION
from tests.resolvers.payment_fields import PAYMENT_ACTS
from tests.resolvers.root_field import MANAGE, READ, REFUSED, RootField, act, nothing, question
from tests.resolvers.schedule_fields import SCHEDULE_ACTS, SCHEDULE_QUESTIONS
from tests.resolvers.usage_fields import USAGE_ACTS, USAGE_QUESTIONS

__all__ = ["ACTS", "MANAGE", "MANY", "QUESTIONS", "READ", "ROOT_FIELDS", "RootField"]

CATALOG: dict[str, Any] = {"scope": "catalog:read", "customer": READ, "public": True}
DOCUMENT = "catalog: 1\nproducts: {extra: {name: Extra}}\n"
MONTHLY = {"currency": "USD", "interval": {"unit": "MONTH"}}


QUESTIONS = (
    *USAGE_QUESTIONS,
    *SCHEDULE_QUESTIONS,
    question("products", "", "{ id key }", nothing, **CATALOG, held=False),
    question("features", "", "{ id key }", nothing, **CATALOG, held=False),
    question("plans", "", "{ id key }", nothing, **CATALOG, held=False),
    question("plan", "($id: ID!) (id: $id)", "{ id key }", lambda h: {"id": h.plan}, **CATALOG),
    question("viewer", "", "{ kind environment { key } }", nothing, scope="", customer=READ, public=True, held=False),
    question("apiKeys", "", "{ id name }", nothing, scope="keys:write", held=False),
    question(
        "node", "($id: ID!) (id: $id)", "{ id }", lambda h: {"id": h.plain}, scope="", customer=READ, bound="plain"
    ),
    question(
        "customer",
        "($ref: CustomerRef!) (ref: $ref)",
        "{ id email }",
        lambda h: {"ref": h.ref},
        scope="customers:read",
        customer=READ,
    ),
    question("customers", "", "{ edges { node { id } } }", nothing, scope="customers:read", held=False),
    question(
        "subscription",
        "($id: ID!) (id: $id)",
        "{ id status }",
        lambda h: {"id": h.plain},
        scope="subscriptions:read",
        customer=READ,
        bound="plain",
    ),
    question(
        "subscriptions",
        "($filter: SubscriptionFilter) (filter: $filter)",
        "{ edges { node { id } } }",
        lambda h: {"filter": {"customer": h.ref}},
        scope="subscriptions:read",
        customer=READ,
    ),
    question(
        "entitlement",
        "($customer: CustomerRef!, $feature: String!, $resource: String) "
        "(customer: $customer, feature: $feature, resource: $resource)",
        f"{{ __typename ... on Entitlement {{ customerId hasAccess reason used }} {REFUSED} }}",
        lambda h: {"customer": h.ref, "feature": "lfs_bandwidth", "resource": "b"},
        scope="entitlements:read",
        customer=READ,
        payload="Entitlement",
    ),
    question(
        "entitlements",
        "($customer: CustomerRef!, $resource: String) (customer: $customer, resource: $resource)",
        "{ featureKey hasAccess used }",
        lambda h: {"customer": h.ref, "resource": "b"},
        scope="entitlements:read",
        customer=READ,
    ),
    question(
        "events",
        "($filter: EventFilter) (filter: $filter)",
        "{ edges { node { id type } } }",
        lambda h: {"filter": {"customer": h.ref}},
        scope="events:read",
        customer=READ,
    ),
    question("catalog", "", "{ document digest }", nothing, scope="catalog:read", held=False),
    question(
        "catalogPlan",
        "($input: CatalogPlanInput!) (input: $input)",
        f"{{ __typename ... on CatalogPlan {{ digest pending }} {REFUSED} }}",
        lambda _: {"input": {"document": DOCUMENT}},
        scope="catalog:read",
        payload="CatalogPlan",
        held=False,
    ),
    question(
        "subscriptionChangePreview",
        "($input: SubscriptionChangePreviewInput!) (input: $input)",
        f"{{ __typename ... on SubscriptionChangePreview {{ direction appliesAt }} {REFUSED} }}",
        lambda h: {"input": {"subscriptionId": h.plain, "planId": "free"}},
        scope="subscriptions:read",
        customer=READ,
        payload="SubscriptionChangePreview",
        bound="plain",
    ),
    question(
        "subscriptionCancellationPreview",
        "($input: SubscriptionCancellationPreviewInput!) (input: $input)",
        f"{{ __typename ... on SubscriptionCancellationPreview {{ effectiveAt }} {REFUSED} }}",
        lambda h: {"input": {"subscriptionId": h.plain}},
        scope="subscriptions:read",
        customer=READ,
        payload="SubscriptionCancellationPreview",
        bound="plain",
        merchants={"timing": "END_OF_PERIOD"},
    ),
    question(
        "subscriptionCancellationUndoPreview",
        "($input: SubscriptionCancellationUndoPreviewInput!) (input: $input)",
        f"{{ __typename ... on SubscriptionCancellationUndoPreview {{ wouldHaveEndedAt }} {REFUSED} }}",
        lambda h: {"input": {"subscriptionId": h.cancelling}},
        scope="subscriptions:read",
        customer=READ,
        payload="SubscriptionCancellationUndoPreview",
        bound="cancelling",
    ),
    question(
        "planMigrationPreview",
        "($input: PlanMigrationPreviewInput!) (input: $input)",
        f"{{ __typename ... on PlanMigrationPreview {{ from {{ key }} totals {{ examined }} }} {REFUSED} }}",
        lambda h: {"input": {**MIGRATION, "from": {"planId": h.plan}}},
        scope="subscriptions:read",
        payload="PlanMigrationPreview",
    ),
    question("coupon", "($id: ID!) (id: $id)", "{ id key }", lambda h: {"id": h.coupon}, scope="coupons:read"),
    question("coupons", "", "{ edges { node { id key } } }", nothing, scope="coupons:read", held=False),
    question(
        "paymentsOverview",
        "",
        "{ counts { state count } mrrTotals { amount } openInvoices { count } }",
        nothing,
        scope="subscriptions:read",
        also="invoices:read",
        held=False,
    ),
    question(
        "journal",
        '($month: String! = "2024-01") (month: $month)',
        "{ edges { node { id kind postings { account debit { amount } credit { amount } } } } }",
        lambda _: {"month": "2024-01"},
        scope="invoices:read",
        held=False,
    ),
    question("job", "($id: ID!) (id: $id)", "{ id state }", lambda h: {"id": h.job}, scope="jobs:read"),
    question("jobs", "", "{ edges { node { id state } } }", nothing, scope="jobs:read", held=False),
)

OWN: dict[str, Any] = {"scope": "subscriptions:write", "customer": MANAGE}
ACTS = (
    *USAGE_ACTS,
    *FINANCE_ACTS,
    *PAYMENT_ACTS,
    *SCHEDULE_ACTS,
    act(
        "customerUpsert",
        "CustomerUpserted",
        "customer { id name } created replayed",
        lambda h: {"id": h.customer, "name": "Somebody else"},
        scope="customers:write",
    ),
    act(
        "customerArchive",
        "CustomerArchiveDone",
        "customer { id archivedAt } replayed",
        lambda h: {"customer": {"id": h.spare}},
        scope="customers:write",
    ),
    act(
        "subscriptionCreate",
        "SubscriptionCreated",
        "subscription { id status } replayed",
        lambda h: {"customer": h.ref, "planId": "team", "resourceId": "d", **MONTHLY},
        scope="subscriptions:write",
    ),
    act(
        "subscriptionChange",
        "SubscriptionChanged",
        "subscription { id quantity } change { id } replayed",
        lambda h: {"subscriptionId": h.plain, "quantity": 9},
        **OWN,
        bound="plain",
    ),
    act(
        "subscriptionDowngrade",
        "SubscriptionDowngraded",
        "subscription { id } change { id appliesAt } replayed",
        lambda h: {"subscriptionId": h.plain, "planId": "free"},
        **OWN,
        bound="plain",
    ),
    act(
        "scheduledChangeUndo",
        "ScheduledChangeUndone",
        "subscription { id } change { id status } replayed",
        lambda h: {"id": h.change},
        **OWN,
        bound="changing",
    ),
    act(
        "subscriptionCancel",
        "SubscriptionCanceled",
        "subscription { id state } effectiveAt replayed",
        lambda h: {"subscriptionId": h.plain, "reason": "UNUSED"},
        **OWN,
        bound="plain",
        merchants={"timing": "END_OF_PERIOD"},
    ),
    act(
        "subscriptionCancellationUndo",
        "SubscriptionCancellationUndone",
        "subscription { id state } replayed",
        lambda h: {"subscriptionId": h.cancelling},
        **OWN,
        bound="cancelling",
    ),
    act(
        "billingPortalSessionCreate",
        "BillingPortalSessionCreated",
        "sessionId url secretShown expiresAt replayed",
        lambda h: {"subscriptionId": h.plain},
        scope="sessions:write",
        customer=MANAGE,
        bound="plain",
    ),
    act(
        "grantCreate",
        "GrantCreated",
        "grant { id amount } replayed",
        lambda h: {"customer": h.ref, "feature": "lfs_bandwidth", "amount": "3"},
        scope="entitlements:write",
    ),
    act(
        "grantRevoke",
        "GrantRevoked",
        "grant { id revokedAt } replayed",
        lambda h: {"id": h.grant},
        scope="entitlements:write",
    ),
    act(
        "overrideSet",
        "OverrideWasSet",
        "override { id limit } replayed",
        lambda h: {"customer": h.ref, "feature": "lfs_bandwidth", "resource": "b", "limit": "3"},
        scope="entitlements:write",
    ),
    act(
        "overrideClear",
        "OverrideCleared",
        "override { id clearedAt } replayed",
        lambda h: {"customer": h.ref, "feature": "lfs_bandwidth", "resource": "c"},
        scope="entitlements:write",
    ),
    act(
        "customerTokenCreate",
        "CustomerTokenCreated",
        "token secretShown expiresAt replayed",
        lambda h: {"customer": h.ref, "scopes": ["read"]},
        scope="sessions:write",
    ),
    act(
        "customerTokenRevoke",
        "CustomerTokensRevoked",
        "revokedAt replayed",
        lambda h: {"customer": h.ref},
        scope="sessions:write",
    ),
    act(
        "apiKeyCreate",
        "ApiKeyCreated",
        "key { id hint scopes } secret secretShown replayed",
        lambda _: {"kind": "SECRET", "name": "another", "scopes": ["keys:write"]},
        scope="keys:write",
        held=False,
    ),
    act("apiKeyRevoke", "ApiKeyRevoked", "key { id revokedAt } replayed", lambda h: {"id": h.key}, scope="keys:write"),
    act(
        "testClockAdvance",
        "TestClockAdvanced",
        "now target running replayed",
        lambda _: {"to": "2024-01-10T00:00:00Z"},
        scope="clock:write",
        held=False,
    ),
    act(
        "catalogApply",
        "CatalogApplied",
        "changes { kind section key version } unchanged replayed",
        lambda _: {"document": DOCUMENT},
        scope="catalog:write",
        held=False,
    ),
    act(
        "productArchive",
        "ProductArchiveDone",
        "product { id archivedAt } live replayed",
        lambda h: {"productId": h.product},
        scope="catalog:write",
    ),
    act(
        "planArchive",
        "PlanArchiveDone",
        "plan { id archivedAt } live replayed",
        lambda h: {"planId": h.plan},
        scope="catalog:write",
    ),
    act(
        "featureArchive",
        "FeatureArchiveDone",
        "feature { id archivedAt } replayed",
        lambda h: {"featureId": h.unused},
        scope="catalog:write",
    ),
    act(
        "couponCreate",
        "CouponCreated",
        "coupon { id key } replayed",
        lambda _: {"key": "another", "name": "Another", "percentOff": "12.5"},
        scope="coupons:write",
        held=False,
    ),
    act(
        "couponArchive",
        "CouponArchiveDone",
        "coupon { id archivedAt } replayed",
        lambda h: {"couponId": h.coupon},
        scope="coupons:write",
    ),
    act(
        "promotionCodeCreate",
        "PromotionCodeCreated",
        "promotionCode { id code } replayed",
        lambda h: {"code": "another", "couponId": h.coupon, "customer": h.ref},
        scope="coupons:write",
    ),
    act(
        "promotionCodeArchive",
        "PromotionCodeArchiveDone",
        "promotionCode { id archivedAt } replayed",
        lambda h: {"promotionCodeId": h.code},
        scope="coupons:write",
    ),
    act(
        "discountApply",
        "DiscountApplied",
        "discount { id name } replayed",
        lambda h: {"couponId": h.coupon, "subscriptionId": h.plain},
        scope="subscriptions:write",
    ),
    act(
        "discountRemove",
        "DiscountRemoved",
        "discount { id endedAt } replayed",
        lambda h: {"id": h.discount},
        scope="subscriptions:write",
    ),
    *JOB_ACTS,
)

MANY = (
    act(
        "usageReportMany",
        "UsageManyReported",
        f"results {{ __typename ... on UsageReported {{ record {{ id amount }} used replayed }} {REFUSED} }}",
        lambda h: {
            "reports": [
                {
                    "customer": h.ref,
                    "feature": "lfs_bandwidth",
                    "resource": "b",
                    "value": "2",
                    "idempotencyKey": f"report {number}",
                }
                for number in range(2)
            ]
        },
        scope="usage:write",
        held=False,
    ),
)
"""Acts of many rows, each with a key and an answer of its own."""

ROOT_FIELDS = {each.name: each for each in (*QUESTIONS, *ACTS, *MANY)}
