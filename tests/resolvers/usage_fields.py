"""The questions and acts about usage."""

from __future__ import annotations

from tests.resolvers.root_field import READ, REFUSED, act, question

USAGE_QUESTIONS = (
    question(
        "usageRecords",
        "($filter: UsageFilter!) (filter: $filter)",
        "{ edges { node { id amount } } }",
        lambda h: {"filter": {"customer": h.ref}},
        scope="entitlements:read",
        customer=READ,
    ),
    question(
        "usageHistory",
        "($customer: CustomerRef!, $feature: String!, $since: Instant!, $until: Instant!) "
        "(customer: $customer, feature: $feature, since: $since, until: $until)",
        f"{{ __typename ... on UsageHistory {{ zone amount buckets {{ start amount }} }} {REFUSED} }}",
        lambda h: {
            "customer": h.ref,
            "feature": "lfs_bandwidth",
            "since": "2024-01-01T00:00:00Z",
            "until": "2024-01-03T00:00:00Z",
        },
        scope="entitlements:read",
        customer=READ,
        payload="UsageHistory",
    ),
    question(
        "invoices",
        "($filter: InvoiceFilter) (filter: $filter)",
        "{ edges { node { id number } } }",
        lambda h: {"filter": {"customer": h.ref}},
        scope="invoices:read",
        customer=READ,
    ),
    question(
        "reservations",
        "($filter: ReservationFilter!) (filter: $filter)",
        "{ edges { node { id amount } } }",
        lambda h: {"filter": {"customer": h.ref}},
        scope="entitlements:read",
        customer=READ,
    ),
)

USAGE_ACTS = (
    act(
        "invoiceSend",
        "InvoiceSent",
        "invoice { id number } replayed",
        lambda h: {"invoiceId": h.invoice},
        scope="invoices:write",
    ),
    act(
        "entitlementConsume",
        "EntitlementGranted",
        "customerId amount used remaining recordId replayed } ... on EntitlementDenied { customerId reason requested",
        lambda h: {"customer": h.ref, "feature": "lfs_bandwidth", "resource": "b", "idempotencyKey": "take"},
        scope="usage:write",
    ),
    act(
        "entitlementReserve",
        "EntitlementReserved",
        "reservation { id amount } used reserved remaining replayed } ... on EntitlementDenied { customerId reason",
        lambda h: {
            "customer": h.ref,
            "feature": "lfs_bandwidth",
            "resource": "b",
            "amount": "1",
            "idempotencyKey": "hold",
        },
        scope="usage:write",
    ),
    act(
        "reservationSettle",
        "ReservationSettled",
        "reservation { id state } record { id amount } used reserved replayed } ... on EntitlementDenied { reason",
        lambda h: {"id": h.reservation, "idempotencyKey": "settle"},
        scope="usage:write",
    ),
    act(
        "reservationRelease",
        "ReservationReleased",
        "reservation { id state } replayed",
        lambda h: {"id": h.reservation},
        scope="usage:write",
    ),
    act(
        "usageReport",
        "UsageReported",
        "record { id amount } used remaining replayed",
        lambda h: {
            "customer": h.ref,
            "feature": "lfs_bandwidth",
            "resource": "b",
            "value": "2",
            "idempotencyKey": "report",
        },
        scope="usage:write",
    ),
)
