"""One row of every table that keeps money, for databases that have something of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.books import Booked
from billing.discounts import CouponDuration
from billing.invoicing.invoices import CollectionMethod, CreditKind, InvoiceReason, InvoiceStatus
from billing.invoicing.policy import OnDispute
from billing.invoicing.values import LineKind
from billing.lifecycle import Channel
from billing.payments import PaymentStatus, RefundStatus
from billing.ports import Outcome
from billing.schedules import EndBehavior, ScheduleStatus
from models.choices import SandboxKind
from models.tables.books import BookingRow
from models.tables.coupon import CouponRow, DiscountRow, PromotionCodeRow
from models.tables.credit import CreditBalanceRow, CreditEntryRow, CreditNoteRow
from models.tables.invoice import DocumentCounterRow, InvoiceLineRow, InvoiceRow, UsageCursorRow, WaiverRow
from models.tables.payment import DisputeRow, PaymentMethodRow, PaymentRow, RefundRow, SandboxEntryRow
from models.tables.subscription import SubscriptionScheduleRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import SQLModel


def money(environment: str, customer: str, subscription: str, at: datetime) -> list[SQLModel]:
    """An invoice with a line and a credit note, what the customer has in credit and off, and what was let go."""
    owner: dict[str, Any] = {"environment_id": environment, "customer_id": customer}
    return [
        InvoiceRow(
            id="inv_1",
            **owner,
            status=InvoiceStatus.OPEN,
            reason=InvoiceReason.RENEWAL,
            currency="USD",
            collection_method=CollectionMethod.SEND_INVOICE,
            created_at=at,
        ),
        InvoiceLineRow(
            id="lin_1",
            **owner,
            kind=LineKind.ITEM,
            currency="USD",
            gross=1000,
            net=1000,
            created_at=at,
            invoice_id="inv_1",
        ),
        WaiverRow(
            id="wai_1",
            **owner,
            subscription_id=subscription,
            period_start=at,
            period_end=at,
            cause="CHANGE",
            created_at=at,
        ),
        UsageCursorRow(**owner, subscription_id=subscription, price_id="pri_1", billed_until=at),
        DocumentCounterRow(environment_id=environment, kind="invoice", number=1),
        CreditBalanceRow(**owner, currency="USD", amount=100),
        CreditEntryRow(
            id="cre_1", **owner, currency="USD", amount=100, after=100, kind=CreditKind.GRANT, created_at=at
        ),
        BookingRow(
            id="bkg_1",
            **owner,
            kind=Booked.BALANCE_ENTRY,
            document_id="cre_1",
            currency="USD",
            postings=[["BALANCE", -100], ["GRANTED", 100]],
            at=at,
        ),
        CreditNoteRow(
            id="crn_1", **owner, invoice_id="inv_1", number="CN-1", currency="USD", net=100, total=100, created_at=at
        ),
        CouponRow(
            id="cou_1",
            environment_id=environment,
            key="ten",
            name="Ten off",
            duration=CouponDuration.ONCE,
            amounts={"USD": 1000},
            created_at=at,
        ),
        PromotionCodeRow(id="prm_1", environment_id=environment, coupon_id="cou_1", code="TEN", created_at=at),
        DiscountRow(id="dis_1", **owner, coupon_id="cou_1", promotion_code_id="prm_1", starts_at=at, created_at=at),
        *paid(environment, customer, subscription, at),
        SubscriptionScheduleRow(
            id="sld_1",
            **owner,
            subscription_id=subscription,
            status=ScheduleStatus.ACTIVE,
            end_behavior=EndBehavior.CANCEL,
            ends_at=at,
            channel=Channel.API,
            created_at=at,
        ),
    ]


def paid(environment: str, customer: str, subscription: str, at: datetime) -> list[SQLModel]:
    """A payment by a method, what went back of it, what was disputed of it, and what the sandbox knows of it."""
    owner: dict[str, Any] = {"environment_id": environment, "customer_id": customer}
    amount: dict[str, Any] = {"amount": 1000, "currency": "USD"}
    return [
        PaymentMethodRow(
            id="pym_1",
            **owner,
            provider="sandbox",
            reference="sandbox_succeeds",
            label="Sandbox",
            is_default=True,
            created_at=at,
        ),
        PaymentRow(
            id="pay_1",
            **owner,
            **amount,
            invoice_id="inv_1",
            method_id="pym_1",
            provider="sandbox",
            number=1,
            status=PaymentStatus.SUCCEEDED,
            scheduled_at=at,
            made_at=at,
            settled_at=at,
            created_at=at,
        ),
        RefundRow(
            id="rfd_1",
            **owner,
            **amount,
            invoice_id="inv_1",
            payment_id="pay_1",
            status=RefundStatus.SUCCEEDED,
            created_at=at,
            settled_at=at,
        ),
        DisputeRow(
            id="dsp_1",
            **owner,
            **amount,
            invoice_id="inv_1",
            payment_id="pay_1",
            subscription_id=subscription,
            whole=True,
            effect=OnDispute.NOTHING,
            opened_at=at,
        ),
        SandboxEntryRow(
            environment_id=environment,
            key="pay_1",
            **amount,
            kind=SandboxKind.CHARGE,
            method="sandbox_succeeds",
            outcome=Outcome.SUCCEEDED,
            created_at=at,
        ),
    ]
