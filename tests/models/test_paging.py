"""Pages put together are the whole list, in order, whatever is equal; a cursor that is not ours is refused by name."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from billing.calendar import Period
from billing.lifecycle import Cause, Channel
from billing.refusals import InvalidInput
from models.choices import SubscriptionOrder, UsageKind
from models.paging import LONGEST_CURSOR, cursor_at, cursor_of, instant_and_id_in, number_in
from models.rows import add
from models.stores.journal import EventsWanted
from models.stores.subscription_pages import SubscriptionWanted
from models.stores.usage import UsageWanted
from models.tables import EventRow, UsageRow
from tests.models.world import CUSTOMER, ENV, FEATURE, START, customer, day, facts, subscription, undone, working

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from models.paging import Page
    from models.session import Database

T = TypeVar("T")
ORDERS: dict[SubscriptionOrder, tuple[str, bool]] = {
    SubscriptionOrder.CREATED_ASC: ("created", False),
    SubscriptionOrder.CREATED_DESC: ("created", True),
    SubscriptionOrder.PERIOD_END_ASC: ("ends", False),
    SubscriptionOrder.PERIOD_END_DESC: ("ends", True),
}

days = st.integers(0, 3).map(day)
ids = st.text("ABYZ019", min_size=1, max_size=4)
sizes = st.integers(1, 5)
rows = st.dictionaries(ids, st.tuples(days, days), max_size=12)
sequences = st.sets(st.integers(1, 10**12), max_size=12)
examples = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def walked(ask: Callable[[str | None], Awaitable[Page[T]]], first: int) -> list[T]:
    """Put all pages together, checking what each says of its neighbours."""
    found: list[T] = []
    cursor: str | None = None
    while True:
        page = await ask(cursor)
        assert page.has_previous == (cursor is not None)
        assert len(page.rows) == first or not page.has_next
        found += [value for _, value in page.rows]
        if not page.has_next:
            return found
        cursor = page.rows[-1][0]


@given(rows=rows, first=sizes, order=st.sampled_from(SubscriptionOrder))
@examples
async def test_pages_of_subscriptions_are_the_whole_list(
    shop: Database, rows: dict[str, tuple[datetime, datetime]], first: int, order: SubscriptionOrder
) -> None:
    column, descending = ORDERS[order]
    key = {"created": 0, "ends": 1}[column]
    async with undone(shop) as session:
        for id_, (created, ends) in rows.items():
            of = facts(id=id_, period=Period(START, ends))
            await add(session, subscription(of, created_at=created, resource_id=id_))
        store = working(session, day(0)).subscriptions
        found = await walked(lambda cursor: store.page(SubscriptionWanted(), order, first, cursor), first)

    whole = sorted(rows, key=lambda id_: (rows[id_][key], id_), reverse=descending)
    assert [view.id for view in found] == whole


@given(rows=rows, first=sizes)
@examples
async def test_pages_of_customers_are_the_whole_list(
    shop: Database, rows: dict[str, tuple[datetime, datetime]], first: int
) -> None:
    async with undone(shop) as session:
        for id_, (created, _) in rows.items():
            await add(session, customer(id_, created_at=created))
        store = working(session).customers
        found = await walked(lambda cursor: store.page(first, cursor), first)

    whole = sorted([*((created, id_) for id_, (created, _) in rows.items()), (START, CUSTOMER)], reverse=True)
    assert [view.id for view in found] == [id_ for _, id_ in whole]


@given(numbers=sequences, first=sizes)
@examples
async def test_pages_of_usage_and_events_are_the_whole_list(shop: Database, numbers: set[int], first: int) -> None:
    async with undone(shop) as session:
        for number in numbers:
            await add(session, usage(number), event(number))
        work = working(session)
        used = await walked(lambda cursor: work.usage.page(UsageWanted(CUSTOMER), first, cursor), first)
        own = await walked(lambda cursor: work.journal.page(EventsWanted(CUSTOMER), first, cursor), first)
        placed = await walked(lambda cursor: work.journal.page(EventsWanted(), first, cursor), first)

    assert [view.seq for view in used] == sorted(numbers, reverse=True)
    assert [view.seq for view in own] == sorted(numbers)
    assert [view.position for view in placed] == sorted(number for number in numbers if number % 2)


def usage(number: int) -> UsageRow:
    """A ledger row with a number."""
    return UsageRow(
        id=f"use_{number}", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, seq=number,
        kind=UsageKind.CONSUME, amount=1, limit_amount=1, occurred_at=START, recorded_at=START,
    )  # fmt: skip


def event(number: int) -> EventRow:
    """An event with a number; odd ones have a position."""
    return EventRow(
        id=f"evt_{number}", environment_id=ENV, owner_id=CUSTOMER, seq=number, type="usage.recorded", subject_id="use",
        occurred_at=START, recorded_at=START, cause=Cause.REQUEST, channel=Channel.API,
        position=number if number % 2 else None,
    )  # fmt: skip


@given(st.integers(-(2**62) + 1, 2**62 - 1))
def test_a_number_comes_out_of_its_cursor(number: int) -> None:
    assert number_in(cursor_of((number,))) == number


@given(st.datetimes(timezones=st.just(START.tzinfo)), ids)
def test_an_instant_and_an_id_come_out_of_their_cursor(instant: datetime, id_: str) -> None:
    assert instant_and_id_in(cursor_at(instant, id_)) == (instant, id_)


def written(*parts: Any) -> str:
    """A cursor of anything."""
    return base64.urlsafe_b64encode(orjson.dumps([*parts])).decode().rstrip("=")


FOREIGN = {
    "nothing": "",
    "words": "last page",
    "no base 64": "%%%%",
    "other letters": "WzEs\u00ef",
    "no JSON": base64.b64encode(b"[1,").decode(),
    "no list": base64.b64encode(b"{}").decode().rstrip("="),
    "too many": written(1, "a", 2),
    "none": written(),
    "nested": written([1], "a"),
    "a flag": written(*[True, "a"]),
    "a fraction": written(1.5, "a"),
    "too large": written(2**62, "a"),
    "beyond all numbers": base64.b64encode(b"[1" + b"0" * 40 + b',"a"]').decode().rstrip("="),
    "no instant": written(2**61, "a"),
    "words for an instant": written("yesterday", "a"),
    "a number for an id": written(1, 2),
    "a NUL": written(1, "a\0"),
    "not as we write it": base64.b64encode(b'[1, "a"]').decode().rstrip("="),
    "with an end": written(1, "a") + "==",
    "too long": written(1, "a" * LONGEST_CURSOR),
}


@pytest.mark.parametrize("cursor", FOREIGN.values(), ids=FOREIGN)
def test_a_cursor_that_is_not_ours_is_refused_by_name(cursor: str) -> None:
    for read in (number_in, instant_and_id_in):
        with pytest.raises(InvalidInput) as refused:
            read(cursor)
        assert (refused.value.code, refused.value.field) == ("INVALID_INPUT", "after")


def rewritten(cursor: str) -> set[str]:
    """A cursor written again from what either way of reading makes of it."""
    found: set[str] = set()
    with suppress(InvalidInput):
        found.add(cursor_of((number_in(cursor),)))
    with suppress(InvalidInput):
        found.add(cursor_at(*instant_and_id_in(cursor)))
    return found


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
@example(written(1))
@example(written(1, "a"))
def test_whatever_is_given_as_a_cursor_is_ours_or_refused(cursor: str) -> None:
    assert rewritten(cursor) <= {cursor}
