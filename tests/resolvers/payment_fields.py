"""The acts of paying, as the tests of who may ask them."""

from __future__ import annotations

from typing import Any

from tests.resolvers.root_field import act

PAYING: dict[str, Any] = {"scope": "payments:write"}
METHOD = "paymentMethod { id label } replayed"
INVOICE = "invoice { id status }"

PAYMENT_ACTS = (
    act(
        "paymentMethodAdd",
        "PaymentMethodAdded",
        METHOD,
        lambda h: {"customer": h.ref, "reference": "sandbox_succeeds"},
        **PAYING,
    ),
    act("paymentMethodRemove", "PaymentMethodRemoved", METHOD, lambda h: {"id": h.method}, **PAYING),
    act("paymentMethodSetDefault", "PaymentMethodWasSetDefault", METHOD, lambda h: {"id": h.method}, **PAYING),
    act(
        "invoiceCollect",
        "InvoiceCollected",
        f"{INVOICE} payment {{ id status }} replayed",
        lambda h: {"invoiceId": h.invoice},
        **PAYING,
    ),
    act("invoiceMarkPaid", "InvoiceMarkedPaid", f"{INVOICE} replayed", lambda h: {"invoiceId": h.invoice}, **PAYING),
    act(
        "refundCreate",
        "RefundCreated",
        f"refund {{ id status }} {INVOICE} replayed",
        lambda h: {"invoiceId": h.paid, "paymentId": h.payment, "amount": "1"},
        **PAYING,
    ),
    act(
        "creditBalanceRefund",
        "CreditBalanceRefunded",
        "refunds { id status } balance { amount } replayed",
        lambda h: {"customer": h.ref, "currency": "USD", "amount": "1"},
        **PAYING,
    ),
    act(
        "paymentSimulate",
        "PaymentSimulated",
        "payment { id status dispute { id } } replayed",
        lambda h: {"paymentId": h.payment, "what": "DISPUTED", "amount": "2"},
        **PAYING,
    ),
    act(
        "subscriptionCollectionPause",
        "SubscriptionCollectionPaused",
        "subscription { id collection } replayed",
        lambda h: {"subscriptionId": h.plain, "behavior": "VOID", "resumesAt": "2024-03-01T00:00:00Z"},
        **PAYING,
    ),
    act(
        "subscriptionCollectionResume",
        "SubscriptionCollectionResumed",
        "subscription { id collection } replayed",
        lambda h: {"subscriptionId": h.moving},
        **PAYING,
    ),
)
