"""Discounts: what a customer or subscription has off, now and at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, or_, select, text, update

from billing.discounts import Discount
from billing.invoicing.invoices import InvoiceStatus
from models.coupon_views import DiscountView
from models.rows import Runner, add, even, row, rows
from models.stores.coupons import C, coupon_view
from models.stores.invoices import WAITING, L, V
from models.tables.base import table
from models.tables.coupon import DiscountRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Select

    from models.coupon_views import CouponView
    from models.invoice_views import InvoiceView

D = table(DiscountRow)
GIVEN = select(D, *(each.label(f"coupon__{each.name}") for each in C.c)).join_from(D, C, C.c.id == D.c.coupon_id)
"""Discounts, each with its coupon beside it."""
SPEAKING = GIVEN.where(
    D.c.customer_id == bindparam("customer"),
    or_(D.c.subscription_id == "", D.c.subscription_id == bindparam("subscription")),
    or_(D.c.ended_at.is_(None), D.c.ended_at >= bindparam("since", type_=D.c.ended_at.type)),
).order_by(D.c.created_at, D.c.id)
DUE = GIVEN.where(
    D.c.customer_id == bindparam("customer"), D.c.due_at <= bindparam("until", type_=D.c.due_at.type)
).order_by(D.c.due_at, D.c.id)
DISCOUNTED = text("invoice_line.discount_id <> ''")
"""In the words of the index, which holds these lines only."""


class Discounts:
    """The discounts of one environment; `present` decides which of them are over."""

    def __init__(self, run: Runner, environment_id: str, present: datetime) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._present = present

    async def by_id(self, discount_id: str) -> DiscountView | None:
        """Find a discount."""
        found = await row(self._run, GIVEN.where(D.c.id == discount_id, D.c.environment_id == self._env))
        return _view(found) if found else None

    async def by_ids(self, ids: Sequence[str]) -> dict[str, DiscountView]:
        """Find discounts by id."""
        found = await rows(self._run, GIVEN.where(D.c.id.in_(even(ids)), D.c.environment_id == self._env))
        return {each["id"]: _view(each) for each in found}

    async def of_customers(self, customer_ids: Sequence[str]) -> dict[str, DiscountView]:
        """Find what runs on all that a customer has, by customer id."""
        found = await rows(self._run, self._running(D.c.customer_id.in_(even(customer_ids)), D.c.subscription_id == ""))
        return {each["customer_id"]: _view(each) for each in found}

    async def of_subscriptions(self, subscription_ids: Sequence[str]) -> dict[str, DiscountView]:
        """Find what runs on a subscription itself, by subscription id."""
        found = await rows(self._run, self._running(D.c.subscription_id.in_(even(subscription_ids))))
        return {each["subscription_id"]: _view(each) for each in found}

    async def of_subscription(self, subscription_id: str) -> list[DiscountView]:
        """List what was put on a subscription itself and was not noted as over, though its time may be."""
        listed = GIVEN.where(D.c.subscription_id == subscription_id, D.c.ended_at.is_(None))
        return [_view(found) for found in await rows(self._run, listed)]

    async def last_until(self, discount_id: str, ends_at: datetime | None) -> None:
        """Let a discount last until another instant."""
        await self._run.execute(update(D).where(D.c.id == discount_id).values(ends_at=ends_at, due_at=ends_at))

    async def that_speak(self, customer_id: str, subscription_id: str, since: datetime) -> list[Discount]:
        """List what can speak for the subscription's lines from an instant on, with all that it takes to decide."""
        given = {"customer": customer_id, "subscription": subscription_id, "since": since}
        return [_discount(each) for each in await rows(self._run, SPEAKING, given)]

    async def due(self, customer_id: str, until: datetime) -> list[DiscountView]:
        """List a customer's discounts whose time is over and was not noted."""
        given = {"customer": customer_id, "until": until}
        return [_view(found) for found in await rows(self._run, DUE, given)]

    async def add(self, discount: DiscountRow) -> None:
        """Keep a new discount."""
        await add(self._run, discount)

    async def end(self, discount_id: str, at: datetime, *, used_by: str = "") -> None:
        """Note that a discount is over, and which invoice used it up."""
        await self._run.execute(
            update(D).where(D.c.id == discount_id).values(ended_at=at, due_at=None, used_by=used_by)
        )

    async def used_by(self, invoice: InvoiceView) -> list[DiscountView]:
        """List the discounts that an invoice used up."""
        used = GIVEN.where(D.c.customer_id == invoice.customer_id, D.c.used_by == invoice.id)
        return [_view(found) for found in await rows(self._run, used.order_by(D.c.id))]

    async def carried(self, ids: Collection[str], voided: InvoiceView) -> set[str]:
        """Tell which discounts are on lines that wait or stand on an invoice, void ones apart."""
        own = (L.c.customer_id == voided.customer_id, DISCOUNTED, L.c.discount_id.in_(even(ids)), L.c.discount > 0)
        stands = V.c.status != InvoiceStatus.VOID
        placed = select(L.c.discount_id).join_from(L, V, L.c.invoice_id == V.c.id).where(*own, stands)
        waits = select(L.c.discount_id).where(*own, WAITING)
        found = [each for listed in (placed, waits) for each in await rows(self._run, listed.distinct())]
        return {each["discount_id"] for each in found}

    async def begin_again(self, discount_id: str) -> None:
        """Let a discount that was used up run on."""
        await self._run.execute(update(D).where(D.c.id == discount_id).values(ended_at=None, used_by=""))

    def _running(self, *of: ColumnElement[bool]) -> Select[Any]:
        lasts = and_(D.c.ended_at.is_(None), or_(D.c.ends_at.is_(None), D.c.ends_at > self._present))
        return GIVEN.where(D.c.environment_id == self._env, lasts, *of)


def _view(found: Mapping[str, Any]) -> DiscountView:
    return DiscountView(
        id=found["id"],
        customer_id=found["customer_id"],
        subscription_id=found["subscription_id"],
        coupon=_coupon(found),
        promotion_code_id=found["promotion_code_id"],
        starts_at=found["starts_at"],
        ends_at=found["ends_at"],
        ended_at=found["ended_at"],
        used_by=found["used_by"],
        created_at=found["created_at"],
    )


def _discount(found: Mapping[str, Any]) -> Discount:
    return Discount(
        discount_id=found["id"],
        coupon=_coupon(found).terms,
        subscription_id=found["subscription_id"],
        starts_at=found["starts_at"],
        until=found["ended_at"] or found["ends_at"],
        used_by=found["used_by"],
    )


def _coupon(found: Mapping[str, Any]) -> CouponView:
    return coupon_view({each.name: found[f"coupon__{each.name}"] for each in C.c})
