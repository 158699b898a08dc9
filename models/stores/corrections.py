"""What a correction can take back: the least that each pot bore of a counter's window, from an instant on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, case, func, select

from billing.dataclass import dataclass
from models.rows import row, rows
from models.sums import halves_of, running, whole
from models.tables.base import table
from models.tables.entitlement import UsageBurnRow, UsageRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from billing.entitlements.sources import Counter
    from models.rows import Runner

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
    limit = await _least_of(run, U.c.limit_amount, counted, since)
    rolled = await _least_of(run, U.c.rolled_amount, counted, since)
    return Returnable(limit, rolled, await _burned(run, counted, since))


async def _least_of(run: Runner, pot: ColumnElement[int], counted: list[ColumnElement[bool]], since: datetime) -> int:
    """The least that the counter's own amount comes to."""
    sums = (each.label(name) for each, name in zip(halves_of(pot), ("high", "low"), strict=True))
    stood = await row(run, select(*sums).where(*counted, U.c.occurred_at <= since))
    high, low = (each.label(name) for each, name in zip(running(pot, U.c.occurred_at), ("high", "low"), strict=True))
    steps = select(U.c.occurred_at, high, low).where(*counted).group_by(U.c.occurred_at).subquery()
    lowest = select(steps.c.high, steps.c.low).where(steps.c.occurred_at > since)
    later = await row(run, lowest.order_by(steps.c.high, steps.c.low).limit(1))
    return _least(_whole(stood or {}), _whole(later) if later else None)


async def _burned(run: Runner, counted: list[ColumnElement[bool]], since: datetime) -> list[tuple[str, int]]:
    bore = select(B.c.grant_id, U.c.occurred_at).join_from(U, B, B.c.usage_id == U.c.id).where(*counted)
    sums = (each.label(name) for each, name in zip(halves_of(B.c.amount), ("high", "low"), strict=True))
    stood = (
        bore.with_only_columns(B.c.grant_id, *sums)
        .where(U.c.occurred_at <= since)
        .group_by(B.c.grant_id)
        .order_by(func.max(case((B.c.amount > 0, U.c.seq))).desc(), B.c.grant_id.desc())
    )
    halves = running(B.c.amount, U.c.occurred_at, B.c.grant_id)
    high, low = (each.label(name) for each, name in zip(halves, ("high", "low"), strict=True))
    steps = bore.add_columns(high, low).group_by(B.c.grant_id, U.c.occurred_at).subquery()
    place = func.row_number().over(partition_by=steps.c.grant_id, order_by=(steps.c.high, steps.c.low))
    ranked = select(steps.c.grant_id, steps.c.high, steps.c.low, place.label("place"))
    later = ranked.where(steps.c.occurred_at > since).subquery()
    lowest = select(later.c.grant_id, later.c.high, later.c.low).where(later.c.place == 1)
    least = {each["grant_id"]: _whole(each) for each in await rows(run, lowest)}
    found = [(each["grant_id"], _whole(each)) for each in await rows(run, stood)]
    return [(name, part) for name, now in found if (part := _least(now, least.get(name))) > 0]


def _whole(halves: Mapping[str, Any]) -> int:
    return whole(halves.get("high"), halves.get("low"))


def _least(now: int, later: int | None) -> int:
    """The lower of two sums, the later of which may be of nothing; never below zero."""
    return max(0, now if later is None else min(now, later))


def counted_in(place: Place, counter: Counter) -> list[ColumnElement[bool]]:
    """Which ledger rows a counter holds."""
    within = [U.c.customer_id == place.customer_id, U.c.feature_id == place.feature_id, U.c.scope == place.scope]
    if counter.start is not None:
        within.append(U.c.occurred_at >= counter.start)
    if counter.end is not None:
        within.append(U.c.occurred_at < counter.end)
    return within
