"""The facts of many customers' subscriptions, each as of an instant of its own, in a few statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlalchemy import bindparam, exists, literal_column, select

from billing.lifecycle import ChangeStatus
from billing.subscriptions import as_of
from models.given import among, here, sent
from models.rows import Runner, even, rows
from models.stores.kept import facts_read
from models.stores.subscription_rows import facts_of_row
from models.tables.base import table
from models.tables.subscription import (
    ScheduledChangeRow,
    SubscriptionHistoryRow,
    SubscriptionItemRow,
    SubscriptionRow,
)
from models.types import Instant, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql import Executable

    from billing.subscriptions import Facts

Life: TypeAlias = "tuple[str, datetime, Facts]"
"""A subscription's resource, when it was made, and its facts as of the instant asked."""

S = table(SubscriptionRow)
I = table(SubscriptionItemRow)  # noqa: E741  (the items' table, beside S and H)
H = table(ScheduledChangeRow)
V = table(SubscriptionHistoryRow)
_CUSTOMERS = bindparam("customers", type_=Text(), expanding=True)
_LATEST = bindparam("latest", type_=Instant)
PENDING_ALONE: ColumnElement[str] = literal_column(f"'{ChangeStatus.PENDING.value}'")
"""Written out: SQLite would prepare the statement anew for each value that might fit the predicate of an index."""
CHANGES = exists().where(H.c.subscription_id == S.c.id, H.c.status == PENDING_ALONE)
"""Whether changes of a subscription are pending: few have some, and only those are asked for them."""
UNREAD = {"environment_id", "product_id", "external_id", "labels", "ended_cause", "billed_by", "due_at"}
"""Columns of a subscription that no fact is made of."""
MADE_BY = (
    select(*(each for each in S.c if each.name not in UNREAD), CHANGES.label("changes"))
    .where(S.c.customer_id.in_(_CUSTOMERS), here(S.c.environment_id), S.c.created_at <= _LATEST)
    .order_by(S.c.created_at, S.c.id)
)
REMEMBERED = (
    select(V.c.customer_id, V.c.subscription_id, V.c.since, V.c.facts)
    .where(V.c.customer_id.in_(_CUSTOMERS), V.c.since <= _LATEST)
    .order_by(V.c.seq)
)
ITEMS = select(I).where(among(I.c.subscription_id, "ids")).order_by(I.c.add_on, I.c.id)
PENDING = (
    select(H).where(among(H.c.subscription_id, "ids"), H.c.status == PENDING_ALONE).order_by(H.c.applies_at, H.c.id)
)


class AsOf(NamedTuple):
    """A customer at an instant."""

    customer_id: str
    at: datetime


async def lives_of(run: Runner, env: str, present: datetime, moments: Sequence[AsOf]) -> dict[AsOf, list[Life]]:
    """Tell the subscriptions that each customer had, with their facts as of its instant.

    `present` is the instant up to which the rows are true: what is asked of an earlier one is read from the history.
    """
    if not moments:
        return {}
    given = {"customers": even({each.customer_id for each in moments}), "latest": max(each.at for each in moments)}
    made: dict[str, list[Mapping[str, Any]]] = {}
    for found in await rows(run, MADE_BY, {**given, "env": env}):
        made.setdefault(found["customer_id"], []).append(found)
    kept = await _stored(run, made, {each.customer_id for each in moments if each.at >= present})
    past = [each for each in moments if each.at < present]
    histories = await _histories(run, past)
    return {
        each: _lives(made.get(each.customer_id, ()), kept if each.at >= present else histories[each], each.at)
        for each in moments
    }


async def belonging(run: Runner, ids: Sequence[str], wanted: Executable) -> dict[str, list[Mapping[str, Any]]]:
    """Read what belongs to subscriptions, by subscription."""
    grouped: dict[str, list[Mapping[str, Any]]] = {id_: [] for id_ in ids}
    for each in await rows(run, wanted, {"ids": sent(grouped)}) if grouped else ():
        grouped[each["subscription_id"]].append(each)
    return grouped


async def _stored(run: Runner, made: Mapping[str, Sequence[Mapping[str, Any]]], of: set[str]) -> dict[str, Facts]:
    found = [each for customer_id, several in made.items() if customer_id in of for each in several]
    ids = [each["id"] for each in found]
    items = await belonging(run, ids, ITEMS)
    changes = await belonging(run, [each["id"] for each in found if each["changes"]], PENDING)
    return {each["id"]: facts_of_row(each, items[each["id"]], changes.get(each["id"], ())) for each in found}


async def _histories(run: Runner, past: Sequence[AsOf]) -> dict[AsOf, dict[str, Facts]]:
    """What was remembered of each customer's subscriptions at its instant; the last that was said counts."""
    if not past:
        return {}
    given = {"customers": even({each.customer_id for each in past}), "latest": max(each.at for each in past)}
    said = await rows(run, REMEMBERED, given)
    last: dict[AsOf, dict[str, dict[str, Any]]] = {each: {} for each in past}
    of: dict[str, list[AsOf]] = {}
    for each in last:
        of.setdefault(each.customer_id, []).append(each)
    for found in said:
        for each in of[found["customer_id"]]:
            if found["since"] <= each.at:
                last[each][found["subscription_id"]] = found["facts"]
    return {each: {id_: facts_read(facts) for id_, facts in found.items()} for each, found in last.items()}


def _lives(made: Sequence[Mapping[str, Any]], kept: Mapping[str, Facts], at: datetime) -> list[Life]:
    return [
        (each["resource_id"], each["created_at"], as_of(kept[each["id"]], at))
        for each in made
        if each["created_at"] <= at and each["id"] in kept
    ]
