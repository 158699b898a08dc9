"""Who may: one table for every query and mutation. What is not listed is open to nobody."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.ending import EndRefund, OpenInvoices, PendingItems
from billing.refusals import MerchantOnly, NotFound, Refusal, ScopeMissing
from resolvers.principal import PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from billing.ending import EndAsked
    from resolvers.context import Caller, Context
    from resolvers.principal import Principal

ALL = "*"
READ = "read"
MANAGE = "manage"

CUSTOMER_SCOPES: Mapping[str, str] = MappingProxyType(
    {
        READ: "Read the customer's own data.",
        MANAGE: "Change, cancel and keep the customer's own subscriptions, as the policy allows.",
    },
)

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        ALL: "Everything.",
        "catalog:read": "Read plans, products and features, hidden ones too.",
        "catalog:write": "Publish a catalog, and take plans, products and features off sale.",
        "coupons:read": "Read coupons and promotion codes.",
        "coupons:write": "Make and archive coupons and promotion codes.",
        "customers:read": "Read customers.",
        "customers:write": "Create, change and archive customers.",
        "subscriptions:read": "Read subscriptions and preview what changes would do.",
        "subscriptions:write": "Create, change and cancel subscriptions; give and take discounts.",
        "entitlements:read": "Check entitlements, read usage, reservations, grants and overrides.",
        "entitlements:write": "Grant, revoke and override.",
        "usage:write": "Consume, reserve and report usage.",
        "invoices:read": "Read invoices, credit notes and credit balances.",
        "invoices:write": "Make items, invoices and credit notes, send and void invoices, and grant credit.",
        "payments:write": "Keep payment methods, collect invoices, give money back, and pause collecting.",
        "events:read": "Read what happened.",
        "sessions:write": "Make customer tokens and portal links.",
        "keys:write": "List, create and revoke API keys.",
        "clock:write": "Move a test clock.",
        "jobs:read": "Read jobs: how far they are and what became of each item.",
        "jobs:write": "Start, cancel and undo jobs: plan migrations, bulk cancellations.",
    },
)


class CredentialNeeded(Refusal):
    """This needs a credential; only the public catalog of a configured environment is open without one."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a secret key needs (and `also`), what a customer token (None: not for customers), whether it is public."""

    scope: str
    customer: str | None = None
    public: bool = False
    also: str = ""


_CATALOG = Access("catalog:read", READ, public=True)
_OWN = Access("subscriptions:write", MANAGE)
_FINANCE = Access("invoices:write")
_PAYMENTS = Access("payments:write")

ACCESS: Mapping[str, Access] = MappingProxyType(
    {
        "plans": _CATALOG,
        "plan": _CATALOG,
        "products": _CATALOG,
        "features": _CATALOG,
        "viewer": Access("", READ, public=True),
        "node": Access("", READ),
        "customer": Access("customers:read", READ),
        "customers": Access("customers:read"),
        "subscription": Access("subscriptions:read", READ),
        "subscriptions": Access("subscriptions:read", READ),
        "entitlement": Access("entitlements:read", READ),
        "entitlements": Access("entitlements:read", READ),
        "usageRecords": Access("entitlements:read", READ),
        "usageHistory": Access("entitlements:read", READ),
        "reservations": Access("entitlements:read", READ),
        "grants": Access("entitlements:read", READ),
        "overrides": Access("entitlements:read"),
        "invoices": Access("invoices:read", READ),
        "journal": Access("invoices:read"),
        "invoiceCreate": _FINANCE,
        "invoiceFinalize": _FINANCE,
        "invoiceVoid": _FINANCE,
        "invoiceMarkUncollectible": _FINANCE,
        "creditNoteCreate": _FINANCE,
        "invoiceItemCreate": _FINANCE,
        "invoiceItemDelete": _FINANCE,
        "creditGrant": _FINANCE,
        "paymentsOverview": Access("subscriptions:read", also="invoices:read"),
        "invoiceSend": _FINANCE,
        "events": Access("events:read", READ),
        "apiKeys": Access("keys:write"),
        "subscriptionChangePreview": Access("subscriptions:read", READ),
        "subscriptionCancellationPreview": Access("subscriptions:read", READ),
        "subscriptionCancellationUndoPreview": Access("subscriptions:read", READ),
        "customerUpsert": Access("customers:write"),
        "customerArchive": Access("customers:write"),
        "subscriptionCreate": Access("subscriptions:write"),
        "subscriptionChange": _OWN,
        "subscriptionDowngrade": _OWN,
        "scheduledChangeUndo": _OWN,
        "subscriptionCancel": _OWN,
        "subscriptionCancellationUndo": _OWN,
        "cancellationReasonGive": _OWN,
        "subscriptionUpdate": _OWN,
        "subscriptionSchedulePreview": Access("subscriptions:read"),
        "subscriptionScheduleCreate": Access("subscriptions:write"),
        "subscriptionScheduleUpdate": Access("subscriptions:write"),
        "subscriptionScheduleRelease": Access("subscriptions:write"),
        "subscriptionCollectionPause": _PAYMENTS,
        "subscriptionCollectionResume": _PAYMENTS,
        "paymentMethodAdd": _PAYMENTS,
        "paymentMethodRemove": _PAYMENTS,
        "paymentMethodSetDefault": _PAYMENTS,
        "paymentSimulate": _PAYMENTS,
        "invoiceCollect": _PAYMENTS,
        "invoiceMarkPaid": _PAYMENTS,
        "refundCreate": _PAYMENTS,
        "creditBalanceRefund": _PAYMENTS,
        "billingPortalSessionCreate": Access("sessions:write", MANAGE),
        "usageReport": Access("usage:write"),
        "usageReportMany": Access("usage:write"),
        "entitlementConsume": Access("usage:write"),
        "entitlementReserve": Access("usage:write"),
        "reservationSettle": Access("usage:write"),
        "reservationRelease": Access("usage:write"),
        "grantCreate": Access("entitlements:write"),
        "grantRevoke": Access("entitlements:write"),
        "overrideSet": Access("entitlements:write"),
        "overrideClear": Access("entitlements:write"),
        "customerTokenCreate": Access("sessions:write"),
        "customerTokenRevoke": Access("sessions:write"),
        "apiKeyCreate": Access("keys:write"),
        "apiKeyRevoke": Access("keys:write"),
        "testClockAdvance": Access("clock:write"),
        "catalog": Access("catalog:read"),
        "catalogPlan": Access("catalog:read"),
        "catalogApply": Access("catalog:write"),
        "productArchive": Access("catalog:write"),
        "planArchive": Access("catalog:write"),
        "featureArchive": Access("catalog:write"),
        "job": Access("jobs:read"),
        "jobs": Access("jobs:read"),
        "jobCancel": Access("jobs:write"),
        "coupon": Access("coupons:read"),
        "coupons": Access("coupons:read"),
        "couponCreate": Access("coupons:write"),
        "couponArchive": Access("coupons:write"),
        "promotionCodeCreate": Access("coupons:write"),
        "promotionCodeArchive": Access("coupons:write"),
        "discountApply": Access("subscriptions:write"),
        "discountRemove": Access("subscriptions:write"),
        "import": Access("*"),
        "planMigrationPreview": Access("subscriptions:read"),
        "planMigrationStart": Access("jobs:write"),
        "planMigrationUndo": Access("jobs:write"),
        "subscriptionsCancel": Access("jobs:write", also="subscriptions:write"),
        "subscriptionsCancelUndo": Access("jobs:write", also="subscriptions:write"),
    },
)

MONEY_SCOPES: Mapping[StrEnum, str] = MappingProxyType(
    {
        EndRefund.PRORATED: "payments:write",
        EndRefund.LAST_PAYMENT: "payments:write",
        OpenInvoices.VOID: "invoices:write",
        OpenInvoices.MARK_UNCOLLECTIBLE: "invoices:write",
        PendingItems.DELETE: "invoices:write",
    },
)
"""What an end does with money that an act of its own does too asks for the scope of that act."""


def closed(operation: str, kind: PrincipalKind) -> bool:
    """Whether an operation is refused to every credential of this kind, whatever it is about."""
    access = ACCESS.get(operation)
    if access is None or access.public or kind is PrincipalKind.SECRET:
        return False
    return kind is not PrincipalKind.CUSTOMER or access.customer is None


def demand(ctx: Context, operation: str) -> None:
    """Refuse by name whoever may not."""
    access, principal = ACCESS[operation], ctx.principal
    if principal.kind is PrincipalKind.SECRET:
        for scope in (access.scope, access.also):
            _demand_scope(principal, scope)
        return
    if ctx.environment is None or (principal.kind is PrincipalKind.PUBLIC and not access.public):
        raise CredentialNeeded("Send a credential: Authorization: Bearer <secret key, publishable key or token>.")
    if principal.kind is PrincipalKind.CUSTOMER and access.customer is not None:
        if access.customer not in principal.scopes:
            raise ScopeMissing(f"This token lacks the scope {access.customer}.", scope=access.customer)
        return
    if not access.public:
        raise MerchantOnly("This needs a secret key: call it from your server.")


def demand_money(ctx: Context, asked: EndAsked) -> None:
    """Refuse a key that may end subscriptions, and may not send back, give up or delete what it asks for with it."""
    if ctx.principal.merchant:
        for option in (asked.refund, asked.open_invoices, asked.pending_items):
            _demand_scope(ctx.principal, MONEY_SCOPES.get(option, "") if option else "")


def _demand_scope(principal: Principal, scope: str) -> None:
    if scope and not principal.scopes & {ALL, scope}:
        raise ScopeMissing(f"This key lacks the scope {scope}.", scope=scope)


def may(ctx: Context, operation: str) -> bool:
    """Whether the credential may, for nested fields that are simply empty otherwise."""
    try:
        demand(ctx, operation)
    except Refusal:
        return False
    return True


def own_customer(ctx: Context, customer_id: str) -> bool:
    """Whether the credential may see this customer at all."""
    return ctx.principal.sees(customer_id)


def own_subscription(ctx: Context, customer_id: str, subscription_id: str) -> bool:
    """Whether the credential may see this subscription at all."""
    return ctx.principal.sees(customer_id, subscription_id)


def merchant_argument(ctx: Caller, field: str, *, given: bool) -> None:
    """Refuse an argument that only the merchant may pass."""
    if given and not ctx.principal.merchant:
        raise MerchantOnly("Leave this out: for customers the policy decides it.", field=field)


def not_found(what: str, field: str | None) -> NotFound:
    """Say that there is no such thing for this credential: another's is answered in the same words."""
    return NotFound(f"There is no such {what} here.", field=field, what=what)
