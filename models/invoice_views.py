"""Invoices, their lines, and what customers have in credit, as they leave the stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from billing.calendar import Period
    from billing.entitlements.sources import Json
    from billing.invoicing.invoices import CollectionMethod, CreditKind, InvoiceReason, InvoiceStatus
    from billing.invoicing.values import LineKind


@dataclass(frozen=True, slots=True)
class TaxShare:
    """By which rule a line is taxed, and what of the tax falls to it, in minor units; `ppm` None is untaxed."""

    ppm: int | None = None
    name: str = ""
    country: str = ""
    inclusive: bool = False
    amount: int = 0


class Cursor(NamedTuple):
    """Up to when the usage of a metered price is billed, and when its next period ends where it has its own."""

    billed_until: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of an invoice, or of none yet. Amounts are minor units; `net` is gross less discount, before tax.

    `name` and `unit` are those of what was measured, as they were when it was counted.
    """

    id: str
    customer_id: str
    subscription_id: str
    invoice_id: str
    credit_note_id: str
    position: int
    kind: LineKind
    proration: bool
    plan_id: str
    price_id: str
    add_on: bool
    feature_id: str
    description: str
    quantity: int
    currency: str
    period: Period | None
    natural: Period | None
    gross: int
    discount: int
    net: int
    discount_id: str
    discount_ppm: int | None
    discount_amount: int | None
    credits_line_id: str
    tax: TaxShare
    created_at: datetime
    name: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An invoice. Amounts are minor units; `remaining` is what is left to pay."""

    id: str
    customer_id: str
    subscription_id: str
    number: str | None
    status: InvoiceStatus
    reason: InvoiceReason
    currency: str
    collection_method: CollectionMethod
    auto_advance: bool
    period: Period | None
    subtotal: int
    discount: int
    tax: int
    total: int
    balance_applied: int
    credited: int
    paid: int
    remaining: int
    paid_out_of_band: bool
    seller: dict[str, Json]
    buyer: dict[str, Json]
    memo: str
    due_at: datetime | None
    payable_by: datetime | None
    created_at: datetime
    finalized_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaiverView:
    """Time that was let go, and what it counts as; `change_id` is the pending end that let it go, or ''."""

    id: str
    stands_on: str
    plan_id: str
    price_id: str
    add_on: bool
    quantity: int
    period: Period
    cause: str
    change_id: str


@dataclass(frozen=True, slots=True)
class CreditEntryView:
    """One movement of a credit balance, in minor units; `after` is what it came to."""

    id: str
    customer_id: str
    currency: str
    amount: int
    after: int
    kind: CreditKind
    invoice_id: str
    credit_note_id: str
    refund_id: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CreditNoteView:
    """A credit note: `total` = what lowered the invoice + went to the balance + was refunded + was given otherwise."""

    id: str
    customer_id: str
    invoice_id: str
    number: str
    currency: str
    reason: str
    net: int
    tax: int
    total: int
    reduced: int
    to_balance: int
    refunded: int
    out_of_band: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OpenInvoices:
    """The open invoices of a currency: how many, and what is left to pay of them in minor units."""

    currency: str
    count: int
    remaining: int
