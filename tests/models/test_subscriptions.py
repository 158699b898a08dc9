"""Subscriptions come back as they were kept, as of any instant, and lists judge their state by the same rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from billing.lifecycle import ChangeKind, State, Status
from billing.refusals import TemporarilyUnavailable
from billing.subscriptions import Facts, Item, Scheduled, Target, as_of, next_due
from models.choices import SubscriptionOrder
from models.rows import rows
from models.stores.kept import facts_kept, facts_read
from models.stores.subscription_pages import SubscriptionWanted
from models.stores.subscription_states import state_sql
from models.tables import SubscriptionRow
from models.tables.base import table
from tests.models.subscribed import days, keep, kept, later, plans, several
from tests.models.world import CUSTOMER, START, Numbered, day, facts, settle, subscription, undone, working

if TYPE_CHECKING:
    from datetime import datetime

    from models.session import Database

S = table(SubscriptionRow)
FAR = day(10_000)

examples = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def market(shop: Database) -> Database:
    """A shop with several plans."""
    await settle(shop, *plans())
    return shop


@given(kept())
def test_facts_come_out_of_their_document(facts: Facts) -> None:
    assert facts_read(orjson.loads(orjson.dumps(facts_kept(facts)))) == facts


@given(every=several)
@examples
async def test_facts_come_out_of_their_rows(market: Database, every: tuple[Facts, ...]) -> None:
    async with undone(market) as session:
        await keep(session, every)
        found = {view.id: view.facts for view in await working(session).subscriptions.due(CUSTOMER, FAR)}

    assert found == {facts.id: facts for facts in every if next_due(facts) is not None}


@given(every=several, at=days | later)
@examples
async def test_a_list_judges_the_state_as_the_engine_does(
    market: Database, every: tuple[Facts, ...], at: datetime
) -> None:
    async with undone(market) as session:
        await keep(session, every)
        judged = await rows(session, select(S.c.id, state_sql(at).label("state")))

    assert {row["id"]: row["state"] for row in judged} == {facts.id: as_of(facts, at).state.value for facts in every}


@given(every=several, at=days | later, states=st.sets(st.sampled_from(State), min_size=1))
@examples
async def test_a_list_by_state_is_what_each_answers(
    market: Database, every: tuple[Facts, ...], at: datetime, states: set[State]
) -> None:
    async with undone(market) as session:
        await keep(session, every)
        wanted = SubscriptionWanted(states=tuple(states))
        page = await working(session, at).subscriptions.page(wanted, SubscriptionOrder.CREATED_ASC, 10, None)

    assert [(view.id, view.facts) for _, view in page.rows] == [
        (facts.id, as_of(facts, at)) for facts in every if as_of(facts, at).state in states
    ]


@given(every=several, at=days | later, plan=st.sampled_from(["p0", "p1", "p2"]))
@examples
async def test_a_list_by_plan_is_what_each_answers(
    market: Database, every: tuple[Facts, ...], at: datetime, plan: str
) -> None:
    async with undone(market) as session:
        await keep(session, every)
        wanted = SubscriptionWanted(plan_id=plan)
        page = await working(session, at).subscriptions.page(wanted, SubscriptionOrder.CREATED_ASC, 10, None)

    assert [view.id for _, view in page.rows] == [facts.id for facts in every if as_of(facts, at).plan_id == plan]


@given(every=several, at=days | later)
@examples
async def test_what_was_kept_first_is_due_first(market: Database, every: tuple[Facts, ...], at: datetime) -> None:
    async with undone(market) as session:
        await keep(session, every)
        earliest = await working(session).due.earliest(at)

    due = [instant for facts in every if (instant := next_due(facts)) and instant <= at]
    assert earliest == ((CUSTOMER, min(due)) if due else None)


@given(steps=st.lists(st.tuples(later, kept()), min_size=1, max_size=5), at=days | later)
@examples
async def test_the_past_is_what_was_remembered_of_it(
    market: Database, steps: list[tuple[datetime, Facts]], at: datetime
) -> None:
    lived = sorted(steps, key=lambda step: step[0])
    present = day(30)
    async with undone(market) as session:
        await keep(session, [lived[-1][1]], created=lambda _: lived[0][0])
        work = working(session, present)
        for number, (since, facts) in enumerate(lived):
            await work.subscriptions.remember(CUSTOMER, facts, number, since)
        found = await work.subscriptions.facts_of(CUSTOMER, at)

    known = [facts for since, facts in lived if since <= at]
    assert found == ([("sub", lived[0][0], as_of(known[-1], at))] if known else [])


async def test_the_future_is_what_time_makes_of_the_present(market: Database) -> None:
    ending = facts(scheduled=(Scheduled("sch", ChangeKind.CANCEL, day(31)),))
    async with undone(market) as session:
        await keep(session, [ending])
        store = working(session, day(10)).subscriptions

        assert await store.facts_of(CUSTOMER, day(10)) == [("sub", START, ending)]
        [(_, _, then)] = await store.facts_of(CUSTOMER, day(31))
        assert (then.status, then.ended_at) == (Status.CANCELED, day(31))


async def test_saving_changed_facts_keeps_them_whole(market: Database) -> None:
    before = facts()
    after = as_of(replace(before, scheduled=(Scheduled("sch", ChangeKind.QUANTITY, day(2), quantity=8),)), day(40))
    async with undone(market) as session:
        await keep(session, [before])
        store = working(session, day(40)).subscriptions
        await store.save(before, after, Numbered())

        assert [view.facts for view in await store.due(CUSTOMER, FAR)] == [after]
        assert after.quantity == 8


async def test_a_plan_change_at_the_instant_of_the_end_does_not_happen(market: Database) -> None:
    target = Target("p1", "p1", (Item("p1", "p1", "", 1),), facts().interval)
    changes = (Scheduled("a", ChangeKind.CANCEL, day(5)), Scheduled("b", ChangeKind.PLAN_CHANGE, day(5), target=target))
    async with undone(market) as session:
        await keep(session, [facts(scheduled=changes)])
        store = working(session, day(5)).subscriptions
        listed = [
            await store.page(SubscriptionWanted(plan_id=plan), SubscriptionOrder.CREATED_ASC, 5, None)
            for plan in ("p1", "pln")
        ]

    assert [[view.facts.status for _, view in page.rows] for page in listed] == [[], [Status.CANCELED]]


async def test_a_customer_has_one_live_subscription_of_a_product_and_resource(market: Database) -> None:
    await settle(market, subscription())
    with pytest.raises(TemporarilyUnavailable):
        await settle(market, subscription(facts(id="sub2")))
    await settle(market, subscription(facts(id="sub3"), resource_id="site"))
    await settle(market, subscription(facts(id="sub4", status=Status.CANCELED, ended_at=day(3))))
