"""What fields are asked with: each time about somebody, something or an instant of its own."""

from __future__ import annotations

from typing import Final

_WHOSE: Final = 'customer: {id: "%(customer)s"}'
_PAGE: Final = "first: %(first)s"

ARGUMENTS: Final[dict[str, str]] = {
    "Query.plans": "addOns: true, hidden: true",
    "Query.plan": 'id: "%(plan)s"',
    "Query.catalogPlan": "input: {document: %(catalog)s}",
    "Query.node": 'id: "%(node)s"',
    "Query.customer": 'ref: {id: "%(customer)s"}',
    "Query.subscription": 'id: "%(subscription)s"',
    "Query.subscriptions": _PAGE,
    "Query.events": _PAGE,
    "Query.entitlement": f'{_WHOSE}, feature: "%(feature)s", at: "%(instant)s"',
    "Query.entitlements": f'{_WHOSE}, at: "%(instant)s"',
    "Query.usageRecords": f"filter: {{{_WHOSE}}}, {_PAGE}",
    "Query.journal": f'month: "2024-01", {_PAGE}',
    "Query.usageHistory": (
        f'{_WHOSE}, feature: "lfs_bandwidth", since: "%(day)s", until: "%(tomorrow)s", bucket: HOUR'
    ),
    "Query.reservations": f"filter: {{{_WHOSE}}}, {_PAGE}",
    "Query.subscriptionChangePreview": 'input: {subscriptionId: "%(subscription)s", planId: "free"}',
    "Query.subscriptionCancellationPreview": 'input: {subscriptionId: "%(subscription)s", timing: END_OF_PERIOD}',
    "Query.subscriptionCancellationUndoPreview": 'input: {subscriptionId: "%(cancelling)s"}',
    "Query.planMigrationPreview": (
        'input: {from: {planId: "team"}, to: {planId: "enterprise"}, when: AT_RENEWAL, prices: NEW}'
    ),
    "Customer.subscriptions": "first: %(first)s, orderBy: %(order)s",
    "Customer.entitlements": 'at: "%(instant)s"',
    "Customer.grants": 'ended: true, feature: "%(feature)s"',
    "Customer.overrides": 'feature: "%(feature)s"',
    "Subscription.entitlements": "",
    "PlanMigrationPreview.subscriptions": "first: %(few)s",
}
"""By field, with places for what differs from one to the next; others are asked as the tests of who may ask them."""
