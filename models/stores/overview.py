"""What all subscriptions and invoices of an environment come to, counted by the database, whatever their number.

A **shape** is what a month of a subscription costs: its items and coupons. Many subscriptions have few shapes, and each
is priced once. Those of which a change is due that nobody made permanent are left out here, and listed in `unsettled`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from billing.dataclass import dataclass
from billing.invoicing.invoices import InvoiceStatus
from billing.lifecycle import State
from billing.mrr import BILLED
from models.invoice_views import OpenInvoices
from models.rows import Runner, rows
from models.stores.subscription_states import collected_sql, ends_sql, settled_sql, state_sql, status_sql
from models.sums import halves_of, whole
from models.tables.base import table
from models.tables.coupon import DiscountRow
from models.tables.invoice import InvoiceRow
from models.tables.subscription import SubscriptionItemRow, SubscriptionRow
from models.types import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import FromClause

S = table(SubscriptionRow)
I = table(SubscriptionItemRow)  # noqa: E741  (the items' table, beside S, D and V)
D = table(DiscountRow)
V = table(InvoiceRow)
BETWEEN, WITHIN = " ", ":"
"""What stands between items, and between the parts of one, while the database holds them as a text."""


@dataclass(frozen=True, slots=True)
class OverviewWanted:
    """Which subscriptions are counted; None asks for any."""

    plan_id: str | None = None
    product_id: str | None = None


class HeldItem(NamedTuple):
    """A price of a plan or add-on at a quantity."""

    plan_id: str
    price_id: str
    quantity: int


class Shape(NamedTuple):
    """What a subscription pays for; `own` is its own coupon and `customers` its customer's, '' where there is none."""

    state: State
    own: str
    customers: str
    items: tuple[HeldItem, ...]


class Overviews:
    """The overview of one environment, as of an instant."""

    def __init__(self, run: Runner, environment_id: str, at: datetime) -> None:
        """Count on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._at = at

    async def counts(self, wanted: OverviewWanted) -> dict[State, int]:
        """Count the settled subscriptions by state."""
        judged = state_sql(self._at).label("state")
        counted = select(judged, func.count().label("number")).where(*self._settled(wanted)).group_by(judged)
        return {State(found["state"]): found["number"] for found in await rows(self._run, counted)}

    async def shapes(self, wanted: OverviewWanted) -> dict[Shape, int]:
        """Count the settled subscriptions that are billed for time by what they pay for."""
        own, customers = D.alias("own"), D.alias("customers")
        judged = state_sql(self._at)
        between = literal(WITHIN)
        item = I.c.plan_id + between + I.c.price_id + between + I.c.quantity.cast(Text)
        held = (
            select(
                S.c.id,
                judged.label("state"),
                func.coalesce(own.c.coupon_id, "").label("own"),
                func.coalesce(customers.c.coupon_id, "").label("customers"),
                func.aggregate_strings(item, BETWEEN).label("holds"),
            )
            .select_from(S.join(I, and_(I.c.subscription_id == S.c.id, I.c.price_id != "")))
            .outerjoin(own, self._running(own, S.c.id))
            .outerjoin(customers, self._running(customers, literal("")))
            .where(*self._settled(wanted), status_sql(self._at).in_([status.value for status in BILLED]))
            .where(
                S.c.completes_at.is_(None),
                collected_sql(self._at),
                or_(ends_sql(self._at).is_(None), ends_sql(self._at) > self._at),
            )
            .group_by(S.c.id, own.c.coupon_id, customers.c.coupon_id)
            .cte("held")
        )
        by = held.c.state, held.c.own, held.c.customers, held.c.holds
        found = await rows(self._run, select(*by, func.count().label("number")).group_by(*by))
        return {_shape(each): each["number"] for each in found}

    async def unsettled(self, beyond: str, limit: int) -> list[str]:
        """List by id, beyond one, the subscriptions of which a due change is not permanent yet."""
        late = select(S.c.id).where(S.c.environment_id == self._env, ~settled_sql(self._at), S.c.id > beyond)
        return [found["id"] for found in await rows(self._run, late.order_by(S.c.id).limit(limit))]

    async def open_invoices(self, wanted: OverviewWanted, among: Sequence[str] | None = None) -> list[OpenInvoices]:
        """Sum up the open invoices by currency: of the settled subscriptions, or of those `among` which it is asked.

        Where neither a plan nor a product is asked for, those of no subscription too.
        """
        high, low = halves_of(V.c.remaining)
        summed = select(V.c.currency, func.count().label("number"), high.label("high"), low.label("low"))
        summed = summed.where(V.c.environment_id == self._env, V.c.status == InvoiceStatus.OPEN)
        if among is not None:
            summed = summed.where(V.c.subscription_id.in_(among))
        elif wanted != OverviewWanted():
            summed = summed.join(S, S.c.id == V.c.subscription_id).where(*self._settled(wanted))
        found = await rows(self._run, summed.group_by(V.c.currency))
        return [OpenInvoices(each["currency"], each["number"], whole(each["high"], each["low"])) for each in found]

    def _settled(self, wanted: OverviewWanted) -> list[ColumnElement[bool]]:
        pairs = (S.c.plan_id, wanted.plan_id), (S.c.product_id, wanted.product_id)
        asked = [column == given for column, given in pairs if given is not None]
        return [S.c.environment_id == self._env, settled_sql(self._at), *asked]

    def _running(self, discount: FromClause, of: ColumnElement[str]) -> ColumnElement[bool]:
        there = and_(discount.c.customer_id == S.c.customer_id, discount.c.subscription_id == of)
        lasts = or_(discount.c.ends_at.is_(None), discount.c.ends_at > self._at)
        return and_(there, discount.c.ended_at.is_(None), lasts)


def _shape(found: Mapping[str, Any]) -> Shape:
    texts: list[str] = found["holds"].split(BETWEEN)
    items = (each.split(WITHIN) for each in texts)
    held = tuple(HeldItem(plan_id, price_id, int(quantity)) for plan_id, price_id, quantity in items)
    return Shape(State(found["state"]), found["own"], found["customers"], held)
