"""The usage ledger, its heads, and what reservations hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, bindparam, case, func, select, update

from billing.entitlements.sources import Counter, Usage
from models.choices import ReservationState
from models.paging import Key, after, cursor_of, number_in, ordered, page_of
from models.rows import Runner, add, row, rows, value
from models.tables.base import table
from models.tables.entitlement import BalanceRow, ReservationRow, UsageBurnRow, UsageRow
from models.types import Instant
from models.views import UsageView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from billing.entitlements.burning import Burn
    from models.paging import Page

U = table(UsageRow)
B = table(UsageBurnRow)
H = table(BalanceRow)
R = table(ReservationRow)
HEAD_NAMED = (
    H.c.customer_id == bindparam("customer"),
    H.c.feature_id == bindparam("feature"),
    H.c.scope == bindparam("of"),
)
HEAD = select(H).where(*HEAD_NAMED)
KEEP_HEAD = update(H).where(*HEAD_NAMED)
RESERVED = select(func.sum(R.c.amount)).where(
    R.c.customer_id == bindparam("customer"),
    R.c.feature_id == bindparam("feature"),
    R.c.resource == bindparam("of"),
    R.c.state == ReservationState.HELD,
    R.c.created_at <= bindparam("at", type_=Instant),
    R.c.expires_at > bindparam("at", type_=Instant),
)


@dataclass(frozen=True, slots=True)
class UsageWanted:
    """Which ledger rows a list holds; None asks for any."""

    customer_id: str
    feature_id: str | None = None
    resource: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class UsageLedger:
    """What the customers of one environment used."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection or session, for one environment."""
        self._run = run
        self._env = environment_id

    async def usage(self, customer_id: str, feature_id: str, counter: Counter | None, at: datetime) -> Usage:
        """Read a counter as of `at`, from its head where that tells, else from the ledger."""
        if counter is None:
            return Usage()
        head = await self._head(customer_id, feature_id, counter.resource)
        if head is not None and _same_window(head, counter) and head["latest_at"] <= at:
            used = int(head["used"])
        else:
            used = await self._sum(customer_id, feature_id, counter, at)
        return Usage(used, await self._reserved(customer_id, feature_id, counter.resource, at))

    async def total(self, customer_id: str, feature_id: str, counter: Counter) -> int:
        """Sum everything written into a counter's window, what burned from grants included."""
        return await self._sum(customer_id, feature_id, counter, None, whole=True)

    async def burned(self, customer_id: str, feature_id: str, counter: Counter) -> list[tuple[str, int]]:
        """Sum what each grant bore of what was written into a counter's window, the grant that burned last first."""
        amount = func.sum(B.c.amount).label("amount")
        listed = (
            select(B.c.grant_id, amount)
            .join_from(U, B, B.c.usage_id == U.c.id)
            .where(*_counted(customer_id, feature_id, counter))
            .group_by(B.c.grant_id)
            .having(func.sum(B.c.amount) > 0)
            .order_by(func.max(case((B.c.amount > 0, U.c.seq))).desc(), B.c.grant_id.desc())
        )
        return [(each["grant_id"], int(each["amount"])) for each in await rows(self._run, listed)]

    async def record(self, record: UsageRow, counter: Counter, burn: Burn, at: datetime) -> None:
        """Write one ledger row, what it took from grants, and the head of its counter as of `at`, the present."""
        head = await self._head(record.customer_id, record.feature_id, counter.resource)
        if head is not None and _same_window(head, counter):
            before = int(head["used"])
        else:
            before = await self._sum(record.customer_id, record.feature_id, counter, None)
        await add(self._run, record)
        for grant_id, amount in burn.allowances:
            await add(
                self._run,
                UsageBurnRow(
                    usage_id=record.id,
                    grant_id=grant_id,
                    environment_id=record.environment_id,
                    amount=amount,
                    occurred_at=record.occurred_at,
                ),
            )
        used = before + (record.limit_amount if _inside(record.occurred_at, counter) else 0)
        await self._keep_head(record, counter, used, at, known=head is not None)

    async def by_id(self, usage_id: str) -> UsageView | None:
        """Find a ledger row."""
        found = await row(self._run, select(U).where(U.c.id == usage_id, U.c.environment_id == self._env))
        return usage_view(found) if found else None

    async def page(self, wanted: UsageWanted, first: int, cursor: str | None) -> Page[UsageView]:
        """List ledger rows, newest first, in the order in which they were written."""
        keys = (Key(U.c.seq, descending=True),)
        listed = select(U).where(U.c.environment_id == self._env, *_conditions(wanted))
        if cursor is not None:
            listed = after(listed, keys, (number_in(cursor),))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        return page_of(found, first, lambda each: cursor_of((each["seq"],)), usage_view, began=cursor is not None)

    async def _keep_head(self, record: UsageRow, counter: Counter, used: int, at: datetime, *, known: bool) -> None:
        head = BalanceRow(
            customer_id=record.customer_id,
            feature_id=record.feature_id,
            scope=counter.resource,
            environment_id=record.environment_id,
            window_start=counter.start,
            window_end=counter.end,
            used=used,
            latest_at=at,
        )
        if not known:
            await add(self._run, head)
            return
        named = {"customer": head.customer_id, "feature": head.feature_id, "of": head.scope}
        values = {"window_start": counter.start, "window_end": counter.end, "used": used, "latest_at": at}
        await self._run.execute(KEEP_HEAD, {**named, **values})

    async def _head(self, customer_id: str, feature_id: str, scope: str) -> Mapping[str, Any] | None:
        return await row(self._run, HEAD, {"customer": customer_id, "feature": feature_id, "of": scope})

    async def _sum(
        self,
        customer_id: str,
        feature_id: str,
        counter: Counter,
        at: datetime | None,
        *,
        whole: bool = False,
    ) -> int:
        within = _counted(customer_id, feature_id, counter)
        if at is not None:
            within.append(U.c.occurred_at <= at)
        summed = select(func.sum(U.c.amount if whole else U.c.limit_amount)).where(*within)
        return int(await value(self._run, summed) or 0)

    async def _reserved(self, customer_id: str, feature_id: str, resource: str, at: datetime) -> int:
        given = {"customer": customer_id, "feature": feature_id, "of": resource, "at": at}
        return int(await value(self._run, RESERVED, given) or 0)


def usage_view(found: Mapping[str, Any]) -> UsageView:
    """Read a ledger row."""
    return UsageView(
        id=found["id"],
        customer_id=found["customer_id"],
        feature_id=found["feature_id"],
        resource=found["resource"],
        seq=found["seq"],
        kind=found["kind"],
        amount=found["amount"],
        occurred_at=found["occurred_at"],
        recorded_at=found["recorded_at"],
        reason=found["reason"],
    )


def _conditions(wanted: UsageWanted) -> list[ColumnElement[bool]]:
    conditions = [U.c.customer_id == wanted.customer_id]
    if wanted.feature_id is not None:
        conditions.append(U.c.feature_id == wanted.feature_id)
    if wanted.resource is not None:
        conditions.append(U.c.resource == wanted.resource)
    if wanted.since is not None:
        conditions.append(U.c.occurred_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(U.c.occurred_at < wanted.until)
    return conditions


def _counted(customer_id: str, feature_id: str, counter: Counter) -> list[ColumnElement[bool]]:
    """Which ledger rows a counter holds."""
    within = [U.c.customer_id == customer_id, U.c.feature_id == feature_id, U.c.scope == counter.resource]
    if counter.start is not None:
        within.append(U.c.occurred_at >= counter.start)
    if counter.end is not None:
        within.append(U.c.occurred_at < counter.end)
    return within


def _same_window(head: Mapping[str, Any], counter: Counter) -> bool:
    return bool(head["window_start"] == counter.start and head["window_end"] == counter.end)


def _inside(occurred_at: datetime, counter: Counter) -> bool:
    return (counter.start is None or occurred_at >= counter.start) and (
        counter.end is None or occurred_at < counter.end
    )
