"""Who has something due: the worker's question."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, func, not_, select, union_all

from models.given import among, here, sent
from models.rows import Runner, row, rows
from models.tables.base import table
from models.tables.coupon import DiscountRow
from models.tables.entitlement import GrantRow, OverrideRow
from models.tables.invoice import InvoiceRow, UsageCursorRow
from models.tables.payment import PaymentRow, RefundRow
from models.tables.reservation import ReservationRow
from models.tables.subscription import SubscriptionRow
from models.types import Instant

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Select, Table


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
    table(UsageCursorRow),
    table(PaymentRow),
    table(RefundRow),
)
"""What time alone acts on: each has its own `due_at`."""


def _earliest(*, of_customer: bool) -> Select[str, datetime]:
    """Of one customer it is found by the customer: as much may be due in the environment as it has subscriptions."""
    parts = [
        select(of.c.customer_id, of.c.due_at)
        .where(
            here(of.c.environment_id) if of_customer else of.c.environment_id == bindparam("env"),
            of.c.due_at <= bindparam("until"),
            of.c.customer_id == bindparam("customer")
            if of_customer
            else of.c.customer_id.not_in(bindparam("skipping", expanding=True)),
        )
        .order_by(of.c.due_at, of.c.customer_id)
        .limit(1)
        .subquery()
        for of in WITH_DUE
    ]
    together = union_all(*(select(part.c.customer_id, part.c.due_at) for part in parts)).subquery()
    return select(together).order_by(together.c.due_at, together.c.customer_id).limit(1)


def _first() -> Select[str, datetime]:
    """No second order: of what is due at one instant any will do, and an index finds it without sorting all."""
    parts = [
        select(of.c.customer_id, of.c.due_at)
        .where(
            of.c.environment_id == bindparam("env"),
            of.c.due_at <= bindparam("until"),
            not_(among(of.c.customer_id, "skipping")),
        )
        .order_by(of.c.due_at)
        .limit(bindparam("limit"))
        .subquery()
        for of in WITH_DUE
    ]
    together = union_all(*(select(part.c.customer_id, part.c.due_at) for part in parts)).subquery()
    return select(together).order_by(together.c.due_at).limit(bindparam("limit"))


FIRST = _first()
EARLIEST = _earliest(of_customer=False)
EARLIEST_OF_CUSTOMER = _earliest(of_customer=True)


def next_due(customer: ColumnElement[str]) -> list[ColumnElement[datetime]]:
    """When something is due for a customer next, of each kind: the least that a call has to know."""
    return [
        select(func.min(of.c.due_at)).where(of.c.customer_id == customer, of.c.due_at.is_not(None)).scalar_subquery()
        for of in WITH_DUE
    ]


def due_of(of: Table) -> Select[Any]:
    """What is due for a `customer` by an instant (`until`), in order."""
    wanted = select(of).where(
        of.c.customer_id == bindparam("customer"), of.c.due_at <= bindparam("until", type_=Instant())
    )
    return wanted.order_by(of.c.due_at, of.c.id)


class DueRows:
    """The earliest due instant in one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id

    async def first(self, until: datetime, limit: int, *, skipping: Collection[str] = ()) -> list[Due]:
        """Find the earliest that is due at or before `until`, at most so much: each customer once, in order of time.

        Whoever is not among them has nothing due before the last of them. The customers in `skipping` are passed over.
        """
        given = {"env": self._env, "until": until, "skipping": sent(skipping), "limit": limit}
        found: dict[str, datetime] = {}
        for each in await rows(self._run, FIRST, given):
            found.setdefault(each["customer_id"], each["due_at"])
        return [Due(*each) for each in sorted(found.items(), key=lambda each: (each[1], each[0]))]

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
