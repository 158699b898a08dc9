"""How customers pay: methods, attempts, refunds and disputes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from billing.payments import PaymentStatus, RefundStatus
from models.given import among, here, sent
from models.payment_views import DisputeView, PaymentMethodView, PaymentView, RefundView
from models.rows import Runner, add_all, changed, row, rows
from models.stores.due import due_of
from models.stores.invoices import V
from models.tables.base import table
from models.tables.payment import DisputeRow, PaymentMethodRow, PaymentRow, RefundRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

M = table(PaymentMethodRow)
P = table(PaymentRow)
R = table(RefundRow)
D = table(DisputeRow)
NEWEST = (P.c.settled_at.desc(), P.c.id.desc())
DEFAULT = select(M).where(M.c.customer_id == bindparam("customer"), M.c.is_default)
OF_INVOICES = select(P).where(here(P.c.environment_id), among(P.c.invoice_id, "ids")).order_by(P.c.number)
DUE, REFUNDS_DUE = due_of(P), due_of(R)


class Payments:
    """The payments of one environment's customers; whoever writes holds the customer's sequence."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self.sent_back: list[str] = []
        """The ids of the refunds that were decided here, in order."""

    async def method(self, method_id: str) -> PaymentMethodView | None:
        """Find a payment method, a removed one too."""
        found = await row(self._run, select(M).where(M.c.id == method_id, M.c.environment_id == self._env))
        return _method(found) if found else None

    async def methods_of(self, customer_ids: Collection[str]) -> dict[str, list[PaymentMethodView]]:
        """List what customers can pay with, oldest first."""
        found: dict[str, list[PaymentMethodView]] = {each: [] for each in customer_ids}
        listed = select(M).where(M.c.environment_id == self._env, M.c.customer_id.in_(customer_ids))
        for each in await rows(self._run, listed.where(M.c.removed_at.is_(None)).order_by(M.c.created_at, M.c.id)):
            found[each["customer_id"]].append(_method(each))
        return found

    async def default_of(self, customer_id: str) -> PaymentMethodView | None:
        """Find what a customer's invoices are charged to."""
        found = await row(self._run, DEFAULT, {"customer": customer_id})
        return _method(found) if found else None

    async def add_method(self, method: PaymentMethodView) -> None:
        """Keep a new payment method."""
        await add_all(self._run, PaymentMethodRow, [{**asdict(method), "environment_id": self._env}])

    async def set_default(self, customer_id: str, method_id: str) -> None:
        """Let one method be the default and no other; '' lets none be."""
        held = update(M).where(M.c.customer_id == customer_id, M.c.is_default)
        await self._run.execute(held.values(is_default=False))
        if method_id:
            await self._run.execute(update(M).where(M.c.id == method_id).values(is_default=True))

    async def remove_method(self, method_id: str, at: datetime) -> None:
        """Let a method be charged no more; the row stays, for the payments that were made by it."""
        await self._run.execute(update(M).where(M.c.id == method_id).values(removed_at=at, is_default=False))

    async def by_id(self, payment_id: str) -> PaymentView | None:
        """Find a payment."""
        found = await row(self._run, select(P).where(P.c.id == payment_id, P.c.environment_id == self._env))
        return _payment(found) if found else None

    async def of_invoices(self, invoice_ids: Collection[str]) -> dict[str, list[PaymentView]]:
        """List the attempts to collect invoices, in their order."""
        found: dict[str, list[PaymentView]] = {each: [] for each in invoice_ids}
        for each in await rows(self._run, OF_INVOICES, {"env": self._env, "ids": sent(invoice_ids)}):
            found[each["invoice_id"]].append(_payment(each))
        return found

    async def failed_of(self, invoice_ids: Collection[str]) -> set[str]:
        """Tell of which invoices an attempt has failed."""
        listed = select(P.c.invoice_id).where(P.c.invoice_id.in_(invoice_ids), P.c.status == PaymentStatus.FAILED)
        return {found["invoice_id"] for found in await rows(self._run, listed.distinct())}

    async def newest_paid(self, invoice_id: str) -> list[PaymentView]:
        """List what came in for an invoice, the newest first."""
        listed = select(P).where(P.c.invoice_id == invoice_id, P.c.status == PaymentStatus.SUCCEEDED)
        found = await rows(self._run, listed.order_by(*NEWEST))
        return [_payment(each) for each in found]

    async def newest_refundable(self, customer_id: str, currency: str, upto: int) -> list[PaymentView]:
        """List what came in and can go back, the newest first, until it comes to so much."""
        left = P.c.amount - P.c.refunded - P.c.disputed
        newer = func.sum(left).over(order_by=NEWEST) - left
        came = select(P, newer.label("newer")).where(P.c.customer_id == customer_id, P.c.currency == currency)
        listed = came.where(P.c.status == PaymentStatus.SUCCEEDED, left > 0).subquery()
        wanted = select(listed).where(listed.c.newer < upto).order_by(listed.c.settled_at.desc(), listed.c.id.desc())
        return [_payment(each) for each in await rows(self._run, wanted)]

    async def last_of(self, subscription_id: str) -> PaymentView | None:
        """Find the last payment that came in for a subscription's invoices."""
        came = select(P).join_from(V, P, P.c.invoice_id == V.c.id)
        came = came.where(V.c.subscription_id == subscription_id, P.c.status == PaymentStatus.SUCCEEDED)
        found = await row(self._run, came.order_by(P.c.settled_at.desc(), P.c.id.desc()).limit(1))
        return _payment(found) if found else None

    async def add(self, payment: PaymentView) -> None:
        """Keep a new attempt."""
        await add_all(self._run, PaymentRow, [{**asdict(payment), "environment_id": self._env}])

    async def save(self, payment: PaymentView) -> None:
        """Keep a changed payment."""
        values = {name: kept for name, kept in asdict(payment).items() if name != "id"}
        await self._run.execute(update(P).where(P.c.id == payment.id).values(values))

    async def refund(self, refund_id: str) -> RefundView | None:
        """Find a refund."""
        found = await row(self._run, select(R).where(R.c.id == refund_id, R.c.environment_id == self._env))
        return _refund(found) if found else None

    async def refunds_of(self, payment_ids: Collection[str]) -> dict[str, list[RefundView]]:
        """List what went back of payments, oldest first."""
        found: dict[str, list[RefundView]] = {each: [] for each in payment_ids}
        listed = select(R).where(R.c.environment_id == self._env, R.c.payment_id.in_(payment_ids))
        for each in await rows(self._run, listed.order_by(R.c.created_at, R.c.id)):
            found[each["payment_id"]].append(_refund(each))
        return found

    async def add_refund(self, refund: RefundView) -> None:
        """Keep a new refund, and take it off what is left of its payment; more than is left breaks."""
        self.sent_back.append(refund.id)
        await add_all(self._run, RefundRow, [{**asdict(refund), "environment_id": self._env}])
        left = P.c.refunded + P.c.disputed + refund.amount <= P.c.amount
        taken = update(P).where(P.c.id == refund.payment_id, left).values(refunded=P.c.refunded + refund.amount)
        if not await changed(self._run, taken):
            raise ValueError(refund.amount)

    async def save_refund(self, refund: RefundView) -> None:
        """Keep a changed refund; of one that failed its payment has that much left again."""
        values = {
            "status": refund.status,
            "code": refund.code,
            "due_at": refund.due_at,
            "settled_at": refund.settled_at,
        }
        pending = update(R).where(R.c.id == refund.id, R.c.status == RefundStatus.PENDING)
        if await changed(self._run, pending.values(**values)) and refund.status is RefundStatus.FAILED:
            back = update(P).where(P.c.id == refund.payment_id).values(refunded=P.c.refunded - refund.amount)
            await self._run.execute(back)

    async def dispute_of(self, payment_id: str) -> DisputeView | None:
        """Find what was taken back of a payment."""
        found = await row(self._run, select(D).where(D.c.payment_id == payment_id, D.c.environment_id == self._env))
        return _dispute(found) if found else None

    async def disputes_of(self, payment_ids: Collection[str]) -> dict[str, DisputeView]:
        """Find what was taken back of several payments, by payment."""
        listed = select(D).where(D.c.environment_id == self._env, D.c.payment_id.in_(payment_ids))
        return {found["payment_id"]: _dispute(found) for found in await rows(self._run, listed)}

    async def add_dispute(self, dispute: DisputeView) -> None:
        """Keep a new dispute."""
        await add_all(self._run, DisputeRow, [{**asdict(dispute), "environment_id": self._env}])

    async def save_dispute(self, dispute: DisputeView) -> None:
        """Keep a changed dispute."""
        values = {name: kept for name, kept in asdict(dispute).items() if name != "id"}
        await self._run.execute(update(D).where(D.c.id == dispute.id).values(values))

    async def due(self, customer_id: str, until: datetime) -> tuple[list[PaymentView], list[RefundView]]:
        """List the payments and refunds of a customer about which the provider is to be asked again by now."""
        given = {"customer": customer_id, "until": until}
        found = [_payment(each) for each in await rows(self._run, DUE, given)]
        return found, [_refund(each) for each in await rows(self._run, REFUNDS_DUE, given)]


def _method(found: Mapping[str, Any]) -> PaymentMethodView:
    return PaymentMethodView(**{name: found[name] for name in PaymentMethodView.__slots__})


def _payment(found: Mapping[str, Any]) -> PaymentView:
    return PaymentView(**{name: found[name] for name in PaymentView.__slots__})


def _refund(found: Mapping[str, Any]) -> RefundView:
    return RefundView(**{name: found[name] for name in RefundView.__slots__})


def _dispute(found: Mapping[str, Any]) -> DisputeView:
    return DisputeView(**{name: found[name] for name in DisputeView.__slots__})
