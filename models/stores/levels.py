"""What was told of levels: of each counter and resource the largest value of a window, and the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Select, bindparam, case, func, literal_column, select

from billing.entitlements.levels import Level
from models.given import Given, sent
from models.rows import rows, value
from models.tables.base import table
from models.tables.entitlement import UsageRow
from models.types import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement

    from models.rows import Runner
    from models.stores.corrections import Place

U = table(UsageRow)
NOTHING = -1
"""Stands for a value that nobody told: none is below zero."""


class Window(NamedTuple):
    """Where a counter's head stands, and from, before and up to and including when, in microseconds."""

    place: Place
    since: int
    until: int
    seen: int


class Told(NamedTuple):
    """A value that is told of a resource and instant; one below zero takes back that which was told there."""

    resource: str
    at: datetime
    value: int


_NONE: ColumnElement[int] = literal_column("0")
_ONE: ColumnElement[int] = literal_column("1")
_SIZE = case((U.c.amount < _NONE, -U.c.amount), else_=U.c.amount)
_TIMES = case((U.c.amount < _NONE, -_ONE), else_=_ONE)
TIMES = select(func.sum(_TIMES).label("times")).where(
    U.c.customer_id == bindparam("customer"),
    U.c.feature_id == bindparam("feature"),
    U.c.scope == bindparam("of"),
    U.c.resource == bindparam("resource"),
    U.c.occurred_at == bindparam("at"),
    bindparam("size") == _SIZE,
)


def _levels() -> Select[Any]:
    """The levels of each counter that is given, by its place in the list.

    A value stands unless it was taken back as often as it was told of that resource and instant.
    """
    given = Given("counters")
    goes = (U.c.resource == given.text(7)) & (U.c.occurred_at == given.number(8)) & (given.number(9) == _SIZE)
    told = select(
        given.number(0).label("number"),
        U.c.resource,
        U.c.occurred_at,
        _SIZE.label("value"),
        _TIMES.label("times"),
        case((U.c.amount < _NONE, _NONE), else_=U.c.seq).label("seq"),
        case((goes, _ONE), else_=_NONE).label("goes"),
    ).select_from(
        given.rows.join(
            U,
            (U.c.customer_id == given.text(1))
            & (U.c.feature_id == given.text(2))
            & (U.c.scope == given.text(3))
            & (U.c.occurred_at >= given.number(4))
            & (U.c.occurred_at < given.number(5))
            & (U.c.occurred_at <= given.number(6)),
        )
    )
    each = told.subquery("told")
    of_value = (each.c.number, each.c.resource, each.c.occurred_at, each.c.value)
    standing = (
        select(*of_value, func.max(each.c.seq).label("seq"))
        .group_by(*of_value)
        .having(func.sum(each.c.times) > func.max(each.c.goes))
        .subquery("standing")
    )
    lane = (standing.c.number, standing.c.resource)
    latest_first = (standing.c.occurred_at.desc(), standing.c.seq.desc())
    ranked = select(
        *lane,
        standing.c.occurred_at,
        standing.c.value,
        func.max(standing.c.value).over(partition_by=lane).label("most"),
        func.row_number().over(partition_by=lane, order_by=latest_first).label("place"),
    ).subquery("ranked")
    names = ("number", "resource", "occurred_at", "value", "most")
    return select(*(ranked.c[name] for name in names)).where(ranked.c.place == _ONE)


LEVELS = _levels()


async def levels(run: Runner, asked: Sequence[Window], goes_back: Told | None = None) -> list[dict[str, Level]]:
    """Read the levels of each window, by resource; without what is to be taken back."""
    if not asked:
        return []
    goes = ("", 0, NOTHING)
    if goes_back is not None:
        goes = (goes_back.resource, to_microseconds(goes_back.at), -goes_back.value)
    given = [(number, *each.place, each.since, each.until, each.seen, *goes) for number, each in enumerate(asked)]
    found: list[dict[str, Level]] = [{} for _ in asked]
    for each in await rows(run, LEVELS, {"counters": sent(given)}):
        level = Level(int(each["most"]), int(each["value"]), each["occurred_at"])
        found[each["number"]][each["resource"]] = level
    return found


async def stands(run: Runner, place: Place, told: Told) -> bool:
    """Tell whether a value that is to be taken back was told oftener than it was taken back."""
    named = {"customer": place.customer_id, "feature": place.feature_id, "of": place.scope}
    times = await value(run, TIMES, {**named, "resource": told.resource, "at": told.at, "size": -told.value})
    return (times or 0) > 0
