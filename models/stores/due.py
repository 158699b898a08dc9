"""Who has something due: the worker's question."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select, union_all

from models.rows import Runner, row
from models.tables.base import table
from models.tables.coupon import DiscountRow
from models.tables.entitlement import GrantRow, OverrideRow
from models.tables.invoice import InvoiceRow
from models.tables.payment import PaymentRow, RefundRow
from models.tables.reservation import ReservationRow
from models.tables.subscription import SubscriptionRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Select


class Due(NamedTuple):
    """A customer and the earliest instant at which something is due for it."""

    customer_id: str
    due_at: datetime


WITH_DUE = (
    table(SubscriptionRow),
    table(GrantRow),
    table(OverrideRow),
    table(ReservationRow),
    table(DiscountRow),
    table(InvoiceRow),
    table(PaymentRow),
    table(RefundRow),
)
"""What time alone acts on: each has its own `due_at`."""


def _earliest(*, of_customer: bool) -> Select[str, datetime]:
    parts = [
        select(rows.c.customer_id, rows.c.due_at)
        .where(
            rows.c.environment_id == bindparam("env"),
            rows.c.due_at <= bindparam("until"),
            rows.c.customer_id == bindparam("customer")
            if of_customer
            else rows.c.customer_id.not_in(bindparam("skipping", expanding=True)),
        )
        .order_by(rows.c.due_at, rows.c.customer_id)
        .limit(1)
        .subquery()
        for rows in WITH_DUE
    ]
    together = union_all(*(select(part.c.customer_id, part.c.due_at) for part in parts)).subquery()
    return select(together).order_by(together.c.due_at, together.c.customer_id).limit(1)


EARLIEST = _earliest(of_customer=False)
EARLIEST_OF_CUSTOMER = _earliest(of_customer=True)


class DueRows:
    """The earliest due instant in one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id

    async def earliest(
        self,
        until: datetime,
        customer_id: str | None = None,
        *,
        skipping: Collection[str] = (),
    ) -> Due | None:
        """Find the earliest due instant at or before `until`, and whose it is; of one customer if named.

        The customers in `skipping` are passed over.
        """
        given = {"env": self._env, "until": until}
        if customer_id is None:
            found = await row(self._run, EARLIEST, {**given, "skipping": list(skipping)})
        else:
            found = await row(self._run, EARLIEST_OF_CUSTOMER, {**given, "customer": customer_id})
        return Due(found["customer_id"], found["due_at"]) if found else None
