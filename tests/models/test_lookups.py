"""What is asked of a customer is found by the customer: an environment has a million others."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from models.choices import SubscriptionOrder
from models.rows import rows
from models.stores.lives import ITEMS, AsOf, belonging, lives_of
from models.stores.subscription_pages import SubscriptionWanted
from models.stores.subscriptions import Subscriptions
from tests.models.world import CUSTOMER, ENV, START, environment, settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from models.rows import Runner
    from models.session import Database

OTHER = "cus_other"
FILLED = (
    "SET LOCAL session_replication_role = replica",
    """
    INSERT INTO subscription_item
        (id, environment_id, subscription_id, plan_id, plan_version_id, price_id, quantity, add_on)
    SELECT 'sbi' || n, 'env', 'sub' || n, 'plan', 'version', '', 1, false FROM generate_series(1, 10000) AS n
    """,
    "ANALYZE subscription_item",
)
"""Items alone, as many as a small shop has."""
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


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_what_a_list_names_is_looked_up_where_the_server_would_join_it_to_the_whole_table(
    database: Database,
) -> None:
    """A list is sent as one parameter, of which the planner knows no length."""
    heard: list[str] = []
    async with database.working() as run:
        for statement in FILLED:
            await run.execute(text(statement))
        database.heard_by(heard.append)
        found = await belonging(run, ["sub7"], ITEMS)
        explained = heard[0].replace("$1::VARCHAR", "'[\"sub7\"]'")
        told = [str(line) for each in await rows(run, text(f"EXPLAIN {explained}")) for line in each.values()]

    assert [each["id"] for each in found["sub7"]] == ["sbi7"]
    assert "subscription_id = ANY" in "\n".join(told)
    assert [line for line in told if "Seq Scan" in line] == []


def planned(database: Database, sql: str) -> list[str]:
    """How SQLite finds the rows of a statement, whatever is given to it."""
    with sqlite3.connect(database.url.removeprefix("sqlite+aiosqlite:///")) as connection:
        told = connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))
        return [line[3] for line in told]
