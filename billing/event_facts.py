"""What events tell is made of: the shapes of facts, as JSON Schema. A name that ends in `?` may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from billing.calendar import IntervalUnit
from billing.discounts import CouponDuration
from billing.invoicing.invoices import CreditKind, InvoiceReason, InvoiceStatus
from billing.invoicing.policy import OnDispute
from billing.invoicing.values import BillingMode
from billing.lifecycle import CancelReason, ChangeKind, CollectionBehavior, Status
from billing.payments import RefundStatus
from billing.schedules import EndBehavior
from billing.trials import TrialEnding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from billing.entitlements.sources import Json

Fields: TypeAlias = "Mapping[str, dict[str, Json]]"

MAYBE = "?"
"""How the name of a fact ends that may be missing."""

TEXT: dict[str, Json] = {"type": "string"}
FLAG: dict[str, Json] = {"type": "boolean"}
WHOLE: dict[str, Json] = {"type": "integer"}
ID: dict[str, Json] = {"type": "string", "pattern": "^[a-z]{2,4}_"}
INSTANT: dict[str, Json] = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}
AMOUNT: dict[str, Json] = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
CURRENCY: dict[str, Json] = {"type": "string", "pattern": "^[A-Z]{3}$"}
NAMES: dict[str, Json] = {"type": "array", "items": {"type": "string"}}


def of(kind: type[StrEnum]) -> dict[str, Json]:
    """A member of a closed set."""
    return {"enum": [member.value for member in kind]}


def none_or(what: dict[str, Json]) -> dict[str, Json]:
    """That, or null."""
    return {"anyOf": [what, {"type": "null"}]}


def by_name(what: dict[str, Json]) -> dict[str, Json]:
    """An object whose every member is that."""
    return {"type": "object", "additionalProperties": what}


def perhaps(fields: Fields) -> Fields:
    """The same facts, of which only those that changed are told."""
    return {f"{name.removesuffix(MAYBE)}{MAYBE}": what for name, what in fields.items()}


CHANGE: dict[str, Json] = {
    "type": "object",
    "properties": {
        "id": ID,
        "kind": of(ChangeKind),
        "appliesAt": INSTANT,
        "item": none_or(ID),
        "planVersionId": none_or(ID),
        "quantity": none_or(WHOLE),
        "scheduleId": ID,
        "untilFits": FLAG,
    },
    "required": ["id", "kind", "appliesAt", "item", "planVersionId", "quantity"],
    "additionalProperties": False,
}
ABOVE: dict[str, Json] = {
    "type": "object",
    "properties": {"featureKey": TEXT, "used": AMOUNT, "limit": AMOUNT, "overBy": AMOUNT},
    "required": ["featureKey", "used", "limit", "overBy"],
    "additionalProperties": False,
}
SUBSCRIPTION: Fields = {
    "status": of(Status),
    "planId": ID,
    "planVersionId": ID,
    "interval": {"type": "string", "pattern": f"^[1-9][0-9]* ({'|'.join(unit.value for unit in IntervalUnit)})$"},
    "currency": none_or(CURRENCY),
    "quantity": WHOLE,
    "addOns": by_name(WHOLE),
    "billingMode": of(BillingMode),
    "anchor": INSTANT,
    "periodStart": INSTANT,
    "periodEnd": INSTANT,
    "cancelAt": none_or(INSTANT),
    "endedAt": none_or(INSTANT),
    "accessUntil": none_or(INSTANT),
    "graceUntil": none_or(INSTANT),
    "collectionPaused": none_or(of(CollectionBehavior)),
    "collectionResumesAt": none_or(INSTANT),
    "scheduled": {"type": "array", "items": CHANGE},
    "goesOnTo?": none_or(ID),
    "trialEnding?": of(TrialEnding),
    "completesAt?": INSTANT,
}
OF_SCHEDULE: Fields = {"subscriptionId": ID, "scheduleId?": ID}
SCHEDULE_END: Fields = {"endBehavior": of(EndBehavior), "endsAt": INSTANT}
WHY: Fields = {
    "reason": none_or(of(CancelReason)),
    "commentId?": none_or(ID),
    "commentDigest?": none_or(TEXT),
    "replacedBySubscriptionId?": ID,
}
COLUMNS: Fields = {"columns": NAMES, "imported?": FLAG}
FEATURE_USE: Fields = {"featureId": ID, "resource": TEXT, "amount": AMOUNT}
HELD: Fields = {"channel": TEXT, "everywhere": FLAG, "reason": TEXT}
DISCOUNT: Fields = {"couponId": ID, "subscriptionId": none_or(ID)}
ITEM: Fields = {"subscriptionId": none_or(ID), "currency": CURRENCY, "amount": AMOUNT}
INVOICE: Fields = {
    "subscriptionId": none_or(ID),
    "status": of(InvoiceStatus),
    "reason": of(InvoiceReason),
    "currency": CURRENCY,
    "total": AMOUNT,
    "tax": AMOUNT,
    "balanceApplied": AMOUNT,
    "remaining": AMOUNT,
    "payableBy": none_or(INSTANT),
}
PAYMENT: Fields = {
    "paymentId": ID,
    "invoiceId": ID,
    "subscriptionId": none_or(ID),
    "amount": AMOUNT,
    "currency": CURRENCY,
    "code": none_or(TEXT),
    "manual": none_or(FLAG),
}
DISPUTE: Fields = {
    "paymentId": ID,
    "invoiceId": ID,
    "subscriptionId": none_or(ID),
    "amount": AMOUNT,
    "currency": CURRENCY,
    "whole": FLAG,
    "effect": of(OnDispute),
}
REFUND: Fields = {
    "status": of(RefundStatus),
    "paymentId": ID,
    "invoiceId": ID,
    "amount": AMOUNT,
    "currency": CURRENCY,
    "code": none_or(TEXT),
}
INVOICE_STATUS: Fields = {"status": of(InvoiceStatus)}
INVOICE_MOVED: Fields = {**INVOICE_STATUS, "subscriptionId?": none_or(ID)}
COUNTED: Fields = {"items": by_name(WHOLE)}
BALANCE: Fields = {
    "balance": AMOUNT,
    "kind": of(CreditKind),
    "currency": CURRENCY,
    "amount": AMOUNT,
    "invoiceId": none_or(ID),
}
COUPON: Fields = {
    "key": TEXT,
    "duration": of(CouponDuration),
    "percentOff": none_or(AMOUNT),
    "amountsOff": by_name(AMOUNT),
}
