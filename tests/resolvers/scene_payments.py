"""What somebody of the scene has paid, and by what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

METHOD = """mutation($input: PaymentMethodAddInput!) { paymentMethodAdd(input: $input) {
  ... on PaymentMethodAdded { paymentMethod { id } } ... on UserError { code message field } } }"""
COLLECT = """mutation($input: InvoiceCollectInput!) { invoiceCollect(input: $input) {
  ... on InvoiceCollected { payment { id status } } ... on UserError { code message field } } }"""
CREDIT = """mutation($input: CreditGrantInput!) { creditGrant(input: $input) {
  ... on CreditGranted { entry { id } } ... on UserError { code message field } } }"""
PAUSE = """mutation($input: SubscriptionCollectionPauseInput!) { subscriptionCollectionPause(input: $input) {
  ... on SubscriptionCollectionPaused { subscription { id } } ... on UserError { code message field } } }"""
OWED = """mutation($input: InvoiceCreateInput!) { invoiceCreate(input: $input) {
  ... on InvoiceCreated { invoice { id } } ... on UserError { code message field } } }"""


async def pay(
    done: Callable[..., Awaitable[Any]], of: dict[str, Any], subscription: str, paused: str
) -> tuple[str, str, str]:
    """Have an invoice paid by a payment method, and some credit: the invoice, the payment, another method.

    One subscription is not collected.
    """
    line = {"amount": "10", "description": "Training"}
    asked: dict[str, Any] = {**of, "subscriptionId": subscription, "currency": "USD", "lines": [line]}
    invoice: str = (await done(OWED, **asked))["invoice"]["id"]
    await done(METHOD, **of, reference="sandbox_succeeds")
    method = (await done(METHOD, **of, reference="sandbox_disputed", setDefault=False))["paymentMethod"]
    payment = (await done(COLLECT, invoiceId=invoice))["payment"]
    assert payment["status"] == "SUCCEEDED"
    await done(CREDIT, **of, amount={"amount": "1.00", "currency": "USD"})
    await done(PAUSE, subscriptionId=paused, behavior="KEEP_AS_DRAFT")
    return invoice, payment["id"], method["id"]
