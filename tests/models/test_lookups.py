"""What is asked of a customer is found by the customer: an environment has a million others."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from models.choices import SubscriptionOrder
from models.stores.lives import AsOf, lives_of
from models.stores.subscription_pages import SubscriptionWanted
from models.stores.subscriptions import Subscriptions
from tests.models.world import CUSTOMER, ENV, START, environment, settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from models.rows import Runner
    from models.session import Database

OTHER = "cus_other"
ORDERS = (SubscriptionOrder.CREATED_DESC, SubscriptionOrder.CREATED_ASC)


async def _lives(run: Runner) -> object:
    return await lives_of(run, ENV, START, [AsOf(CUSTOMER, START), AsOf(OTHER, START + timedelta(days=1))])


async def _page(run: Runner) -> object:
    mine = SubscriptionWanted(customer_id=CUSTOMER)
    return [await Subscriptions(run, ENV, START).page(mine, order, 2, None) for order in ORDERS]


async def _pages(run: Runner) -> object:
    return [await Subscriptions(run, ENV, START).pages_of([CUSTOMER, OTHER], order, 2, None) for order in ORDERS]


@pytest.mark.parametrize("ask", [_lives, _page, _pages])
async def test_a_customers_subscriptions_are_looked_up_by_the_customer(
    sqlite_database: Database, ask: Callable[[Runner], Awaitable[object]]
) -> None:
    await settle(sqlite_database, *environment())
    heard: list[str] = []
    sqlite_database.heard_by(heard.append)

    async with sqlite_database.reading() as run:
        await ask(run)

    lookups = [line for sql in heard for line in planned(sqlite_database, sql) if " subscription " in f"{line} "]
    assert lookups
    assert [line for line in lookups if "customer_id=?" not in line] == []


def planned(database: Database, sql: str) -> list[str]:
    """How SQLite finds the rows of a statement, whatever is given to it."""
    with sqlite3.connect(database.url.removeprefix("sqlite+aiosqlite:///")) as connection:
        told = connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))
        return [line[3] for line in told]
