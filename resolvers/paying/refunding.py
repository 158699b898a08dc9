"""Giving money back: decided with the customer's sequence held, so that no race gives back more than came in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.money import Money
from billing.payment_refusals import NothingToRefund, RefundTooLarge
from billing.payments import RefundStatus
from billing.ports import Outcome
from models.payment_views import RefundView
from models.work import Happening
from resolvers.paying.attempting import REFUND, send

if TYPE_CHECKING:
    from billing.entitlements.sources import Json
    from billing.ports import RefundAnswer
    from models.payment_views import PaymentView
    from models.work import Work


async def refund(work: Work, payment: PaymentView, amount: int | None, reason: str) -> RefundView:
    """Decide a refund of an amount, or of all that is left of a payment; it goes out after commit."""
    left = payment.refundable
    if not left:
        raise NothingToRefund("Nothing is left of this payment that could go back.", field="paymentId")
    wanted = left if amount is None else amount
    if wanted > left:
        held = Money(left, payment.currency).format()
        raise RefundTooLarge(
            f"At most {held} {payment.currency} can go back.", field="amount", left=held, currency=payment.currency
        )
    made = RefundView(
        id=work.ids.new("rfd"),
        customer_id=payment.customer_id,
        invoice_id=payment.invoice_id,
        payment_id=payment.id,
        status=RefundStatus.PENDING,
        amount=wanted,
        currency=payment.currency,
        code="",
        reason=reason,
        due_at=None,
        created_at=work.at,
        settled_at=None,
    )
    await work.payments.add_refund(made)
    await send(work, REFUND, made.id)
    await work.record(made.customer_id, Happening("refund.created", made.id, {}, _told(made)))
    return made


async def book_refund(work: Work, refund_id: str, answer: RefundAnswer) -> None:
    """Book what a provider says of a refund; what is over stays as it was."""
    made = await work.payments.refund(refund_id)
    if made is None or made.status is not RefundStatus.PENDING:
        return
    if answer.outcome is Outcome.PENDING:
        await work.payments.save_refund(replace(made, due_at=answer.look_at))
        return
    status = RefundStatus.SUCCEEDED if answer.outcome is Outcome.SUCCEEDED else RefundStatus.FAILED
    after = replace(made, status=status, code=answer.code, due_at=None, settled_at=work.at)
    await work.payments.save_refund(after)
    kind = "refund.succeeded" if status is RefundStatus.SUCCEEDED else "refund.failed"
    await work.record(made.customer_id, Happening(kind, made.id, {}, _told(after)))


def _told(made: RefundView) -> dict[str, Json]:
    return {
        "status": made.status.value,
        "paymentId": made.payment_id,
        "invoiceId": made.invoice_id,
        "amount": Money(made.amount, made.currency).format(),
        "currency": made.currency,
        "code": made.code or None,
    }
