"""The events that there are, and what each tells: a closed list, written as JSON Schema. (C15)

`after` is the facts as they are since, `before` the same ones as they were ("previous attributes"), as far as they
changed. A key that ends in `?` may be missing. Every event of a bulk act tells its job as `jobId`. A type that code
tells of and that has no row here fails `tests/house`, and a fact that its row does not name fails the scenarios.
"""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.event_facts import (
    ABOVE,
    AMOUNT,
    BALANCE,
    COLUMNS,
    COUNTED,
    COUPON,
    CURRENCY,
    DISCOUNT,
    DISPUTE,
    FEATURE_USE,
    FLAG,
    HELD,
    ID,
    INSTANT,
    INVOICE,
    INVOICE_MOVED,
    INVOICE_STATUS,
    ITEM,
    MAYBE,
    NAMES,
    OF_SCHEDULE,
    PAYMENT,
    REFUND,
    SCHEDULE_END,
    SUBSCRIPTION,
    TEXT,
    WHOLE,
    WHY,
    by_name,
    none_or,
    of,
    perhaps,
)
from billing.invoicing.invoices import InvoiceReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.entitlements.sources import Json
    from billing.event_facts import Fields

DRAFT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class EventType:
    """What an event of one type means and tells; where it is `open`, other facts than these too."""

    name: str
    meaning: str
    after: Fields = field(default_factory=dict[str, "dict[str, Json]"])
    before: Fields = field(default_factory=dict[str, "dict[str, Json]"])
    open: bool = False

    def schema_of_after(self) -> dict[str, Json]:
        """The JSON Schema of what it tells; a job may have caused any event."""
        return _object({**self.after, f"jobId{MAYBE}": ID}, open_=self.open)

    def schema_of_before(self) -> dict[str, Json]:
        """The JSON Schema of what was so before."""
        return _object(perhaps(self.before), open_=self.open)


def _changed(name: str, meaning: str, beside: Fields = MappingProxyType({})) -> EventType:
    """A subscription's facts changed: those that did are told."""
    return EventType(name, meaning, {**perhaps(SUBSCRIPTION), **beside}, SUBSCRIPTION)


def _sold(name: str, meaning: str) -> EventType:
    """Something of the catalog changed: the fields that did are told by their paths."""
    return EventType(name, meaning, {"key": TEXT}, open=True)


def _object(fields: Fields, *, open_: bool) -> dict[str, Json]:
    needed: list[Json] = [name for name in sorted(fields) if not name.endswith(MAYBE)]
    return {
        "type": "object",
        "properties": {name.removesuffix(MAYBE): what for name, what in fields.items()},
        "required": needed,
        "additionalProperties": open_,
    }


_TYPES: tuple[EventType, ...] = (
    EventType("api_key.created", "a key was made", {"kind": TEXT, "name": TEXT, "scopes": NAMES}),
    EventType("api_key.revoked", "a key was stopped"),
    EventType(
        "balance.changed",
        "a customer's credit was given, spent or paid out; tells what it came to",
        BALANCE,
        {"balance": AMOUNT},
    ),
    EventType(
        "channel.held",
        "whoever runs the program holds payments, mail or webhooks; `everywhere`, or in this environment",
        HELD,
    ),
    EventType("channel.released", "a hold was taken away; what waited goes out", HELD),
    EventType("coupon.archived", "a coupon gives no more discounts; those that run go on", {"key": TEXT}),
    EventType("coupon.created", "a coupon was made", COUPON),
    EventType(
        "credit_note.created",
        "something of a final invoice was given back",
        {"number": TEXT, "invoiceId": ID, "currency": CURRENCY, "total": AMOUNT},
    ),
    EventType("customer.archived", "a customer was archived"),
    EventType("customer.created", "a customer was made", COLUMNS),
    EventType("customer.token_created", "a customer token was signed", {"tokenId": ID}),
    EventType("customer.tokens_revoked", "a customer's tokens were stopped", {"tokenId": none_or(TEXT)}),
    EventType("customer.updated", "columns of a customer changed; their names are told, not their values", COLUMNS),
    EventType(
        "discount.applied",
        "a coupon was put on a customer or subscription; lines billed before it stay as they are",
        {**DISCOUNT, "promotionCode": none_or(TEXT), "endsAt": none_or(INSTANT)},
    ),
    EventType(
        "discount.came_back",
        "a discount for once runs on: the invoice that had used it up was voided",
        DISCOUNT,
    ),
    EventType(
        "discount.ended",
        "a discount ended; `why` is EXPIRED, USED (by its invoice), REPLACED (by a phase) or SUBSCRIPTION_ENDED",
        {**DISCOUNT, "why": {"enum": ["EXPIRED", "USED", "REPLACED", "SUBSCRIPTION_ENDED"]}},
    ),
    EventType("discount.removed", "a discount was taken away; lines that have it keep it", DISCOUNT),
    EventType(
        "entitlement.threshold_reached",
        "usage came to a threshold of its limit, once per window; told at the next usage where a limit fell",
        {
            "featureId": ID,
            "resource": TEXT,
            "threshold": WHOLE,
            "used": AMOUNT,
            "limit": AMOUNT,
            "resetsAt": none_or(INSTANT),
        },
    ),
    EventType(
        "environment.updated",
        "settings of the environment changed; their names are told, not their values",
        {"columns": NAMES},
    ),
    _sold("feature.archived", "a feature is given to nobody any more"),
    _sold("feature.created", "the catalog has a new feature"),
    _sold("feature.restored", "an archived feature can be given again"),
    _sold("feature.updated", "fields of a feature changed; tells them before and after"),
    EventType("grant.created", "an allowance was granted", {**FEATURE_USE, "imported?": FLAG}),
    EventType("grant.expired", "an allowance came to its end", {"left": AMOUNT}),
    EventType("grant.revoked", "an allowance was taken back"),
    EventType(
        "invoice.created",
        "a draft was made; it is final when its grace is over",
        {"invoiceId": ID, "subscriptionId": none_or(ID), "reason": of(InvoiceReason)},
    ),
    EventType("invoice.finalized", "an invoice is final and has its number", {**INVOICE, "number": TEXT}),
    EventType(
        "invoice.paid",
        "nothing is left to pay of an invoice",
        {**perhaps(INVOICE), **INVOICE_STATUS, "amount?": AMOUNT, "paymentId?": none_or(ID)},
        INVOICE_STATUS,
    ),
    EventType(
        "invoice.sent",
        "the merchant asks for an invoice to be sent: whoever sends mail does it",
        {"number": TEXT, "subscriptionId": none_or(ID)},
    ),
    EventType(
        "invoice.voided",
        "an invoice that nothing was paid of was taken back as a whole",
        INVOICE_MOVED,
        INVOICE_STATUS,
    ),
    EventType("invoice_item.created", "an item waits for the customer's next invoice", ITEM),
    EventType("invoice_item.deleted", "an item was taken back before an invoice took it", {}, ITEM),
    EventType("job.canceled", "a job was stopped"),
    EventType("job.created", "a job was started; what it was asked to do is told", {"kind": TEXT}, open=True),
    EventType("job.done", "a job has tried every item; how many ended how is told", COUNTED),
    EventType("job.failed", "a job was given up as a whole"),
    EventType("job.undo_requested", "a job was asked to take back what it did"),
    EventType("job.undone", "a job has taken back what it could", COUNTED),
    EventType(
        "mail.sent",
        "a mail about an invoice went out to the customer; told when it did, and again where it did again (C2)",
        {"mail": {"enum": ["PAYMENT_FAILED", "PAST_DUE"]}, "number": TEXT, "subscriptionId": none_or(ID)},
    ),
    EventType("override.cleared", "an override was taken away"),
    EventType("override.ended", "an override came to its end"),
    EventType(
        "override.set",
        "an override was set",
        {"featureId": ID, "resource": TEXT, "revoked": FLAG},
        {"overrideId": none_or(ID)},
    ),
    _sold("plan.archived", "a plan or add-on went off sale; its subscriptions go on (K2)"),
    _sold("plan.published", "a version of a plan or add-on was published; tells what changed, before and after"),
    _sold("plan.restored", "an archived plan or add-on is on sale again"),
    EventType("portal.session_created", "a portal link was made", {"flow": TEXT, "subscriptionId": none_or(ID)}),
    _sold("product.archived", "a product went off sale; its subscriptions go on (K2)"),
    _sold("product.created", "the catalog has a new product"),
    _sold("product.restored", "an archived product is on sale again"),
    _sold("product.updated", "fields of a product changed; tells them before and after"),
    EventType("promotion_code.archived", "a promotion code gives no more discounts", {"code": TEXT}),
    EventType(
        "promotion_code.created", "a promotion code was made", {"code": TEXT, "couponId": ID, "customerId": none_or(ID)}
    ),
    EventType("reservation.created", "an amount is held for a long job", {**FEATURE_USE, "expiresAt": INSTANT}),
    EventType(
        "reservation.expired",
        "a reservation's time was over before it was settled or released",
        {"featureId": ID, "amount": AMOUNT},
    ),
    EventType(
        "reservation.released", "a reservation was let go, with nothing used", {"featureId": ID, "amount": AMOUNT}
    ),
    EventType(
        "reservation.settled",
        "a reservation was settled; `usage.consumed` tells what it came to",
        {**FEATURE_USE, "reserved": AMOUNT},
    ),
    _changed(
        "subscription.canceled",
        "a subscription ended; `cause` says whether a call or its instant ended it (C15)",
        perhaps({**WHY, "scheduleId": ID}),
    ),
    EventType(
        "subscription.cancellation_reason_given", "a reason was given afterwards (T3)", WHY, {"reason": WHY["reason"]}
    ),
    _changed("subscription.cancellation_scheduled", "a subscription will end; carries the reason (T12)", WHY),
    _changed("subscription.cancellation_undone", "a pending end was taken back"),
    _changed(
        "subscription.change_held_back",
        "a change waits for the next period's end: more is used than it leads to; tells of what (S6)",
        {"above": {"type": "array", "items": ABOVE}},
    ),
    _changed("subscription.change_scheduled", "a change of plan or quantity waits for its instant"),
    _changed("subscription.change_undone", "a pending change was taken back"),
    _changed("subscription.collection_resumed", "payments are collected again (C1)"),
    _changed("subscription.completed", "all instalments are paid; what was bought is kept, or ends (K4)"),
    EventType("subscription.created", "a subscription was made", SUBSCRIPTION),
    EventType(
        "subscription.imported",
        "a subscription was brought in from elsewhere; what it was before is not told",
        SUBSCRIPTION,
    ),
    _changed("subscription.paused", "its trial ended without a payment method: it waits, and gives no access"),
    _changed(
        "subscription.phase_began",
        "a phase of a schedule began; tells what changed and the schedule's id (C9)",
        {"scheduleId": ID},
    ),
    _changed(
        "subscription.plan_changed",
        "the plan or interval is another one now; `cause` is CANCELLATION where an end led there (S7)",
        perhaps({**WHY, "cause": {"enum": ["CANCELLATION"]}, "scheduleId": ID}),
    ),
    _changed("subscription.quantity_changed", "a quantity, or the set of add-ons, is another one now"),
    _changed("subscription.renewed", "a new period began"),
    _changed("subscription.resumed", "a payment method came: the first period that is paid for begins"),
    _changed("subscription.started", "a subscription that was agreed for later began"),
    EventType(
        "subscription.updated",
        "metadata changed; tells the keys that did, null where one was not there (C3)",
        {"metadata": by_name(none_or(TEXT))},
        {"metadata": by_name(none_or(TEXT))},
    ),
    _changed("subscription.trial_ended", "a trial became an active subscription"),
    _changed("subscription_schedule.canceled", "a subscription ended before its schedule was over", OF_SCHEDULE),
    _changed(
        "subscription_schedule.completed",
        "the last phase of a schedule is over: the subscription ended, or goes on as it is (C9)",
        OF_SCHEDULE,
    ),
    _changed(
        "subscription_schedule.created",
        "a subscription was put under a schedule; tells what is to come (C9)",
        {**OF_SCHEDULE, **SCHEDULE_END},
    ),
    _changed(
        "subscription_schedule.released",
        "a schedule was taken off; the subscription goes on as it is (C9)",
        OF_SCHEDULE,
    ),
    _changed(
        "subscription_schedule.updated",
        "other phases or another end take the place of what was to come (C9)",
        {**OF_SCHEDULE, **SCHEDULE_END},
    ),
    EventType("test_clock.advanced", "a test clock was sent forward", {"to": INSTANT}),
    EventType("usage.consumed", "some of a feature was consumed", {**FEATURE_USE, "overage?": AMOUNT}),
    EventType("usage.reported", "usage was reported", {**FEATURE_USE, "overage?": AMOUNT, "imported?": FLAG}),
    EventType("dispute.opened", "a customer's bank took back a payment, or a part of it (C10)", DISPUTE),
    EventType("dispute.raised", "it took back more of the same payment", DISPUTE),
    EventType(
        "invoice.marked_uncollectible",
        "an invoice was given up; a late payment is still booked",
        INVOICE_MOVED,
        INVOICE_STATUS,
    ),
    EventType(
        "invoice.past_due",
        "an invoice that was sent is not paid by its due day; tells when its subscription is given up (C2)",
        {
            "number": TEXT,
            "subscriptionId": none_or(ID),
            "remaining": AMOUNT,
            "currency": CURRENCY,
            "payableBy": INSTANT,
            "givenUpAt": none_or(INSTANT),
        },
    ),
    EventType("invoice.payment_action_required", "the customer has to confirm a payment", PAYMENT),
    EventType(
        "invoice.payment_failed",
        "an attempt failed; tells why, and when it is tried again (C2)",
        {**PAYMENT, "nextAttemptAt": none_or(INSTANT), "attempt?": WHOLE},
    ),
    EventType(
        "payment.late", "an invoice was paid after its subscription had ended, which it reactivates not (K9)", PAYMENT
    ),
    EventType(
        "payment_method.added",
        "a customer has another payment method",
        {"provider": TEXT, "label": TEXT, "default": FLAG},
    ),
    EventType("payment_method.default_set", "another payment method is charged from now on"),
    EventType("payment_method.removed", "a payment method is charged no more"),
    EventType("refund.created", "money is to go back", REFUND),
    EventType("refund.failed", "it could not be given back; tells why", REFUND),
    EventType("refund.succeeded", "the money went back", REFUND),
    _changed("subscription.collection_paused", "payments are not collected; service goes on (C1)"),
    _changed("subscription.incomplete", "the first payment failed; it gives no access until it is paid"),
    _changed("subscription.incomplete_expired", "the first payment never came: it is over"),
    _changed("subscription.past_due", "a payment is late; tells until when access goes on"),
    _changed("subscription.recovered", "what was late is paid"),
    _changed("subscription.unpaid", "the last attempt failed; it gives no access until it is paid"),
)
EVENT_TYPES: Mapping[str, EventType] = MappingProxyType({each.name: each for each in _TYPES})
"""Every type of event, by name."""


def events_schema() -> dict[str, Json]:
    """The JSON Schema of an event: `type` says what `before` and `after` are."""
    told: list[Json] = [_told(each) for each in _TYPES]
    return {
        "$schema": DRAFT,
        "title": "An event of Plangate",
        "type": "object",
        "properties": {"type": {"enum": [each.name for each in _TYPES]}},
        "required": ["type", "before", "after"],
        "allOf": told,
    }


def _told(kind: EventType) -> dict[str, Json]:
    what: dict[str, Json] = {"before": kind.schema_of_before(), "after": kind.schema_of_after()}
    return {
        "description": f"{kind.name}: {kind.meaning}",
        "if": {"properties": {"type": {"const": kind.name}}},
        "then": {"properties": what},
    }
