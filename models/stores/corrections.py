"""What a correction can take back: the least that each pot bore of a counter's window, from an instant on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, case, func, select

from models.rows import Runner, rows
from models.tables.base import table
from models.tables.entitlement import UsageBurnRow, UsageRow

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from billing.entitlements.sources import Counter

U = table(UsageRow)
B = table(UsageBurnRow)


class Place(NamedTuple):
    """Where a head stands: one for each customer, feature and scope."""

    customer_id: str
    feature_id: str
    scope: str


@dataclass(frozen=True, slots=True)
class Returnable:
    """What a correction as of an instant can take back without any instant since then having less than nothing.

    `burned` names grants, the one that burned last first.
    """

    limit: int
    rolled: int
    burned: list[tuple[str, int]]


async def returnable(run: Runner, place: Place, counter: Counter, since: datetime) -> Returnable:
    """Find it in the ledger."""
    counted = counted_in(place, counter)
    sums = (func.sum(U.c.limit_amount), func.sum(U.c.rolled_amount))
    stood = (await run.execute(select(*sums).where(*counted, U.c.occurred_at <= since))).one()
    running = (func.sum(each).over(order_by=U.c.occurred_at) for each in sums)
    labelled = [each.label(name) for each, name in zip(running, ("of_limit", "of_rolled"), strict=True)]
    steps = select(U.c.occurred_at, *labelled).where(*counted).group_by(U.c.occurred_at).subquery()
    lowest = select(func.min(steps.c.of_limit), func.min(steps.c.of_rolled)).where(steps.c.occurred_at > since)
    later = (await run.execute(lowest)).one()
    limit, rolled = (_least(now, then) for now, then in zip(stood, later, strict=True))
    return Returnable(limit, rolled, await _burned(run, counted, since))


async def _burned(run: Runner, counted: list[ColumnElement[bool]], since: datetime) -> list[tuple[str, int]]:
    bore = select(B.c.grant_id, U.c.occurred_at).join_from(U, B, B.c.usage_id == U.c.id).where(*counted)
    total = func.sum(B.c.amount)
    stood = (
        bore.with_only_columns(B.c.grant_id, total.label("amount"))
        .where(U.c.occurred_at <= since)
        .group_by(B.c.grant_id)
        .order_by(func.max(case((B.c.amount > 0, U.c.seq))).desc(), B.c.grant_id.desc())
    )
    running = func.sum(total).over(partition_by=B.c.grant_id, order_by=U.c.occurred_at).label("running")
    steps = bore.add_columns(running).group_by(B.c.grant_id, U.c.occurred_at).subquery()
    later = select(steps.c.grant_id, func.min(steps.c.running).label("amount"))
    later = later.where(steps.c.occurred_at > since).group_by(steps.c.grant_id)
    least = {each["grant_id"]: each["amount"] for each in await rows(run, later)}
    found = [(each["grant_id"], each["amount"]) for each in await rows(run, stood)]
    return [(name, part) for name, now in found if (part := _least(now, least.get(name))) > 0]


def _least(now: Decimal | int | None, later: Decimal | int | None) -> int:
    """The lower of two sums, either of which may be of nothing; never below zero."""
    stands = int(now or 0)
    return max(0, stands if later is None else min(stands, int(later)))


def counted_in(place: Place, counter: Counter) -> list[ColumnElement[bool]]:
    """Which ledger rows a counter holds."""
    within = [U.c.customer_id == place.customer_id, U.c.feature_id == place.feature_id, U.c.scope == place.scope]
    if counter.start is not None:
        within.append(U.c.occurred_at >= counter.start)
    if counter.end is not None:
        within.append(U.c.occurred_at < counter.end)
    return within
